"""The history of an execution, which is compact in memory and becomes JSON only when read.

Events refer to the documents that steps pass on. These are never modified in place, so a document
that occurs in many events is stored once.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from sys import intern
from typing import Final

from pydantic import TypeAdapter

from localcloud.fnf.documents import Document, compact
from localcloud.fnf.failures import RESTARTED, TOO_MANY_EVENTS, ExecutionFailure
from localcloud.fnf.packing import (
    DOUBLES,
    INTEGERS,
    Documents,
    DocumentsState,
    load_documents,
    pack,
    unpack,
)
from localcloud.settings import Switches

_CHUNK: Final = 64  # events per saved record


class EventType(IntEnum):
    """The API's event types (SDK 2.0.1); ``wire`` returns the API's spelling."""

    EXECUTION_STARTED = 1
    EXECUTION_SUCCEEDED = 2
    EXECUTION_FAILED = 3
    EXECUTION_STOPPED = 4
    EXECUTION_TIMED_OUT = 5
    STEP_ENTERED = 6
    STEP_STARTED = 7
    STEP_SUCCEEDED = 8
    STEP_FAILED = 9
    STEP_EXITED = 10
    BRANCH_ENTERED = 11
    BRANCH_EXITED = 12
    ITERATION_ENTERED = 13
    ITERATION_EXITED = 14
    TASK_SCHEDULED = 15
    TASK_STARTED = 16
    TASK_SUBMITTED = 17
    TASK_SUBMIT_FAILED = 18
    TASK_SUCCEEDED = 19
    TASK_FAILED = 20
    TASK_TIMED_OUT = 21

    @property
    def wire(self) -> str:
        """The API's spelling, such as ``StepEntered``."""
        return self.name.title().replace("_", "")


_ENDINGS: Final = frozenset(
    {
        EventType.EXECUTION_SUCCEEDED,
        EventType.EXECUTION_FAILED,
        EventType.EXECUTION_STOPPED,
        EventType.EXECUTION_TIMED_OUT,
    }
)

_FORKS: Final = frozenset({EventType.BRANCH_ENTERED, EventType.ITERATION_ENTERED})
TASK_ENDINGS: Final = frozenset(
    {
        EventType.TASK_SUCCEEDED,
        EventType.TASK_FAILED,
        EventType.TASK_TIMED_OUT,
        EventType.TASK_SUBMIT_FAILED,
    }
)

# The keys of an event's detail, whose values are its documents in this order. Those of steps are
# documented (docs 123157); those of tasks, branches and iterations are assumed. Other event types
# have one document, which is the detail itself.
_KEYS: Final[dict[EventType, tuple[str, ...]]] = {
    EventType.EXECUTION_STARTED: ("input",),
    EventType.EXECUTION_SUCCEEDED: ("output",),
    EventType.STEP_ENTERED: ("input", "local"),
    EventType.STEP_STARTED: ("input",),
    EventType.STEP_SUCCEEDED: ("output",),
    EventType.STEP_EXITED: ("local",),
    EventType.BRANCH_ENTERED: ("input",),
    EventType.ITERATION_ENTERED: ("input",),
    EventType.TASK_SCHEDULED: ("input",),
    EventType.TASK_SUBMITTED: ("output",),
    EventType.TASK_SUCCEEDED: ("output",),
}


@dataclass(frozen=True, slots=True)
class Event:
    """An event as in the API. ``cause`` is the id of the event that caused it."""

    id: int
    type: str
    step: str
    cause: int
    time: float
    detail: str


@dataclass
class HistoryState:
    """A history's events as data: packed columns with one entry per event.

    Attributes:
        names: the step names; ``steps`` holds indices into them.
        first: number of each event's document; ``second`` is that of its second document plus one,
            or 0 if it has none.
    """

    types: str
    names: list[str]
    steps: str
    causes: str
    times: str
    first: str
    second: str
    documents: DocumentsState


class EventHistory:
    """The events of an execution, in order, with ids from 1.

    Args:
        now: cloud time in seconds.
        limit: maximum number of events; the last one is reserved for the end of the execution.
        changed: called with the number of every chunk of events that changes.

    Attributes:
        recorded: number of events recorded before the last restart; 0 if there was none.
    """

    def __init__(
        self,
        now: Callable[[], float],
        limit: int,
        changed: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._changed = changed
        self._now = now
        self._limit = limit
        self._types = bytearray()
        self._steps: list[str] = []
        self._causes = array(INTEGERS)
        self._times = array(DOUBLES)
        self._details: list[Document | tuple[Document, ...]] = []
        self.recorded = 0
        self._to_replay: dict[int, list[int]] = {}  # by their cause

    def __len__(self) -> int:
        return len(self._types)

    def append(
        self, kind: EventType, step: str, cause: int, detail: Document | tuple[Document, ...]
    ) -> int:
        """Add an event and return its id.

        Args:
            kind: its type.
            step: name of the step, or empty.
            cause: id of the event that caused it.
            detail: its document or documents, which must not be modified afterwards.

        Raises:
            ExecutionFailure: the execution has used up its events, or diverges from its history
                after a restart.
        """
        if self._to_replay and kind not in _ENDINGS:
            recorded = self._pass(kind, step, cause)
            if recorded:
                return recorded
        number = len(self._types) + 1
        if number >= self._limit and kind not in _ENDINGS:
            raise ExecutionFailure(
                TOO_MANY_EVENTS, f"an execution may have {self._limit} events, and this one has"
                " used them up: continue in another execution before that",
            )  # fmt: skip
        self._types.append(kind)
        self._steps.append(step)
        self._causes.append(cause)
        self._times.append(self._now())
        self._details.append(detail)
        self._changed((number - 1) // _CHUNK)
        return number

    def replay(self) -> None:
        """Replay the execution's events: recorded events are not added again."""
        self.recorded = len(self)
        for number, cause in enumerate(self._causes, start=1):
            self._to_replay.setdefault(cause, []).append(number)

    def obstacle_to_replay(self, switches: Switches) -> str:
        """Return why the events cannot be replayed; empty if they can."""
        kinds = {EventType(kind) for kind in self._types}
        if switches.failing_iteration == "cancel_others" and not kinds.isdisjoint(_FORKS):
            return "it has branches or iterations, and a failure would cancel the others"
        if switches.timeout_scope == "total" and EventType.TASK_TIMED_OUT in kinds:
            return "a task's timeout over all attempts has expired"
        return ""

    def following(self, cause: int) -> int:
        """Return the next event to replay after another event; 0 if there is none."""
        return self._to_replay.get(cause, [0])[0]

    def kind(self, number: int) -> EventType:
        """Return an event's type."""
        return EventType(self._types[number - 1])

    def time(self, number: int) -> float:
        """Return an event's cloud time; the current time for event 0."""
        return self._times[number - 1] if number else self._now()

    def document(self, number: int) -> Document:
        """Return an event's first document."""
        return _documents(self._details[number - 1])[0]

    def _pass(self, kind: EventType, step: str, cause: int) -> int:
        """Return the recorded event that corresponds to a new one; 0 after the last."""
        candidates = self._to_replay.get(cause, [])
        for number in candidates:
            if self._types[number - 1] == kind and self._steps[number - 1] == step:
                candidates.remove(number)
                if not candidates:
                    del self._to_replay[cause]
                return number
        if candidates:
            raise ExecutionFailure(
                RESTARTED, f"after a restart, {step} does not continue as in event {candidates[0]}"
            )
        return 0

    def page(self, after: int, limit: int) -> list[Event]:
        """Return up to ``limit`` events that follow the event with id ``after``."""
        return [self._event(i) for i in range(after, min(after + limit, len(self)))]

    def _event(self, index: int) -> Event:
        kind = EventType(self._types[index])
        documents = _documents(self._details[index])
        keys = _KEYS.get(kind)
        detail: Document = (
            documents[0] if keys is None else {**dict(zip(keys, documents, strict=True))}
        )
        return Event(
            id=index + 1,
            type=kind.wire,
            step=self._steps[index],
            cause=self._causes[index],
            time=self._times[index],
            detail=compact(detail).decode(),
        )

    def chunks(self) -> range:
        """Return the numbers of the existing chunks of events."""
        return range(-(-len(self) // _CHUNK))

    def dump(self, chunk: int) -> bytes:
        """Return a chunk of events as JSON."""
        part = slice(chunk * _CHUNK, (chunk + 1) * _CHUNK)
        documents = Documents()
        names: dict[str, int] = {}
        first, second = array(INTEGERS), array(INTEGERS)
        for detail in self._details[part]:
            document, *others = _documents(detail)
            first.append(documents.add(document))
            second.append(documents.add(others[0]) + 1 if others else 0)
        steps = array(INTEGERS, [names.setdefault(step, len(names)) for step in self._steps[part]])
        return _STATE.dump_json(
            HistoryState(
                types=pack(self._types[part]),
                names=list(names),
                steps=pack(steps),
                causes=pack(self._causes[part]),
                times=pack(self._times[part]),
                first=pack(first),
                second=pack(second),
                documents=documents.dump(),
            )
        )

    def load(self, text: bytes) -> None:
        """Add the events of a dumped chunk; raise ``pydantic.ValidationError`` if it is invalid."""
        state = _STATE.validate_json(text)
        documents = load_documents(state.documents)
        names = [intern(name) for name in state.names]
        first, second = array(INTEGERS, unpack(state.first)), array(INTEGERS, unpack(state.second))
        self._types += unpack(state.types)
        self._steps += [names[number] for number in array(INTEGERS, unpack(state.steps))]
        self._causes += array(INTEGERS, unpack(state.causes))
        self._times += array(DOUBLES, unpack(state.times))
        self._details += [
            (documents[number], documents[other - 1]) if other else documents[number]
            for number, other in zip(first, second, strict=True)
        ]


_STATE: Final = TypeAdapter(HistoryState)


def _documents(detail: Document | tuple[Document, ...]) -> tuple[Document, ...]:
    return detail if isinstance(detail, tuple) else (detail,)


class EventCursor:
    """A chain of events in a history, each caused by the previous one.

    Args:
        history: the history to write to.
        last: id of the event that the chain starts from.
    """

    __slots__ = ("_history", "last")

    def __init__(self, history: EventHistory, last: int = 0) -> None:
        self._history = history
        self.last = last

    def add(self, kind: EventType, step: str, detail: Document | tuple[Document, ...]) -> int:
        """Add an event caused by the last one, and return its id."""
        self.last = self._history.append(kind, step, self.last, detail)
        return self.last

    @property
    def passed(self) -> bool:
        """Whether the last event was recorded before a restart."""
        return self.last <= self._history.recorded

    @property
    def ahead(self) -> bool:
        """Whether the next events were recorded before a restart."""
        return self._history.following(self.last) > 0

    @property
    def moment(self) -> float:
        """The time of the last event, in cloud time."""
        return self._history.time(self.last)

    def pass_outcome(self) -> tuple[EventType, Document] | None:
        """Return how a task's attempt ended before a restart; None if it was still in progress."""
        history = self._history
        last = history.following(self.last)
        if last and history.kind(last) is EventType.TASK_SUBMITTED:
            last = history.following(last)
        if not last or history.kind(last) not in TASK_ENDINGS:
            return None
        self.last = last
        return history.kind(last), history.document(last)

    def fork(self) -> EventCursor:
        """Return a new cursor at the same position."""
        return EventCursor(self._history, self.last)
