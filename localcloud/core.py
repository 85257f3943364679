"""State shared by all services of a local cloud, and the network that functions see."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import orjson

from localcloud.clock import Clock
from localcloud.faults import Faults
from localcloud.function_work import WorkMeters
from localcloud.meters import Meters
from localcloud.persistence.journal import Journal
from localcloud.settings import Settings, override
from localcloud.work_folder import WorkFolder


@dataclass(frozen=True)
class FunctionNetwork:
    """The network of a function's process.

    Attributes:
        ports: the local ports of Alibaba Cloud's host names, by requested port; other ports are
            unchanged.
        authority: file of the authority that issued their certificates; empty for none.
        offline: whether connections to other hosts are refused.
    """

    ports: Mapping[str, int] = field(default_factory=dict)
    authority: str = ""
    offline: bool = False

    def to_json(self) -> str:
        """Return the network as JSON for the process."""
        return orjson.dumps(asdict(self)).decode()


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
