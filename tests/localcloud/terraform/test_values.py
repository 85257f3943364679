"""Terraform's values on the wire, and when two are the same."""

from __future__ import annotations

import msgpack
import pytest
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st
from tfplugin_proto import tfplugin5_5_pb2 as pb

from localcloud.terraform.schema import Block, NestedBlock, SchemaAttribute
from localcloud.terraform.values import (
    UNKNOWN,
    Unknown,
    Value,
    conform,
    decode,
    encode,
    given,
    same,
    without_unknowns,
)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False),
    st.text(),
    st.builds(Unknown, code=st.integers(0, 127), data=st.binary(max_size=20)),
)
values: st.SearchStrategy[Value] = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)

NUMBER = SchemaAttribute(type="float", mode="optional")
TEXT = SchemaAttribute(type="string", mode="optional")
COMPUTED = SchemaAttribute(type="string", mode="computed")
DOCUMENT = SchemaAttribute.model_validate({"type": "string", "mode": "optional", "json": True})
SET = SchemaAttribute(type="set", element="string", mode="optional")
LIST = SchemaAttribute(type="list", element="string", mode="optional")


@settings(max_examples=50)
@hypothesis_given(st.dictionaries(st.text(), values))
def test_what_is_encoded_decodes_to_itself(value: dict[str, Value]) -> None:
    assert decode(encode(value)) == value


def test_null_decodes_to_none() -> None:
    assert decode(pb.DynamicValue()) is None
    assert decode(encode(None)) is None


def test_json_is_decoded_too() -> None:
    assert decode(pb.DynamicValue(json=b'{"a": [1]}')) == {"a": [1]}


def test_what_terraform_knows_of_an_unknown_value_is_kept() -> None:
    refined = msgpack.ExtType(12, msgpack.packb({1: False}))
    message = pb.DynamicValue(msgpack=msgpack.packb({"a": refined}))
    decoded = decode(message)
    assert decoded is not None
    assert isinstance(decoded["a"], Unknown)
    assert encode(decoded) == message


def test_a_bare_value_is_no_object() -> None:
    with pytest.raises(TypeError, match="list"):
        decode(pb.DynamicValue(json=b"[1]"))


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
def test_values_are_the_same_as_their_type_says(
    field: SchemaAttribute, left: Value, right: Value, equal: bool
) -> None:
    assert same(field, left, right) is equal


def test_blocks_of_a_set_have_no_order_and_those_of_a_list_have() -> None:
    elements: list[Value] = [{"name": "a", "keys": ["x", "y"]}, {"name": "b", "keys": None}]
    turned: list[Value] = [{"name": "b", "keys": None}, {"name": "a", "keys": ["y", "x"]}]
    members = {"name": TEXT, "keys": SET}
    assert same(NestedBlock(nesting="set", attributes=members), elements, turned)
    assert not same(NestedBlock(nesting="list", attributes=members), elements, turned)


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


def test_what_stays_unknown_becomes_null() -> None:
    value: dict[str, Value] = {
        "name": "n",
        "id": UNKNOWN,
        "rule": [{"name": UNKNOWN}],
        "timeouts": None,
    }
    expected = {"name": "n", "id": None, "rule": [{"name": None}], "timeouts": None}
    assert without_unknowns(BLOCK, value) == expected
    assert without_unknowns(BLOCK, {**value, "rule": UNKNOWN})["rule"] == []


def test_what_was_left_out_is_left_out_all_the_way_down() -> None:
    assert given({"a": None, "b": [{"c": None, "d": 0}]}) == {"b": [{"d": 0}]}
