"""What every service of one local cloud shares."""

from __future__ import annotations

import random

from localcloud.clock import Clock
from localcloud.faults import Faults
from localcloud.meters import Meters
from localcloud.settings import Settings


class Core:
    """Settings, clock, meters, faults and randomness of one cloud."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock(time_lapse=settings.time_lapse)
        self.meters = Meters()
        self.faults = Faults(settings.seed)
        self.random = random.Random(settings.seed)  # noqa: S311 - not for secrets
