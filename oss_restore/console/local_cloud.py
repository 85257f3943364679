"""The local cloud's data and actions for the page. The cloud's token stays in this process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Final, Literal

import humanfriendly
from pydantic import BaseModel, ConfigDict, ValidationError

from oss_restore.clients.control_api import ClassState, CloudClock, ControlClient, ObjectRow
from oss_restore.console.documents import Table, figure, presentable
from oss_restore.console.feeds import Document, Reading
from oss_restore.errors import OperatorError, UsageError
from oss_restore.language import N_
from oss_restore.language import gettext as _
from oss_restore.reporting.formatting import NOTHING, number, when

_OBJECTS_SHOWN: Final = 100
_STATES: Final[Mapping[str, str]] = {
    "frozen": N_("frozen"),
    "thawing": N_("thawing"),
    "readable": N_("readable"),
}


class FaultForm(BaseModel):
    """A fault rule from the page's form; the local cloud has defaults for missing fields."""

    model_config = ConfigDict(extra="forbid")

    service: Literal["oss", "fc", "fnf"]
    kind: Literal["error", "late_error", "reset", "delay", "crash", "duplicate"]
    operation: str | None = None
    target: str | None = None
    status: int | None = None
    code: str | None = None
    seconds: float | None = None
    rate: float | None = None
    times: int | None = None


@dataclass(frozen=True)
class _CloudState:
    """The state of a local cloud at one moment."""

    clock: CloudClock
    holder: str
    meters: Mapping[str, float]
    faults: Mapping[int, Mapping[str, object]]
    thaws: Mapping[str, Sequence[ClassState]]
    resources: Mapping[str, Sequence[str]]

    def document(self) -> Document:
        holds = self.clock.holds
        others = sum(count for name, count in holds.items() if name != self.holder)
        return {
            "now": when(datetime.fromtimestamp(self.clock.now, UTC)),
            "timeLapse": self.clock.time_lapse,
            "held": self.holder in holds,
            "heldByOthers": number(others) if others else "",
            "meters": [figure(name, number(n)) for name, n in self.meters.items()],
            "faults": [
                {"number": rule_id, "figures": list(_rule(rule))}
                for rule_id, rule in self.faults.items()
            ],
            "buckets": [
                {"name": name, "table": _thaws(name, states)} for name, states in self.thaws.items()
            ],
            "resources": [figure(kind, ", ".join(names)) for kind, names in self.resources.items()],
        }


class LocalCloudSource:
    """A local cloud: its clock, meters, faults and buckets.

    Args:
        control: client of its control API.
        pause_seconds: seconds between two reads.
    """

    def __init__(self, control: ControlClient, pause_seconds: float) -> None:
        self._control = control
        self._holds = False
        self._switching = Lock()  # several pages may hold or release the clock at once
        self.pause_seconds = pause_seconds

    def read(self) -> Reading:
        """Read the state of the cloud."""
        control = self._control
        resources = control.resources()
        state = _CloudState(
            clock=control.clock(),
            holder=control.holder,
            meters=control.meters(),
            faults=control.faults(),
            thaws={name: control.thaws(name) for name in resources.get("buckets", [])},
            resources=resources,
        )
        return Reading(lambda: presentable(state.document()))

    def objects(self, bucket: str, after: str) -> Document:
        """Return some objects of a bucket, after a key."""
        page = self._control.objects(bucket, after, _OBJECTS_SHOWN)
        return {
            "columns": [_("Key"), _("Class"), _("Bytes"), _("State"), _("Readable until")],
            "rows": presentable([_object(row) for row in page.objects]),
            "after": page.after or "",
        }

    def act(self, action: str, given: Document) -> Document:
        """Carry out an action of the page.

        Raises:
            OperatorError: the action is invalid, or the local cloud refuses it.
        """
        control = self._control
        match action:
            case "advance":
                control.advance(_seconds(str(given.get("time", ""))))
            case "hold":
                self._hold()
            case "release":
                self._release()
            case "add-fault":
                control.add_fault(**_fault(given))
            case "remove-fault":
                control.remove_fault(int(str(given.get("number", 0))))
            case _:
                raise UsageError(_("There is no such page."))
        return {}

    def close(self) -> None:
        """Release the clock, which only this client can do."""
        with suppress(OperatorError):  # the local cloud may have ended
            self._release()

    def _hold(self) -> None:
        with self._switching:
            if not self._holds:
                self._control.hold_clock()
                self._holds = True

    def _release(self) -> None:
        with self._switching:
            if self._holds:
                self._control.release_clock()
                self._holds = False


def _thaws(bucket: str, states: Sequence[ClassState]) -> Table:
    rows = [
        [
            state.storage_class,
            number(state.objects),
            number(state.objects - state.thawing - state.readable),
            number(state.thawing),
            number(state.readable),
        ]
        for state in states
    ]
    return {
        "title": bucket,
        "columns": [_("Class"), _("Objects"), *(_(word) for word in _STATES.values())],
        "rows": rows,
        "total": [],
        "note": "" if rows else _("Empty."),
    }


def _object(row: ObjectRow) -> list[str]:
    until = row.readable_until
    return [
        row.key,
        row.storage_class,
        number(row.size),
        _(_STATES.get(row.state, row.state)),
        NOTHING if until is None else when(datetime.fromtimestamp(until, UTC)),
    ]


def _rule(rule: Mapping[str, object]) -> Iterator[Document]:
    for name, value in rule.items():
        if value not in {None, "*"}:
            yield {"label": name, "value": str(value)}


def _seconds(text: str) -> float:
    try:
        return float(humanfriendly.parse_timespan(text))
    except humanfriendly.InvalidTimespan as error:
        raise UsageError(
            _("{value} is not a time such as 90s, 12h or 2d").format(value=text)
        ) from error


def _fault(given: Document) -> dict[str, object]:
    filled = {name: value for name, value in given.items() if value != ""}
    try:
        return FaultForm.model_validate(filled).model_dump(exclude_none=True)
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
