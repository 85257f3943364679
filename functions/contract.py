"""What crosses the boundaries: the run's input, outcomes, ledger records, error names.

The functions, the stack and the command line share these names; people script against them.
Standard library only: every import here is paid at each cold start. The functions' runtime is
Python 3.10, so nothing newer is used here or anywhere else in this package.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import Enum
from typing import Any, Final, Literal

ARCHIVE: Final = "Archive"
COLD_ARCHIVE: Final = "ColdArchive"
DEEP_COLD_ARCHIVE: Final = "DeepColdArchive"
ARCHIVE_CLASSES: Final = (ARCHIVE, COLD_ARCHIVE, DEEP_COLD_ARCHIVE)
UNKNOWN_CLASS: Final = "Unknown"  # of an object that a manifest names and that is not there

# Days an object may stay readable, by class (OSS RestoreObject, EC 0016-00000704 and -708).
MAX_DAYS: Final[Mapping[str, int]] = {ARCHIVE: 7, COLD_ARCHIVE: 365, DEEP_COLD_ARCHIVE: 365}

# Tiers a class takes, fastest first; "Standard" is the default. Archive has none, and refuses any.
TIERS: Final[Mapping[str, tuple[str, ...]]] = {
    ARCHIVE: (),
    COLD_ARCHIVE: ("Expedited", "Standard", "Bulk"),
    DEEP_COLD_ARCHIVE: ("Expedited", "Standard"),
}
DEFAULT_TIER: Final = "Standard"


def has_slower_tier(storage_class: str, tier: str) -> bool:
    """Whether objects of a class may be thawing at a slower tier than this one."""
    return tier in TIERS[storage_class][:-1]


# Limits of Serverless Workflow that the functions' answers keep (docs 122493).
MAX_FOREACH: Final = 100
STEP_BYTES: Final = 32 * 1024  # input + output + local of one step
RUN_BYTES: Final = 6 * 1024  # the run travels in nearly every step; more is refused at the start

# What FC has to allow each function: their own time budgets end well before it.
FUNCTION_TIMEOUT_SECONDS: Final = 600


def json_bytes(value: object) -> int:
    r"""Bytes of a value as JSON with every non-ASCII character as ``\uXXXX``, the longest form."""
    return len(json.dumps(value))


WaitFor = Literal["page", "run", "none"]
WAIT_FOR: Final[tuple[WaitFor, ...]] = ("page", "run", "none")


class Outcome(str, Enum):
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

    __str__ = str.__str__  # the value in every text, on every Python


# Objects that were asked for and are not being thawed. They make a run's `failed`.
FAILURES: Final = frozenset({Outcome.DENIED, Outcome.REJECTED, Outcome.FAILED})


def camel_case(name: str) -> str:
    """``group_size`` as it is written in JSON: ``groupSize``."""
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def _means(meaning: str) -> Mapping[str, str]:
    return {"meaning": meaning}


Versions = Literal["current", "all"]
VERSIONS: Final[tuple[Versions, ...]] = ("current", "all")

ManifestFormat = Literal["csv", "inventory"]
MANIFEST_FORMATS: Final[tuple[ManifestFormat, ...]] = ("csv", "inventory")


@dataclass(frozen=True, kw_only=True)
class ManifestInput:
    """Where a run's manifest is.

    Attributes:
        bucket: with the manifest; empty for the report bucket.
        key: of the CSV, or of the ``manifest.json`` of an OSS inventory.
        format: which of the two it is.
    """

    bucket: str
    key: str
    format: ManifestFormat

    @property
    def is_inventory(self) -> bool:
        """Whether it lists further files."""
        return self.format == "inventory"


@dataclass(frozen=True, kw_only=True)
class RunInput:
    """What an operator asks for. In JSON the names are in camelCase, the tuples lists.

    Defaults and meanings stand here and nowhere else; documentation and command line read them
    from :func:`dataclasses.fields` (``default`` and ``metadata["meaning"]``).
    """

    endpoint: str = field(metadata=_means("OSS endpoint, such as oss-cn-hangzhou.aliyuncs.com"))
    bucket_name: str = field(metadata=_means("the bucket whose objects are thawed"))
    prefix: str = field(default="", metadata=_means("only keys that start with it"))
    prefixes: tuple[str, ...] = field(
        default=(),
        metadata=_means("in place of prefix: several, each with a lister of its own"),
    )
    shards: str = field(
        default="1",
        metadata=_means("listers that share the keys out: a number up to 32, or auto"),
    )
    marker: str = field(default="", metadata=_means("listing starts after this key"))
    manifest: ManifestInput | None = field(
        default=None,
        metadata=_means(
            "a list of the objects to thaw, in place of listing the bucket: {bucket, key, format};"
            " format is csv or inventory, told by the key if absent, and bucket the report bucket"
        ),
    )
    versions: Versions = field(
        default="current",
        metadata=_means("current: objects as they are; all: older versions of them, too"),
    )
    max_keys: int = field(default=100, metadata=_means("archived objects per page, 1 to 1000"))
    group_size: int = field(default=1, metadata=_means("objects per restore task, 1 to 1000"))
    workers: int = field(default=10, metadata=_means("threads inside one restore task, 1 to 100"))
    poll_interval: int = field(default=10, metadata=_means("seconds between status checks"))
    wait_for: WaitFor = field(
        default="run",
        metadata=_means(
            "page: wait for each page before the next; run: submit everything, then wait once;"
            " none: end after submitting"
        ),
    )
    storage_classes: tuple[str, ...] = field(
        default=ARCHIVE_CLASSES, metadata=_means("which classes to thaw")
    )
    days: int | None = field(
        default=None,
        metadata=_means(
            "days for which the objects stay readable; if absent 1, and more for the classes that"
            " are thawed sooner than the run's slowest, so that all are readable at its end"
        ),
    )
    tier: str | None = field(
        default=None, metadata=_means("Expedited, Standard or Bulk; the class's default if absent")
    )
    until: str = field(default="", metadata=_means("the last key to look at"))
    include: tuple[str, ...] = field(
        default=(), metadata=_means("globs: only keys that match one of them")
    )
    exclude: tuple[str, ...] = field(
        default=(), metadata=_means("globs: no keys that match one of them")
    )
    min_size: int | None = field(default=None, metadata=_means("the smallest size, in bytes"))
    max_size: int | None = field(default=None, metadata=_means("the largest size, in bytes"))
    modified_before: str | None = field(
        default=None, metadata=_means("only objects modified before this moment (ISO 8601)")
    )
    modified_after: str | None = field(
        default=None, metadata=_means("only objects modified at this moment or later (ISO 8601)")
    )
    extend_readable: bool = field(
        default=False, metadata=_means("send for objects that are readable already too; it costs")
    )
    upgrade_tier: bool = field(
        default=False,
        metadata=_means(
            "send, too, for objects that are thawing at a slower tier than the run's; it costs"
        ),
    )
    objects_per_second: float | None = field(
        default=None, metadata=_means("cap on RestoreObject requests a second")
    )
    dry_run: bool = field(default=False, metadata=_means("list and classify, send nothing"))

    def to_json(self) -> dict[str, object]:
        """Every field, under its JSON name."""
        values = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {camel_case(name): _json_value(value) for name, value in values}


def _json_value(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return asdict(value) if isinstance(value, ManifestInput) else value


@dataclass(frozen=True, kw_only=True)
class Run(RunInput):
    """A run that has started: its complete input and its id, the root execution's name."""

    run_id: str


@dataclass(frozen=True)
class OutcomeRecord:
    """One line of the ledger: what became of one object.

    Attributes:
        size: bytes; None where the record was written without looking at a listing.
        http_status: of the answer that decided; 0 where nothing was sent.
        error_code: OSS's code, or the name of the error that ended the flow's task.
    """

    key: str
    outcome: Outcome
    storage_class: str
    size: int | None = None
    http_status: int = 0
    error_code: str = ""
    message: str = ""
    version_id: str = ""

    def to_json(self) -> dict[str, object]:
        """The fields that say something, under their JSON names."""
        values = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {camel_case(name): value for name, value in values if value not in (None, "")}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> OutcomeRecord:
        """The record of one line, as :meth:`to_json` wrote it."""
        known = {
            f.name: data[camel_case(f.name)] for f in fields(cls) if camel_case(f.name) in data
        }
        return cls(**{**known, "outcome": Outcome(data["outcome"])})


@dataclass(frozen=True)
class Tally:
    """Some objects, and how many bytes they have together."""

    objects: int = 0
    bytes: int = 0

    def plus(self, size: int) -> Tally:
        """With one object more."""
        return Tally(self.objects + 1, self.bytes + size)


@dataclass(frozen=True)
class PageRecord:
    """What one page of a run covered; what its groups' records are checked against.

    Attributes:
        after: the key behind which it starts.
        until: the last key it looked at.
        end: whether that was the last page.
        scanned: objects looked at, of any class.
        sorted_out: objects in scope that needed no request; each has its line in the ledger. None
            where the groups are ranges: their tasks record these objects, too.
        groups: restore tasks that the other objects in scope were handed to.
        to_send: those objects, by storage class. In a dry run nobody was handed them.
        ranges: whether the groups are ranges of keys. What is in one is listed by its task.
    """

    page: int
    after: str
    until: str
    end: bool
    scanned: int
    sorted_out: int
    groups: int
    to_send: Mapping[str, Tally]
    ranges: bool = False

    @property
    def listed(self) -> int:
        """Archived objects in the run's scope that this listing answers for."""
        if self.ranges:
            return 0
        return self.sorted_out + sum(tally.objects for tally in self.to_send.values())

    def to_json(self) -> dict[str, object]:
        """Every field, under its JSON name."""
        return {camel_case(name): value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PageRecord:
        """The record that :meth:`to_json` wrote."""
        values = {f.name: data[camel_case(f.name)] for f in fields(cls)}
        tallies = {name: Tally(**tally) for name, tally in values["to_send"].items()}
        return cls(**{**values, "to_send": tallies})


STOP_MARK: Final = "stop"  # in a run's folder: every further call of the run ends with RunStopped


def run_folder(report_prefix: str, run_id: str) -> str:
    """Where a run's ledger is in the report bucket."""
    return f"{report_prefix}runs/{run_id}/"


# Fields of a run's summary, which is its flow's output.
SUMMARY: Final = (
    "runId",
    "dryRun",
    "pages",
    "scanned",
    "listed",
    "parts",
    "failedRanges",
    "planned",
    "bytes",
    "byClass",
    "archived",
    "outcomes",
    "failed",
    "unaccounted",
    "wrongRows",
    "report",
)


class RunError(Exception):
    """A fault of the whole run. The class's name reaches the flow as the error's name."""


class InvalidInput(RunError):  # noqa: N818 - the name is the flow's error name
    """The run's input is wrong; names every bad field at once. Never retried."""


class NoSuchBucket(RunError):  # noqa: N818
    """The bucket does not exist. Never retried."""


class AccessDenied(RunError):  # noqa: N818
    """RAM refused a call; names the action and the resource. Never retried."""


class StorageRefused(RunError):  # noqa: N818
    """OSS refused a call as wrong (another 4xx); names its code. Never retried."""


class InvalidDeployment(RunError):  # noqa: N818
    """The function's own environment is wrong; names the variable. Never retried."""


class RunStopped(RunError):  # noqa: N818
    """Somebody stopped the run. Never retried."""


class StorageUnavailable(RunError):  # noqa: N818
    """OSS kept failing after this call's own retries. The flow retries the task."""


# Errors that end a run at once, by name.
FATAL_ERRORS: Final = tuple(
    error.__name__
    for error in (
        InvalidInput,
        NoSuchBucket,
        AccessDenied,
        StorageRefused,
        InvalidDeployment,
        RunStopped,
    )
)
RETRYABLE_ERRORS: Final = (StorageUnavailable.__name__,)
