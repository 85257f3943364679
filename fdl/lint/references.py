"""Every place where a flow reads data, with the keys that the data may have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fdl.expressions import Condition
from fdl.lint.keys import ANYTHING, NOTHING, Keys, View, final_local, flow_input
from fdl.lint.locations import LocatedStep, options
from fdl.lint.rules import Subject
from fdl.nodes import Lookup, walk
from fdl.paths import Path
from fdl.tree import FieldMapping, Foreach, Task, Wait


@dataclass(frozen=True, slots=True)
class Reference:
    """A path in the flow.

    Attributes:
        where: dotted path to the text that contains it.
        path: the path that is read.
        keys: keys of the path's root; unknown for ``$context``.
    """

    where: str
    path: Path
    keys: Keys


def references(subject: Subject) -> Iterator[Reference]:
    """Yield every path in reachable steps, except those in serviceParams."""
    if subject.flow is not None:
        flow_keys, local = flow_input(subject.flow), final_local(subject.flow.steps)
        yield from _mapping_references(
            "inputMappings", subject.flow.input_mappings, ANYTHING, NOTHING
        )
        yield from _mapping_references(
            "outputMappings", subject.flow.output_mappings, flow_keys, local
        )
    for view in subject.views:
        yield from _step_references(view)


def mapping_lists(subject: Subject) -> Iterator[tuple[str, tuple[FieldMapping, ...]]]:
    """Yield every list of mappings with its location."""
    if subject.flow is not None:
        yield "inputMappings", subject.flow.input_mappings or ()
        yield "outputMappings", subject.flow.output_mappings or ()
    for at in subject.steps:
        yield f"{at.where}.inputMappings", at.step.input_mappings or ()
        yield f"{at.where}.outputMappings", at.step.output_mappings or ()
        if isinstance(at.step, Task):
            yield f"{at.where}.errorMappings", at.step.error_mappings


def conditions(at: LocatedStep) -> Iterator[tuple[str, Condition]]:
    """Yield the conditions of a choice with their locations."""
    for where, option in options(at):
        if option.condition is not None:
            yield f"{where}.condition", option.condition


def _step_references(view: View) -> Iterator[Reference]:
    at, step = view.at, view.at.step
    yield from _mapping_references(
        f"{at.where}.inputMappings", step.input_mappings, view.parent_input, view.parent_local
    )
    if isinstance(step, Wait):
        for name, value in (("duration", step.duration), ("timestamp", step.timestamp)):
            if isinstance(value, Path):
                yield Reference(f"{at.where}.{name}", value, view.input)
    elif isinstance(step, Foreach):
        yield Reference(f"{at.where}.iterationMapping.collection", step.collection, view.input)
    for where, condition in conditions(at):
        for node in walk(condition.tree):
            if isinstance(node, Lookup):
                yield Reference(where, node.path, view.input)
    yield from _mapping_references(
        f"{at.where}.outputMappings", step.output_mappings, view.input, view.local
    )


def _mapping_references(
    where: str, lines: tuple[FieldMapping, ...] | None, source_input: Keys, source_local: Keys
) -> Iterator[Reference]:
    for index, line in enumerate(lines or ()):
        if isinstance(line.source, Path):
            keys = {"$input": source_input, "$local": source_local}
            location = f"{where}[{index}].source"
            yield Reference(location, line.source, keys.get(line.source.root, ANYTHING))
