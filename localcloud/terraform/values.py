"""Terraform's values: to and from the wire, and compared as their types say.

Source: the plugin protocol's msgpack encoding of cty values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias, TypeGuard

import msgpack
import orjson
from tfplugin_proto import tfplugin5_5_pb2 as pb

from localcloud.terraform.schema import Block, NestedBlock, SchemaAttribute


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that will be known after apply.

    Attributes:
        code: msgpack's extension type: 0, or 12 where Terraform adds what it knows of the value.
        data: that knowledge, kept as it came.
    """

    code: int = 0
    data: bytes = b"\0"


UNKNOWN = Unknown()
_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS

Value: TypeAlias = "bool | int | float | str | Unknown | list[Value] | dict[str, Value] | None"
Object: TypeAlias = dict[str, Value]


def _pack_unknown(value: object) -> object:
    if isinstance(value, Unknown):
        return msgpack.ExtType(value.code, value.data)
    raise TypeError(f"{value!r} is no Terraform value")


def decode(message: pb.DynamicValue) -> Object | None:
    """The object in a message; None where it is absent or null."""
    value: object = None
    if message.msgpack:
        value = msgpack.unpackb(message.msgpack, ext_hook=Unknown, strict_map_key=False)
    elif message.json:
        value = orjson.loads(message.json)
    if value is None or is_object(value):
        return value
    raise TypeError(f"an object or null belongs here, not {type(value).__name__}")


def encode(value: Object | None) -> pb.DynamicValue:
    """The message that holds an object, or null."""
    return pb.DynamicValue(msgpack=msgpack.packb(value, default=_pack_unknown))


def is_object(value: object) -> TypeGuard[Object]:
    """Whether a decoded value is an object or a map."""
    return isinstance(value, dict)


def objects(value: Value) -> list[Object]:
    """The elements of a nested block, whatever its nesting; none while they are unknown."""
    if is_object(value):
        return [value]
    return [element for element in value if is_object(element)] if isinstance(value, list) else []


def empty(block: Block) -> Object:
    """An object of that shape with nothing in it."""
    return {
        **dict.fromkeys(block.attributes),
        **{name: _no_blocks(nested) for name, nested in block.blocks.items()},
    }


def conform(block: Block, value: Mapping[str, Value]) -> Object:
    """The value with exactly the block's members: missing ones are null, others are left out."""
    shaped = empty(block)
    shaped.update({name: value[name] for name in block.attributes if name in value})
    for name, nested in block.blocks.items():
        shaped[name] = map_elements(nested, value.get(name), partial(conform, nested))
    return shaped


def map_elements(nested: NestedBlock, value: Value, change: Callable[[Object], Object]) -> Value:
    """The nested block's value with each of its elements changed; unknown stays unknown."""
    if isinstance(value, Unknown):
        return value
    if nested.nesting == "single":
        return change(value) if is_object(value) else None
    return [change(element) for element in objects(value)]


def _no_blocks(nested: NestedBlock) -> Value:
    return None if nested.nesting == "single" else []


def without_unknowns(block: Block, value: Object) -> Object:
    """The value with null where it was unknown."""
    known: Object = {
        name: None if isinstance(value.get(name), Unknown) else value.get(name)
        for name in block.attributes
    }
    for name, nested in block.blocks.items():
        found = value.get(name)
        known[name] = (
            _no_blocks(nested)
            if isinstance(found, Unknown)
            else map_elements(nested, found, partial(without_unknowns, nested))
        )
    return known


def given(values: Object) -> Object:
    """The values without those that were left out, all the way down, for a typed model."""
    return {name: _given(value) for name, value in values.items() if value is not None}


def _given(value: Value) -> Value:
    if is_object(value):
        return given(value)
    return [_given(element) for element in value] if isinstance(value, list) else value


def same(field: SchemaAttribute | NestedBlock, left: Value, right: Value) -> bool:
    """Whether two values are equal by their type: sets without order, JSON as JSON, 0.2 as 0.2."""
    return _canonical(field, left) == _canonical(field, right)


def _canonical(field: SchemaAttribute | NestedBlock, value: Value) -> Value:
    if isinstance(field, SchemaAttribute):
        if field.type == "set" and isinstance(value, list):
            return sorted(value, key=_text)
        # Terraform sends a number that no float is exactly, such as 0.2, as text.
        if field.type == "float" and isinstance(value, str):
            return float(value)
        return _canonical_json(value) if field.is_json and isinstance(value, str) else value
    elements: list[Value] = [
        {name: _canonical(part, element.get(name)) for name, part in field.fields.items()}
        for element in objects(value)
    ]
    return sorted(elements, key=_text) if field.nesting == "set" else elements


def _canonical_json(text: str) -> str:
    try:
        return _text(orjson.loads(text))
    except orjson.JSONDecodeError:
        return text


def _text(value: Value) -> str:
    return orjson.dumps(value, default=repr, option=_SORTED).decode()
