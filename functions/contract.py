"""What crosses the boundaries: the run's input, outcomes, ledger records, error names.

The functions, the stack and the command line share these names; people script against them.
Standard library only: every import here is paid at each cold start.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

ARCHIVE: Final = "Archive"
COLD_ARCHIVE: Final = "ColdArchive"
DEEP_COLD_ARCHIVE: Final = "DeepColdArchive"
ARCHIVE_CLASSES: Final = (ARCHIVE, COLD_ARCHIVE, DEEP_COLD_ARCHIVE)

# Days an object may stay readable, by class (OSS RestoreObject, EC 0016-00000704 and -708).
MAX_DAYS: Final = {ARCHIVE: 7, COLD_ARCHIVE: 365, DEEP_COLD_ARCHIVE: 365}

# Tiers a class takes, fastest first; "Standard" is the default. Archive has none, and refuses any.
TIERS: Final[dict[str, tuple[str, ...]]] = {
    ARCHIVE: (),
    COLD_ARCHIVE: ("Expedited", "Standard", "Bulk"),
    DEEP_COLD_ARCHIVE: ("Expedited", "Standard"),
}

WaitFor = Literal["page", "run", "none"]


class Outcome(StrEnum):
    """What became of one object. A closed set."""

    REQUESTED = "requested"
    ALREADY_THAWING = "already_thawing"
    ALREADY_READABLE = "already_readable"
    EXTENDED = "extended"
    UPGRADED = "upgraded"
    NOT_ARCHIVED = "not_archived"
    FOLDER_MARKER = "folder_marker"
    SYMLINK = "symlink"
    VANISHED = "vanished"
    DENIED = "denied"
    REJECTED = "rejected"
    FAILED = "failed"


@dataclass(frozen=True)
class OutcomeRecord:
    """One line of the ledger."""

    key: str
    outcome: Outcome
    storage_class: str
    size: int
    http_status: int = 0
    error_code: str = ""
    message: str = ""
    version_id: str = ""


class RunError(Exception):
    """A fault of the whole run. The class's name reaches the flow as the error's name."""


class InvalidInput(RunError):  # noqa: N818 - the name is the flow's error name
    """The run's input is wrong; names every bad field at once. Never retried."""


class NoSuchBucket(RunError):  # noqa: N818
    """The bucket does not exist. Never retried."""


class AccessDenied(RunError):  # noqa: N818
    """RAM refused a call; names the action and the resource. Never retried."""


class StorageUnavailable(RunError):  # noqa: N818
    """OSS kept failing after this call's own retries. The flow retries the task."""


# Errors that end a run at once, by name.
FATAL_ERRORS: Final = (InvalidInput.__name__, NoSuchBucket.__name__, AccessDenied.__name__)
RETRYABLE_ERRORS: Final = (StorageUnavailable.__name__,)
