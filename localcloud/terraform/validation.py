"""Validates a configuration like the provider, before planning.

What Terraform itself checks with the schema (unknown and missing arguments, types, numbers of
blocks) is not repeated here. Unknown values are not validated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import orjson

from localcloud.terraform.diagnostics import Diagnostic, Path
from localcloud.terraform.schema import Block, SchemaAttribute
from localcloud.terraform.values import Object, Unknown, Value, objects


def validate(block: Block, config: Object, path: Path = ()) -> list[Diagnostic]:
    """Return all problems of a configuration.

    Args:
        block: the schema.
        config: the configuration as written, with null for missing arguments.
        path: path of the configuration.
    """
    problems: list[Diagnostic] = []
    for name, attribute in block.attributes.items():
        value = config.get(name)
        problems += _combination(name, attribute, config, path)
        if value is not None and not isinstance(value, Unknown):
            problems += _value(attribute, value, (*path, name))
    for name, nested in block.blocks.items():
        for index, element in enumerate(objects(config.get(name))):
            # Elements of a set have no position.
            where = (*path, name, index) if nested.nesting == "list" else (*path, name)
            problems += validate(nested, element, where)
    return problems


def _combination(
    name: str, attribute: SchemaAttribute, config: Object, path: Path
) -> Iterator[Diagnostic]:
    if attribute.exactly_one_of:
        yield from _exactly_one(attribute.exactly_one_of, config, path)
    if not _is_set(config.get(name)):
        return
    for other in attribute.conflicts_with:
        if _is_set(config.get(other)):
            yield Diagnostic(
                "Conflicting configuration arguments",
                f'"{name}" conflicts with "{other}": set only one of them.',
                (*path, name),
            )
    for other in attribute.required_with:
        if config.get(other) is None:
            yield Diagnostic(
                "Missing required argument",
                f'"{name}" requires "{other}".',
                (*path, name),
            )


def _exactly_one(names: tuple[str, ...], config: Object, path: Path) -> Iterator[Diagnostic]:
    choices = ", ".join(f'"{name}"' for name in names)
    if all(config.get(name) is None for name in names):
        yield Diagnostic("Missing required argument", f"One of {choices} must be set.", path)
    elif sum(_is_set(config.get(name)) for name in names) > 1:
        yield Diagnostic("Invalid combination of arguments", f"Set only one of {choices}.", path)


def _is_set(value: Value) -> bool:
    """Return whether an argument or block is certainly set: an unknown value may become null."""
    return not isinstance(value, Unknown) and value is not None and value != []


def _value(attribute: SchemaAttribute, value: Value, path: Path) -> Iterator[Diagnostic]:
    name = path[-1]
    for problem in (
        _whole_problem(attribute, value),
        _enum_problem(attribute, value),
        _range_problem(attribute, value),
        _text_problem(attribute, value),
    ):
        if problem:
            yield Diagnostic(f'Invalid value for "{name}"', problem, path)


def _whole_problem(attribute: SchemaAttribute, value: Value) -> str:
    """Check an integer: Terraform has one number type, but the SDK's integers have 64 bits."""
    if attribute.type != "int":
        return ""
    if isinstance(value, int | float) and value == int(value) and abs(value) < 1 << 63:
        return ""
    return f"expected a whole number with 64 bits, got {value}"


def _enum_problem(attribute: SchemaAttribute, value: Value) -> str:
    if attribute.enum is None or value in attribute.enum:
        return ""
    choices = ", ".join(f'"{choice}"' for choice in attribute.enum)
    return f'expected one of {choices}, got "{value}"'


def _range_problem(attribute: SchemaAttribute, value: Value) -> str:
    if attribute.range is None or not isinstance(value, int | float):
        return ""
    return _outside("", value, *attribute.range)


def _text_problem(attribute: SchemaAttribute, value: Value) -> str:
    if not isinstance(value, str):
        return ""
    if attribute.length is not None:
        problem = _outside("a length ", len(value), *attribute.length)
        if problem:
            return problem
    if attribute.non_empty and not value:
        return "expected text, got an empty string"
    if attribute.pattern is not None and not re.search(attribute.pattern, value):
        return f'"{value}" does not match {attribute.pattern}'
    return _json_problem(value) if attribute.is_json else ""


def _outside(prefix: str, value: float, least: float | None, greatest: float | None) -> str:
    if (least is None or value >= least) and (greatest is None or value <= greatest):
        return ""
    if greatest is None:
        return f"expected {prefix}of at least {least:g}, got {value:g}"
    if least is None:
        return f"expected {prefix}of at most {greatest:g}, got {value:g}"
    return f"expected {prefix}in the range {least:g} to {greatest:g}, got {value:g}"


def _json_problem(value: str) -> str:
    try:
        orjson.loads(value)
    except orjson.JSONDecodeError as error:
        return f"contains invalid JSON: {error}"
    return ""
