"""Encodes and decodes Terraform's values.

Source: the plugin protocol's msgpack encoding of cty values.
"""

from __future__ import annotations

import msgpack
import orjson
from tfplugin_proto import tfplugin5_5_pb2 as pb

from localcloud.terraform.schema import Block
from localcloud.terraform.shapes import MalformedValueError, conform
from localcloud.terraform.values import Object, Unknown


def decode(block: Block, message: pb.DynamicValue) -> Object | None:
    """Decode the object in a message according to its schema; None if it is missing or null.

    Raises:
        MalformedValueError: the value or a member does not have the right type.
    """
    value: object = None
    try:
        if message.msgpack:
            value = msgpack.unpackb(message.msgpack, ext_hook=Unknown)
        elif message.json:
            value = orjson.loads(message.json)
    except ValueError as error:  # raised by both for invalid bytes
        raise MalformedValueError(f"the value cannot be decoded: {error}") from error
    return None if value is None else conform(block, value)


def encode(value: Object | None) -> pb.DynamicValue:
    """Encode an object or null as a message."""
    return pb.DynamicValue(msgpack=msgpack.packb(value, default=_pack))


def _pack(value: object) -> object:
    if isinstance(value, Unknown):
        return msgpack.ExtType(value.code, value.data)
    if isinstance(value, int):  # over 64 bits: as text, like Terraform
        return str(value)
    raise TypeError(f"{value!r} is not a Terraform value")
