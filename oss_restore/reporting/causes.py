"""Why objects are not thawed, how many for each cause, and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from oss_restore.language import Message
from oss_restore.messages import advice
from thaw.ledger import Part
from thaw.outcomes import Outcome, OutcomeRecord

EXAMPLES: Final = 3
_MOST_CAUSES: Final = 200  # codes come from OSS, which has fewer; a guard for memory
_OTHER: Final = "others"

_BY_CODE: Final[Mapping[str, Message]] = {
    "UnsupportedKey": advice.UNSUPPORTED_KEY,
    "OutOfTime": advice.OUT_OF_TIME,
    "InvalidArgument": advice.WRONG_DAYS_OR_TIER,
    "MalformedXML": advice.WRONG_DAYS_OR_TIER,
    "InvalidObjectState": advice.REJECTED,
}
_BY_OUTCOME: Final[Mapping[str, Message]] = {
    Outcome.DENIED.value: advice.DENIED,
    Outcome.REJECTED.value: advice.REJECTED,
    Outcome.FAILED.value: advice.FAILED,
    Outcome.VANISHED.value: advice.VANISHED,
}


@dataclass
class Cause:
    """Objects that share a reason.

    Attributes:
        outcome: of each of them.
        code: OSS's, or the name of the error that ended the flow's task.
        http_status: of the answer that decided; 0 where there was none.
        objects: how many.
        message: what was told of the first.
        classes: objects by storage class.
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
        """What to do about it."""
        told = _BY_CODE.get(self.code) if self.outcome != Outcome.DENIED.value else None
        return (told or _BY_OUTCOME[self.outcome])()

    def add(self, key: str, storage_class: str) -> None:
        """Counts an object."""
        self.objects += 1
        self.classes[storage_class] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(key)

    def to_json(self) -> dict[str, object]:
        """Everything there is to say of it."""
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
    """Adds objects up by cause; holds counts and a few keys, however many objects there are."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, int], Cause] = {}

    def add(self, part: Part) -> None:
        """Adds what one part of the ledger tells."""
        for record in part.records:
            self._add_record(record)

    def passing(self, parts: Iterable[Part]) -> Iterator[Part]:
        """Hands parts on, and adds each."""
        for part in parts:
            self.add(part)
            yield part

    def most_first(self) -> list[Cause]:
        """The causes, those of most objects first."""
        return sorted(self._found.values(), key=lambda cause: (-cause.objects, cause.code))

    @property
    def objects(self) -> int:
        """All of them together."""
        return sum(cause.objects for cause in self._found.values())

    def _add_record(self, record: OutcomeRecord) -> None:
        cause = self._cause(
            record.outcome.value, record.error_code, record.http_status, record.message
        )
        cause.add(record.key, record.storage_class)

    def _cause(self, outcome: str, code: str, status: int, message: str) -> Cause:
        if len(self._found) >= _MOST_CAUSES and (outcome, code, status) not in self._found:
            code, status, message = _OTHER, 0, ""
        return self._found.setdefault(
            (outcome, code, status), Cause(outcome, code, status, message)
        )


def causes_of(parts: Iterable[Part]) -> Causes:
    """The causes of everything in some parts."""
    causes = Causes()
    for part in parts:
        causes.add(part)
    return causes
