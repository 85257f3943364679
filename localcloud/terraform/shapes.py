"""Checks, creates and maps values according to their schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from math import isfinite
from typing import Final

from localcloud.errors import CloudError
from localcloud.terraform.schema import Block, NestedBlock, Scalar, SchemaAttribute
from localcloud.terraform.values import Object, Unknown, Value, is_object, objects

_UNKNOWN_CODES: Final = (0, 12)
_NUMBER: Final = re.compile(r"-?[0-9]{1,512}(\.[0-9]{1,512})?([eE][+-]?[0-9]{1,3})?")


class MalformedValueError(CloudError):
    """A value from Terraform, or from its state, that the schema does not allow."""

    def __init__(self, message: str) -> None:
        super().__init__("MalformedValue", message)


def empty(block: Block) -> Object:
    """Return an empty object of a block's shape."""
    return {
        **dict.fromkeys(block.attributes),
        **{name: _no_blocks(nested) for name, nested in block.blocks.items()},
    }


def conform(block: Block, value: object, path: str = "") -> Object:
    """Return the value with exactly the block's members: missing ones are null, others dropped.

    Args:
        block: the schema.
        value: the decoded value.
        path: path of the value, for the error.

    Raises:
        MalformedValueError: it is not an object, or a member has the wrong type.
    """
    if not is_object(value):
        raise _malformed(path or "the value", "an object", value)
    shaped: Object = {}
    for name, attribute in block.attributes.items():
        shaped[name] = _typed(attribute, value.get(name), f"{path}{name}")
    for name, nested in block.blocks.items():
        shaped[name] = _typed_blocks(nested, value.get(name), f"{path}{name}")
    return shaped


def _typed(attribute: SchemaAttribute, value: Value, path: str) -> Value:
    if value is None or _is_unknown(value):
        return value
    match attribute.type, attribute.element:
        case "map", element if element is not None and is_object(value):
            return {key: _element(element, part, f"{path}.{key}") for key, part in value.items()}
        case "list" | "set", element if element is not None and isinstance(value, list):
            return [_element(element, part, path) for part in value]
        case scalar, None if _IS_SCALAR[scalar](value):
            return value
    raise _malformed(path, attribute.type, value)


def _element(element: Scalar | dict[str, SchemaAttribute], value: Value, path: str) -> Value:
    if value is None or _is_unknown(value):
        return value
    if isinstance(element, dict):
        return conform(Block(attributes=element), value, f"{path}.")
    if not _IS_SCALAR[element](value):
        raise _malformed(path, element, value)
    return value


def _typed_blocks(nested: NestedBlock, value: Value, path: str) -> Value:
    if _is_unknown(value):
        return value
    if nested.nesting == "single":
        return None if value is None else conform(nested, value, f"{path}.")
    if value is not None and not isinstance(value, list):
        raise _malformed(path, nested.nesting, value)
    return [conform(nested, element, f"{path}.") for element in value or ()]


def _is_unknown(value: object) -> bool:
    return isinstance(value, Unknown) and value.code in _UNKNOWN_CODES


def _is_number(value: Value) -> bool:
    if isinstance(value, str):  # not exactly representable as a float, such as 0.2
        return _NUMBER.fullmatch(value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


_IS_SCALAR: Final[Mapping[str, Callable[[Value], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": _is_number,
    "float": _is_number,
}


def _malformed(path: str, expected: str, value: object) -> MalformedValueError:
    return MalformedValueError(f"{path[:200]}: expected {expected}, not {type(value).__name__}")


def map_elements(nested: NestedBlock, value: Value, change: Callable[[Object], Object]) -> Value:
    """Apply a function to each element of a nested block; an unknown block stays unknown."""
    if isinstance(value, Unknown):
        return value
    if nested.nesting == "single":
        return change(value) if is_object(value) else None
    return [change(element) for element in objects(value)]


def _no_blocks(nested: NestedBlock) -> Value:
    return None if nested.nesting == "single" else []


def without_unknowns(block: Block, value: Object) -> Object:
    """Return the value with null for unknown parts."""
    result: Object = {
        name: None if isinstance(value.get(name), Unknown) else value.get(name)
        for name in block.attributes
    }
    for name, nested in block.blocks.items():
        member = value.get(name)
        result[name] = (
            _no_blocks(nested)
            if isinstance(member, Unknown)
            else map_elements(nested, member, partial(without_unknowns, nested))
        )
    return result
