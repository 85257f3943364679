"""State shared by all services of a local cloud."""

from __future__ import annotations

import random
from collections.abc import Mapping

from localcloud.clock import Clock
from localcloud.faults import Faults
from localcloud.function_network import FunctionNetwork
from localcloud.function_work import WorkMeters
from localcloud.meters import Meters
from localcloud.persistence.journal import Journal
from localcloud.settings import Settings, override
from localcloud.work_folder import WorkFolder


class Core:
    """Settings, clock, meters, faults, random numbers, journal, folders and network of a cloud."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.settings_changes: dict[str, str | float | None] = {}
        self.work = WorkFolder()
        self.clock = Clock(time_lapse=settings.time_lapse)
        self.journal = Journal()
        self.meters = Meters(changed=self.journal.count)
        self.function_work = WorkMeters()
        self.faults = Faults(settings.seed)
        self.random = random.Random(settings.seed)  # noqa: S311 - not for secrets
        self.network = FunctionNetwork(offline=settings.offline)

    def change_settings(self, changes: Mapping[str, str | float | None]) -> None:
        """Set switches and limits by name, for later executions; may raise ``ValueError``."""
        self.settings = override(self.settings, changes)
        self.settings_changes |= changes
        self.journal.touch("settings")
