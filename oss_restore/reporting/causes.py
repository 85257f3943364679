"""Causes for which objects are not thawed, with counts and advice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from oss_restore.language import N_
from oss_restore.language import gettext as _
from thaw.ledger import Part
from thaw.outcomes import Outcome, OutcomeRecord

EXAMPLES: Final = 3
_MOST_CAUSES: Final = 200  # limits memory; OSS has fewer codes
_OTHER: Final = "others"

_BY_CODE: Final[Mapping[str, str]] = {
    "UnsupportedKey": N_(
        "HTTP clients cannot address the keys . and ..: thaw it in the "
        "console, or copy the object to another key."
    ),
    "OutOfTime": N_(
        "Its restore task ran out of time before reaching it: run "
        "retry-failed with a smaller --group-size or more --workers."
    ),
    "InvalidArgument": N_(
        "OSS does not accept these days or this tier for its storage "
        "class: run retry-failed with other --days or --tier."
    ),
    "MalformedXML": N_(
        "OSS does not accept these days or this tier for its storage "
        "class: run retry-failed with other --days or --tier."
    ),
    "DestinationExists": N_(
        "Another object has the key of its copy, and is not overwritten: delete that object or "
        "choose another prefix. Then run retry-failed."
    ),
    "SourceChanged": N_(
        "It was overwritten before it was copied: start the run again to copy its current content."
    ),
    "FrozenAgain": N_("It was frozen again before its copy: run retry-failed with more --days."),
    "AppendableTooLarge": N_(
        "OSS cannot copy appendable objects in parts: download it and upload it again."
    ),
    "KeyTooLong": N_("The key of its copy would be longer than 1,023 bytes: use a shorter prefix."),
    "CopyDiffers": N_(
        "Its copy was not the same, even when it was made again: report it to OSS, and do not "
        "delete the original. Delete a wrong copy in another bucket before you run retry-failed."
    ),
    "OlderVersionFailed": N_(
        "An older version of it, which has to be copied first, was not copied: remove the cause, "
        "and start the same run again."
    ),
    "ArchivedNotRemoved": N_(
        "It has been promoted, but its archived version is still billed: remove the cause, and "
        "delete the version named in the message yourself."
    ),
    "InvalidObjectState": N_(
        "OSS rejected the request as invalid. Look up its error code in "
        "the OSS documentation; retry-failed sends it again."
    ),
}
_BY_OUTCOME: Final[Mapping[str, str]] = {
    Outcome.DENIED.value: N_(
        "Grant oss:RestoreObject on it to the functions' role: add the "
        "bucket and prefix to the environment file and deploy. Look for "
        "a bucket policy that denies it. Then run retry-failed."
    ),
    Outcome.REJECTED.value: N_(
        "OSS rejected the request as invalid. Look up its error code in "
        "the OSS documentation; retry-failed sends it again."
    ),
    Outcome.FAILED.value: N_(
        "OSS or the network kept failing, and retries ran out: run "
        "retry-failed later, with --objects-per-second if OSS was "
        "throttling."
    ),
    Outcome.COPY_FAILED.value: N_(
        "It was not copied. Look up the error code in the OSS documentation, remove the cause, and "
        "run retry-failed: what has been copied is not copied again."
    ),
    Outcome.VANISHED.value: N_(
        "It has been deleted, or never existed. Nothing needs to be done unless it should exist."
    ),
}


@dataclass
class Cause:
    """A cause with its objects.

    Attributes:
        outcome: outcome of its objects.
        code: OSS's error code, or the name of the error that ended the flow's task.
        http_status: status of OSS's last response; 0 if there was none.
        message: error message for the first object.
        objects: number of objects.
        classes: number of objects by storage class.
        examples: the first few keys.
    """

    outcome: str
    code: str
    http_status: int
    message: str
    objects: int = 0
    classes: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    @property
    def advice(self) -> str:
        """Advice on resolving the cause."""
        advice = _BY_CODE.get(self.code) if self.outcome != Outcome.DENIED.value else None
        return _(advice or _BY_OUTCOME[self.outcome])

    def add(self, key: str, storage_class: str) -> None:
        """Count an object."""
        self.objects += 1
        self.classes[storage_class] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(key)

    def to_json(self) -> dict[str, object]:
        """Convert it to JSON."""
        return {
            "outcome": self.outcome,
            "code": self.code,
            "httpStatus": self.http_status,
            "objects": self.objects,
            "classes": dict(self.classes),
            "message": self.message,
            "advice": self.advice,
            "examples": self.examples,
        }


class Causes:
    """Counts objects by cause, with only a few keys in memory."""

    def __init__(self) -> None:
        self._causes: dict[tuple[str, str, int], Cause] = {}

    def add(self, part: Part) -> None:
        """Count the objects of a part of the ledger."""
        for record in part.records:
            self._add_record(record)

    def counting(self, parts: Iterable[Part]) -> Iterator[Part]:
        """Yield parts, and count each."""
        for part in parts:
            self.add(part)
            yield part

    def by_objects(self) -> list[Cause]:
        """Return the causes, those with most objects first."""
        return sorted(self._causes.values(), key=lambda cause: (-cause.objects, cause.code))

    @property
    def objects(self) -> int:
        """The number of objects of all causes."""
        return sum(cause.objects for cause in self._causes.values())

    def _add_record(self, record: OutcomeRecord) -> None:
        cause = self._cause(
            record.outcome.value, record.error_code, record.http_status, record.message
        )
        cause.add(record.key, record.storage_class)

    def _cause(self, outcome: str, code: str, status: int, message: str) -> Cause:
        cause = self._causes.get((outcome, code, status))
        if cause is None and len(self._causes) >= _MOST_CAUSES:
            code, status, message = _OTHER, 0, ""
            cause = self._causes.get((outcome, code, status))
        if cause is None:
            cause = Cause(outcome, code, status, message)
            self._causes[outcome, code, status] = cause
        return cause


def causes_of(parts: Iterable[Part]) -> Causes:
    """Collect the causes in some parts of a ledger."""
    causes = Causes()
    for part in parts:
        causes.add(part)
    return causes
