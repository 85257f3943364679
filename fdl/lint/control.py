"""Rules about the order of steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fdl.lint.graph import Graph
from fdl.lint.locations import LocatedStep, all_steps
from fdl.lint.references import conditions
from fdl.lint.rules import Subject, Violation
from fdl.nodes import Lookup, Ordering, walk
from fdl.paths import Path
from fdl.tree import ALL_ERRORS, Catch, Choice, FieldMapping, Retry, Task

_EVENT_ID = "$context.step.eventId"
_TASK_TOKEN = "$context.task.token"  # noqa: S105 - a path, not a secret


def unreachable_step(subject: Subject) -> Iterator[Violation]:
    """Every step is reachable: no earlier step always ends its series or jumps past it."""
    for series in subject.series:
        graph = Graph(series.series)
        for index, at in enumerate(series.steps()):
            if index not in graph.reachable:
                yield at.where, "no execution ever reaches it: add a goto to it, or remove it"


def choice_without_default(subject: Subject) -> Iterator[Violation]:
    """A choice has a default: without one, an unexpected value falls through to the next step."""
    for at in subject.steps:
        if isinstance(at.step, Choice) and at.step.default is None:
            yield at.where, "add a default for when no condition holds"


def loop_without_guard(subject: Subject) -> Iterator[Violation]:
    """A loop checks its event id: the service ends an execution after 5,000 events.

    Somewhere in the loop ``$context.step.eventId`` is mapped to a key, and a condition compares
    that key (``$.eventId >= 4000``) to leave the loop or continue in another execution.
    """
    for series in subject.series:
        graph = Graph(series.series)
        reported: set[frozenset[int]] = set()
        for jump in graph.jumps(series):
            body = graph.loop(jump)
            if not body or body in reported or jump.target > jump.source:
                continue
            reported.add(body)
            if not _is_guarded(at for index, at in enumerate(series.steps()) if index in body):
                target = series.series.steps[jump.target].name
                yield jump.where, f"the loop back to {target} never checks {_EVENT_ID}"


def error_never_matches(subject: Subject) -> Iterator[Violation]:
    """The first policy that matches an error wins: later ones, or any after FnF.ALL, are dead."""
    for at in subject.steps:
        if isinstance(at.step, Task):
            for name, policies in (("retry", at.step.retry), ("catch", at.step.catch)):
                yield from _dead_errors(f"{at.where}.{name}", policies)


def callback_without_token(subject: Subject) -> Iterator[Violation]:
    """A task that waits for a callback passes its token on; otherwise nobody can call back."""
    for at in subject.steps:
        if isinstance(at.step, Task) and at.step.pattern == "waitForCallback":
            lines = at.step.input_mappings or ()
            if Path.parse(_TASK_TOKEN) not in [line.source for line in lines]:
                yield at.where, f"map {_TASK_TOKEN} into the task's input"


def _dead_errors(where: str, policies: Iterable[Retry | Catch]) -> Iterator[Violation]:
    taken: set[str] = set()
    for index, policy in enumerate(policies):
        for number, error in enumerate(policy.errors):
            if error in taken or ALL_ERRORS in taken:
                yield f"{where}[{index}].errors[{number}]", f"{error} is already matched above"
        taken.update(policy.errors)


def _is_guarded(loop: Iterable[LocatedStep]) -> bool:
    steps = list(all_steps(*loop))
    lines = [
        line
        for at in steps
        for line in (*(at.step.input_mappings or ()), *(at.step.output_mappings or ()))
    ]
    counters = _counters(lines)
    return any(
        isinstance(side, Lookup) and _last(side.path) in counters
        for at in steps
        for _, condition in conditions(at)
        for node in walk(condition.tree)
        if isinstance(node, Ordering)
        for side in (node.left, node.right)
    )


def _counters(lines: Iterable[FieldMapping]) -> set[str]:
    """Return the keys that hold an event id, mapped directly or through other keys."""
    sources = [(line.target, line.source) for line in lines if isinstance(line.source, Path)]
    counters: set[str] = set()
    while True:
        mapped = {
            target
            for target, source in sources
            if source.text == _EVENT_ID or _last(source) in counters
        }
        if mapped <= counters:
            return counters
        counters |= mapped


def _last(path: Path) -> str | int | None:
    return path.parts[-1] if path.parts else None
