"""When two of Terraform's values are the same."""

from __future__ import annotations

import pytest

from localcloud.terraform.schema import NestedBlock, SchemaAttribute
from localcloud.terraform.values import UNKNOWN, Value, present, same

NUMBER = SchemaAttribute(type="float", mode="optional")
TEXT = SchemaAttribute(type="string", mode="optional")
COMPUTED = SchemaAttribute(type="string", mode="computed")
DOCUMENT = SchemaAttribute.model_validate({"type": "string", "mode": "optional", "json": True})
SET = SchemaAttribute(type="set", element="string", mode="optional")
LIST = SchemaAttribute(type="list", element="string", mode="optional")


@pytest.mark.parametrize(
    ("field", "left", "right", "equal"),
    [
        (TEXT, "a", "a", True),
        (TEXT, "a", None, False),
        (TEXT, "a", UNKNOWN, False),
        (DOCUMENT, '{"a": 1, "b": 2}', '{"b":2,"a":1}', True),
        (DOCUMENT, '{"a": 1}', '{"a": true}', False),
        (DOCUMENT, "{", "{", True),
        (DOCUMENT, "{", "}", False),
        (SET, ["a", "b"], ["b", "a"], True),
        (SET, ["a", "b"], ["a", "a"], False),
        (LIST, ["a", "b"], ["b", "a"], False),
        (NUMBER, "0.2", 0.2, True),
        (NUMBER, "0.2", "0.25", False),
        (NUMBER, None, "0", False),
    ],
)
def test_values_are_compared_by_their_type(
    field: SchemaAttribute, left: Value, right: Value, equal: bool
) -> None:
    assert same(field, left, right) is equal


def test_blocks_of_a_set_have_no_order_and_those_of_a_list_have() -> None:
    elements: list[Value] = [{"name": "a", "keys": ["x", "y"]}, {"name": "b", "keys": None}]
    turned: list[Value] = [{"name": "b", "keys": None}, {"name": "a", "keys": ["y", "x"]}]
    members = {"name": TEXT, "keys": SET}
    assert same(NestedBlock(nesting="set", attributes=members), elements, turned)
    assert not same(NestedBlock(nesting="list", attributes=members), elements, turned)


def test_omitted_values_are_omitted_at_every_level() -> None:
    assert present({"a": None, "b": [{"c": None, "d": 0}]}) == {"b": [{"d": 0}]}
