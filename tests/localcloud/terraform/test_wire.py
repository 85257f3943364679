"""Terraform's values on the wire."""

from __future__ import annotations

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tfplugin_proto import tfplugin5_5_pb2 as pb

from localcloud.terraform.schema import Block, SchemaAttribute
from localcloud.terraform.shapes import MalformedValueError
from localcloud.terraform.values import Unknown, Value
from localcloud.terraform.wire import decode, encode

BLOCK = Block(
    attributes={
        "text": SchemaAttribute(type="string", mode="optional"),
        "number": SchemaAttribute(type="float", mode="optional"),
        "flag": SchemaAttribute(type="bool", mode="optional"),
        "texts": SchemaAttribute(type="list", element="string", mode="optional"),
        "tags": SchemaAttribute(type="map", element="string", mode="optional"),
    }
)
unknowns = st.builds(Unknown, code=st.sampled_from([0, 12]), data=st.binary(max_size=20))
numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
values: st.SearchStrategy[dict[str, Value]] = st.fixed_dictionaries(
    {
        name: st.one_of(st.none(), unknowns, kind)
        for name, kind in {
            "text": st.text(),
            "number": numbers,
            "flag": st.booleans(),
            "texts": st.lists(st.text() | st.none() | unknowns),
            "tags": st.dictionaries(st.text(), st.text()),
        }.items()
    }
)


@given(values)
def test_an_encoded_value_decodes_to_itself(value: dict[str, Value]) -> None:
    assert decode(BLOCK, encode(value)) == value


def test_a_number_over_64_bits_travels_as_text() -> None:
    found = decode(BLOCK, encode({"number": 2**64}))
    assert found is not None
    assert found["number"] == "18446744073709551616"


def test_null_decodes_to_none() -> None:
    assert decode(BLOCK, pb.DynamicValue()) is None
    assert decode(BLOCK, encode(None)) is None


def test_json_is_decoded_too() -> None:
    found = decode(BLOCK, pb.DynamicValue(json=b'{"texts": ["a"]}'))
    assert found is not None
    assert found["texts"] == ["a"]


def test_refinements_of_an_unknown_value_are_kept() -> None:
    block = Block(attributes={"text": SchemaAttribute(type="string", mode="optional")})
    refined = msgpack.ExtType(12, msgpack.packb({1: False}))
    message = pb.DynamicValue(msgpack=msgpack.packb({"text": refined}))
    decoded = decode(block, message)
    assert decoded is not None
    assert isinstance(decoded["text"], Unknown)
    assert encode(decoded) == message


@pytest.mark.parametrize(
    "message",
    [
        pb.DynamicValue(json=b"[1]"),
        pb.DynamicValue(json=b"{"),
        pb.DynamicValue(msgpack=b"\xc1"),
        pb.DynamicValue(msgpack=b"\x80\x80"),  # two values
        pb.DynamicValue(msgpack=b"\x91" * 5_000 + b"\xc0"),  # too deep
        pb.DynamicValue(msgpack=b"\xdd\xff\xff\xff\xff"),  # a list of four billion items
        pb.DynamicValue(msgpack=b"\x81\x01\xc0"),  # a key that is a number
        pb.DynamicValue(msgpack=b"\x81\xa4text\xd6\xff\0\0\0\0"),  # a point in time
    ],
)
def test_a_value_that_is_not_an_object_is_refused(message: pb.DynamicValue) -> None:
    with pytest.raises(MalformedValueError):
        decode(BLOCK, message)
