"""The keys that a step's data may have, as far as the definition determines them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from types import MappingProxyType

from fdl.lint.graph import Graph
from fdl.lint.locations import LocatedSeries, LocatedStep, inner_series
from fdl.paths import Path
from fdl.tree import Choice, Constant, FieldMapping, Flow, Foreach, Series, Step, Task
from fdl.values import type_name

UNKNOWN = ""  # the kind of a value that the definition does not determine


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that an object may have.

    Attributes:
        known: the kind of each key's value, as returned by ``kind``, or ``UNKNOWN``.
        open: whether there may be other keys.
    """

    known: Mapping[str, str]
    open: bool

    def may_have(self, key: str) -> bool:
        return self.open or key in self.known

    def kind(self, path: Path) -> str:
        """Return the kind of the value that a path reads."""
        if path.key is None or len(path.parts) != 1:
            return UNKNOWN
        return self.known.get(path.key, UNKNOWN)

    def under(self, local: Keys) -> Keys:
        """Return the default input: the parent's input, overlaid with its local."""
        known = dict.fromkeys(self.known, UNKNOWN) if local.open else self.known
        return Keys(MappingProxyType({**known, **local.known}), open=self.open or local.open)

    def __or__(self, other: Keys) -> Keys:
        """Return the keys of one object or the other."""
        known = {key: self._common_kind(key, other) for key in (*self.known, *other.known)}
        return Keys(MappingProxyType(known), open=self.open or other.open)

    def _common_kind(self, key: str, other: Keys) -> str:
        kinds = {
            keys.known.get(key, UNKNOWN) for keys in (self, other) if key in keys.known or keys.open
        }
        return kinds.pop() if len(kinds) == 1 else UNKNOWN


NOTHING = Keys(MappingProxyType({}), open=False)
ANYTHING = Keys(MappingProxyType({}), open=True)


@dataclass(frozen=True, slots=True)
class View:
    """The data that a step may see.

    Attributes:
        at: the step.
        parent_input: keys of ``$input`` in the step's input mappings.
        parent_local: keys of ``$local`` in the step's input mappings.
        input: keys of the step's own input.
        local: keys of ``$local`` in the step's output mappings. A list has no keys.
    """

    at: LocatedStep
    parent_input: Keys
    parent_local: Keys
    input: Keys
    local: Keys


def views(flow: Flow) -> Iterator[View]:
    """Yield the view of every reachable step."""
    yield from _series_views(LocatedSeries("steps", flow.steps), flow_input(flow))


def flow_input(flow: Flow) -> Keys:
    """Return the keys of the flow's mapped input; an execution's input may have any keys."""
    if flow.input_mappings is None:
        return ANYTHING
    return mapped(flow.input_mappings, ANYTHING, NOTHING)


def final_local(series: Series) -> Keys:
    """Return the keys of ``$local`` at the end of a series."""
    graph = Graph(series)
    return _union(_output(series.steps[index]) for index in graph.before(graph.end))


def mapped(lines: Iterable[FieldMapping], source_input: Keys, source_local: Keys) -> Keys:
    """Return the keys that mappings produce."""
    known: dict[str, str] = {}
    for line in lines:
        match line.source:
            case Constant(value):
                known[line.target] = type_name(value)
            case Path(root="$input") as path:
                known[line.target] = source_input.kind(path)
            case Path(root="$local") as path:
                known[line.target] = source_local.kind(path)
            case _:
                known[line.target] = UNKNOWN
    return Keys(MappingProxyType(known), open=False)


def _series_views(series: LocatedSeries, parent_input: Keys) -> Iterator[View]:
    graph = Graph(series.series)
    outputs = [_output(step) for step in series.series.steps]
    for index, at in enumerate(series.steps()):
        if index not in graph.reachable:
            continue
        parent_local = _union(outputs[earlier] for earlier in graph.before(index))
        lines = at.step.input_mappings
        step_input = (
            parent_input.under(parent_local)
            if lines is None
            else mapped(lines, parent_input, parent_local)
        )
        yield View(at, parent_input, parent_local, step_input, _own_local(at.step))
        for inner in inner_series(at):
            yield from _series_views(inner, _inner_input(at.step, step_input))


def _own_local(step: Step) -> Keys:
    if isinstance(step, Task):
        return ANYTHING
    if isinstance(step, Choice):
        options = (*step.options, *((step.default,) if step.default else ()))
        return _union(final_local(option.steps) for option in options if option.steps)
    return NOTHING


def _output(step: Step) -> Keys:
    caught = mapped(step.error_mappings, NOTHING, NOTHING) if isinstance(step, Task) else NOTHING
    if step.output_mappings is not None:
        return mapped(step.output_mappings, NOTHING, NOTHING) | caught
    return _own_local(step) | caught


def _inner_input(step: Step, step_input: Keys) -> Keys:
    if not isinstance(step, Foreach):
        return step_input
    added = {name: UNKNOWN for name in (step.item, step.index) if name}
    return step_input.under(Keys(MappingProxyType(added), open=False))


def _union(keys: Iterable[Keys]) -> Keys:
    """Return the keys of any of several objects."""
    return reduce(Keys.__or__, keys, NOTHING)
