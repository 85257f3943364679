"""Rules about the data that steps read and compare."""

from __future__ import annotations

from collections.abc import Iterator

from fdl.lint.keys import UNKNOWN, Keys, View
from fdl.lint.references import conditions, references
from fdl.lint.rules import Subject, Violation
from fdl.nodes import Equality, Expression, Lookup, ScalarLiteral, walk
from fdl.paths import Path
from fdl.tree import Task
from fdl.values import type_name

_CONTEXT = frozenset(
    {
        "$context.execution.name",
        "$context.flow.name",
        "$context.step.eventId",
        "$context.task.token",
    }
)


def key_not_provided(subject: Subject) -> Iterator[Violation]:
    """Every key that is read comes from the input, a mapping or an earlier step.

    Checked where the definition alone determines the keys: a task's result and an execution's
    input may have any, mapped data has only the mapped ones. A missing key fails a mapping and
    makes a condition false.
    """
    for reference in references(subject):
        key = reference.path.key
        if key is not None and not reference.keys.may_have(key):
            yield reference.where, f"{reference.path}: nothing provides {key}; map it"


def unknown_context(subject: Subject) -> Iterator[Violation]:
    """The context has only the flow's and execution's names, the event id and the task token."""
    for reference in references(subject):
        if reference.path.root == "$context" and reference.path.text not in _CONTEXT:
            yield reference.where, f"{reference.path} is not one of {', '.join(sorted(_CONTEXT))}"


def index_in_path(subject: Subject) -> Iterator[Violation]:
    """An index beyond the end of a list fails the step (jsonpath's rule): check its length."""
    for reference in references(subject):
        if any(isinstance(part, int) for part in reference.path.parts):
            yield reference.where, f"{reference.path} may be beyond the end of the list"


def service_param_not_mapped(subject: Subject) -> Iterator[Violation]:
    """A variable in serviceParams must exist in the step's input (docs 149829)."""
    for where, key, view in _service_params(subject):
        if not view.input.may_have(key):
            yield where, f"map {key} in inputMappings"


def service_param_by_default(subject: Subject) -> Iterator[Violation]:
    """A variable in serviceParams is mapped explicitly, not taken from the default input."""
    for where, key, view in _service_params(subject):
        if view.at.step.input_mappings is None and view.input.may_have(key):
            yield where, f"without inputMappings, {key} must come from the input or an earlier step"


def _service_params(subject: Subject) -> Iterator[tuple[str, str, View]]:
    """Yield the location, key and view of each variable in serviceParams."""
    for view in subject.views:
        if isinstance(view.at.step, Task):
            for name, value in (view.at.step.service_params or {}).items():
                if isinstance(value, Path) and value.key is not None:
                    yield f"{view.at.where}.serviceParams.{name}", value.key, view


def boolean_as_string(subject: Subject) -> Iterator[Violation]:
    """A boolean is not compared with a string: whether true equals "true" is not documented.

    Use the strings "true" and "false" in the data, or the bare path as the condition. If the
    definition does not show a key's type and its function returns these strings, add
    ``# lint: ignore boolean-as-string`` at the end of the condition's line.
    """
    for where, equality, keys in _equalities(subject):
        sides = (equality.left, equality.right)
        kinds = {_kind(side, keys) for side in sides}
        if kinds == {"a boolean", "a string"}:
            yield where, "compares a boolean with a string: use one type throughout"
        elif UNKNOWN in kinds and any(map(_spells_boolean, sides)):
            yield where, "holds only if the key is a string: a boolean may not equal it"


def paths_compared(subject: Subject) -> Iterator[Violation]:
    """Two keys are not compared with ``==``: strings that look numeric compare as numbers.

    ``"007" == "7"`` and ``"1e3" == "1000"`` hold, ``"nan" == "nan"`` does not.
    """
    for where, equality, _ in _equalities(subject):
        if isinstance(equality.left, Lookup) and isinstance(equality.right, Lookup):
            sides = f"{equality.left.path} and {equality.right.path}"
            yield where, f"{sides} compare as numbers if both look numeric"


def _equalities(subject: Subject) -> Iterator[tuple[str, Equality, Keys]]:
    for view in subject.views:
        for where, condition in conditions(view.at):
            for node in walk(condition.tree):
                if isinstance(node, Equality):
                    yield where, node, view.input


def _spells_boolean(node: Expression) -> bool:
    return (
        isinstance(node, ScalarLiteral)
        and isinstance(node.value, str)
        and node.value.lower() in ("true", "false")
    )


def _kind(node: Expression, keys: Keys) -> str:
    match node:
        case ScalarLiteral():
            return type_name(node.value)
        case Lookup():
            return keys.kind(node.path)
    return UNKNOWN
