"""Mappings build a step's input and output."""

from __future__ import annotations

import pytest

from fdl.errors import EvaluationError, MissingKeyError
from fdl.mappings import apply_mappings, default_input
from fdl.paths import Path
from fdl.semantics import Semantics
from fdl.tree import Constant, FieldMapping
from fdl.values import Json

STRICT = Semantics()
CONTEXT: Json = {"step": {"eventId": 12}}


def mapped(
    *mappings: FieldMapping, semantics: Semantics = STRICT, local: Json = None
) -> dict[str, Json]:
    return apply_mappings(
        mappings,
        input={"a": 1, "b": {"c": [2, 3]}},
        local={"a": "local"} if local is None else local,
        context=lambda: CONTEXT,
        semantics=semantics,
    )


def mapping(target: str, source: str) -> FieldMapping:
    return FieldMapping(target, Path.parse(source))


def test_only_mapped_targets_exist() -> None:
    assert mapped(
        mapping("x", "$input.a"),
        mapping("y", "$local.a"),
        mapping("z", "$context.step.eventId"),
        mapping("whole", "$local"),
    ) == {"x": 1, "y": "local", "z": 12, "whole": {"a": "local"}}
    assert mapped() == {}


@pytest.mark.parametrize("value", ["", "text", 0, False, None, [], {}, {"a": ["$input.a"]}])
def test_a_constant_is_used_as_it_is(value: Json) -> None:
    assert mapped(FieldMapping("x", Constant(value))) == {"x": value}


def test_the_local_of_a_foreach_is_a_list() -> None:
    local: Json = [{"value": 1}, {"value": 2}]
    assert mapped(mapping("x", "$local[*].value"), local=local) == {"x": [1, 2]}


def test_of_two_mappings_with_one_target_the_later_counts() -> None:
    assert mapped(mapping("x", "$input.a"), mapping("x", "$local.a")) == {"x": "local"}


def test_a_missing_key_is_an_error_or_null_or_omitted() -> None:
    lines = (mapping("x", "$input.absent"), mapping("y", "$input.a"))
    with pytest.raises(MissingKeyError, match="absent"):
        mapped(*lines)
    assert mapped(*lines, semantics=Semantics(missing_key_in_mapping="null")) == {"x": None, "y": 1}
    assert mapped(*lines, semantics=Semantics(missing_key_in_mapping="omit")) == {"y": 1}


@pytest.mark.parametrize("missing_key_in_mapping", ["error", "null", "omit"])
def test_an_unknown_part_of_the_context_is_always_an_error(missing_key_in_mapping: str) -> None:
    semantics = Semantics(missing_key_in_mapping=missing_key_in_mapping)  # type: ignore[arg-type]  # each value of the switch
    with pytest.raises(MissingKeyError):
        mapped(mapping("x", "$context.flow.version"), semantics=semantics)


def test_a_mapping_without_source_is_an_error_or_null() -> None:
    with pytest.raises(EvaluationError, match="'x' has no source"):
        mapped(FieldMapping("x", None))
    assert mapped(FieldMapping("x", None), semantics=Semantics(mapping_without_source="null")) == {
        "x": None
    }


def test_by_default_a_step_sees_its_parents_input_with_the_local_over_it() -> None:
    parent_input: dict[str, Json] = {"a": 1, "b": 2}
    assert default_input(parent_input, {"b": 3, "c": 4}) == {"a": 1, "b": 3, "c": 4}
    assert parent_input == {"a": 1, "b": 2}
