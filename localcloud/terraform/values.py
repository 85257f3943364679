"""Terraform values, and their equality by type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, TypeGuard

import orjson

from localcloud.terraform.schema import NestedBlock, SchemaAttribute


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that is not known until apply.

    Attributes:
        code: msgpack extension type: 0, or 12 if Terraform adds refinements of the value.
        data: the refinements, unchanged.
    """

    code: int = 0
    data: bytes = b"\0"


UNKNOWN = Unknown()
_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS

Value: TypeAlias = "bool | int | float | str | Unknown | list[Value] | dict[str, Value] | None"
Object: TypeAlias = dict[str, Value]


def is_object(value: object) -> TypeGuard[Object]:
    """Return whether a decoded value is an object or a map."""
    return isinstance(value, dict)


def objects(value: Value) -> list[Object]:
    """Return the elements of a nested block of any nesting mode; none if they are unknown."""
    if is_object(value):
        return [value]
    return [element for element in value if is_object(element)] if isinstance(value, list) else []


def present(values: Object) -> Object:
    """Return the values without nulls, recursively, for a typed model."""
    return {name: _present(value) for name, value in values.items() if value is not None}


def _present(value: Value) -> Value:
    if is_object(value):
        return present(value)
    return [_present(element) for element in value] if isinstance(value, list) else value


def same(field: SchemaAttribute | NestedBlock, left: Value, right: Value) -> bool:
    """Return whether two values are equal by type: sets are unordered, JSON is compared as JSON."""
    return _canonical(field, left) == _canonical(field, right)


def _canonical(field: SchemaAttribute | NestedBlock, value: Value) -> Value:
    if isinstance(field, SchemaAttribute):
        if field.type == "set" and isinstance(value, list):
            return sorted(value, key=_text)
        # Terraform sends numbers that floats cannot represent exactly, such as 0.2, as text.
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
