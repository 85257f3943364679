"""The outcomes of objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, Final

from thaw.json_reader import camel_case


class Outcome(str, Enum):
    """The outcome of one object. A closed set."""

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

    # Outcomes of copying or promoting, see thaw.after_thaw.
    COPIED = "copied"
    PROMOTED = "promoted"
    PRESENT = "present"
    COPY_FAILED = "copy_failed"

    __str__ = str.__str__  # the value in every text, on every Python


# Error codes of copies.
NOT_REMOVED: Final = "ArchivedNotRemoved"  # the archived version still exists
MISMATCH: Final = "CopyDiffers"  # the copy differs from its source

AFTER_THAW: Final = frozenset(
    {Outcome.COPIED, Outcome.PROMOTED, Outcome.PRESENT, Outcome.COPY_FAILED}
)
# Objects that were requested and are not being thawed: a run's `failed`; and failed copies.
FAILURES: Final = frozenset({Outcome.DENIED, Outcome.REJECTED, Outcome.FAILED, Outcome.COPY_FAILED})


@dataclass(frozen=True)
class OutcomeRecord:
    """One line of the ledger: the outcome of one object.

    Attributes:
        size: its size in bytes; None if the object was not listed.
        http_status: status of the decisive response; 0 if nothing was sent.
        error_code: OSS's code, or the name of the error that ended the flow's task.
        modified: when the object was written, in seconds since 1970; only for objects that needed
            no request.
        etag: its ETag without quotes; only for these, in runs that copy or promote.
        listed_at: when its page was listed, in seconds since 1970; likewise.
        removed_version: the archived version that was removed after the promotion.
        source_stays: whether the promotion left the archived object as an older version.
    """

    key: str
    outcome: Outcome
    storage_class: str
    size: int | None = None
    http_status: int = 0
    error_code: str = ""
    message: str = ""
    version_id: str = ""
    modified: int | None = None
    etag: str = ""
    listed_at: int | None = None
    removed_version: str = ""
    source_stays: bool | None = None

    @property
    def name(self) -> tuple[str, str]:
        """The object's key and version id."""
        return self.key, self.version_id

    def to_json(self) -> dict[str, object]:
        """Return the fields that are not empty, under their JSON names."""
        values = ((key, getattr(self, name)) for name, key in _FIELDS)
        return {key: value for key, value in values if value not in (None, "")}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> OutcomeRecord:
        """Parse what :meth:`to_json` returned."""
        values = {name: data[key] for name, key in _FIELDS if key in data}
        return cls(**{**values, "outcome": Outcome(data["outcome"])})


# The name of each field, here and in JSON: worked out once, for millions of records.
_FIELDS: Final = tuple((field.name, camel_case(field.name)) for field in fields(OutcomeRecord))
