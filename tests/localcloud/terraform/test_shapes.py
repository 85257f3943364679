"""Values are converted to their schema."""

from __future__ import annotations

import pytest

from localcloud.terraform.schema import Block, NestedBlock, SchemaAttribute
from localcloud.terraform.shapes import MalformedValueError, conform, without_unknowns
from localcloud.terraform.values import UNKNOWN, Unknown, Value

TEXT = SchemaAttribute(type="string", mode="optional")
COMPUTED = SchemaAttribute(type="string", mode="computed")
BLOCK = Block(
    attributes={"name": TEXT, "id": COMPUTED},
    blocks={
        "rule": NestedBlock(nesting="list", attributes={"name": TEXT}),
        "timeouts": NestedBlock(nesting="single", attributes={"create": TEXT}),
    },
)


def test_a_value_is_brought_into_the_shape_of_its_schema() -> None:
    assert conform(BLOCK, {"name": "n", "gone": 1, "rule": [{}]}) == {
        "name": "n",
        "id": None,
        "rule": [{"name": None}],
        "timeouts": None,
    }


def test_values_that_stay_unknown_become_null() -> None:
    value: dict[str, Value] = {
        "name": "n",
        "id": UNKNOWN,
        "rule": [{"name": UNKNOWN}],
        "timeouts": None,
    }
    expected = {"name": "n", "id": None, "rule": [{"name": None}], "timeouts": None}
    assert without_unknowns(BLOCK, value) == expected
    assert without_unknowns(BLOCK, {**value, "rule": UNKNOWN})["rule"] == []


ONE_OF_EACH = Block(
    attributes={
        "text": TEXT,
        "number": SchemaAttribute(type="int", mode="optional"),
        "flag": SchemaAttribute(type="bool", mode="optional"),
        "texts": SchemaAttribute(type="list", element="string", mode="optional"),
        "tags": SchemaAttribute(type="map", element="string", mode="optional"),
        "found": SchemaAttribute(type="list", element={"name": TEXT}, mode="computed"),
    },
    blocks={
        "rule": NestedBlock(nesting="set", attributes={"name": TEXT}),
        "timeouts": NestedBlock(nesting="single", attributes={"create": TEXT}),
    },
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", "a"),
        ("number", 2**70),
        ("number", "0.25"),
        ("number", -1.5),
        ("flag", False),
        ("texts", ["a", None, UNKNOWN]),
        ("tags", {"a": "b", "c": None}),
        ("found", [{"name": "a"}]),
        ("rule", [{"name": UNKNOWN}]),
        ("rule", UNKNOWN),
        ("timeouts", {"create": "5m"}),
    ],
)
def test_values_of_their_types_stay_as_they_are(name: str, value: Value) -> None:
    assert conform(ONE_OF_EACH, {name: value})[name] == value


@pytest.mark.parametrize(
    ("name", "value", "where"),
    [
        ("text", 1, "text: expected string"),
        ("text", Unknown(5), "text: expected string"),
        ("number", True, "number: expected int"),
        ("number", "one", "number: expected int"),
        ("number", "9" * 5_000, "number: expected int"),
        ("number", float("nan"), "number: expected int"),
        ("flag", "true", "flag: expected bool"),
        ("texts", "a", "texts: expected list"),
        ("texts", [["a"]], "texts: expected string"),
        ("tags", ["a"], "tags: expected map"),
        ("tags", {"a": {}}, "tags.a: expected string"),
        ("found", ["a"], "found.: expected an object"),
        ("rule", {"name": "a"}, "rule: expected set"),
        ("rule", [{"name": []}], "rule.name: expected string"),
        ("timeouts", [], "timeouts.: expected an object"),
    ],
)
def test_a_value_of_another_type_is_refused_with_its_place(
    name: str, value: Value, where: str
) -> None:
    with pytest.raises(MalformedValueError, match=f"^MalformedValue: {where}, not "):
        conform(ONE_OF_EACH, {name: value})
