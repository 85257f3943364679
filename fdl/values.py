"""JSON values, and how conditions convert and compare them.

A condition's operators are those of the Go library gval (``operator.go``), which convert their
operands to a common type. Nothing here depends on paths or syntax.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Literal, TypeAlias, TypeVar

from fdl.errors import EvaluationError

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_Result = TypeVar("_Result")

# Go's strconv.ParseFloat: no blanks, ASCII digits, single underscores between digits only.
_DECIMAL = re.compile(
    r"[+-]?(?:[0-9](?:_?[0-9])*(?:\.(?:[0-9](?:_?[0-9])*)?)?|\.[0-9](?:_?[0-9])*)"
    r"(?:[eE][+-]?[0-9](?:_?[0-9])*)?"
)
_HEXADECIMAL = re.compile(
    r"[+-]?0[xX](?:_?[0-9a-fA-F](?:_?[0-9a-fA-F])*(?:\.(?:[0-9a-fA-F](?:_?[0-9a-fA-F])*)?)?"
    r"|\.[0-9a-fA-F](?:_?[0-9a-fA-F])*)[pP][+-]?[0-9](?:_?[0-9])*"
)
_SPECIAL = re.compile(r"[+-]?inf(?:inity)?|nan", re.IGNORECASE)
_STARTS = frozenset("+-.0123456789iInN")  # of texts that may be numbers
_TRUE_TEXTS = ("true", "TRUE")
_FALSE_TEXTS = ("false", "FALSE")
_PLAIN_EXPONENTS = range(-4, 6)  # beyond it Go's %v writes a float with an exponent (strconv)


def to_number(value: Json) -> float | None:
    """Convert a value to a number as gval does; None if it cannot be converted."""
    if isinstance(value, str):
        return parse_float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _as_float(value)
    return None


def parse_float(text: str) -> float | None:
    """Parse a number like Go's ``strconv.ParseFloat``; None on errors, including overflow."""
    if text[:1] not in _STARTS:
        return None
    if _DECIMAL.fullmatch(text):
        number = float(text)
    elif _SPECIAL.fullmatch(text):
        return float(text)
    elif _HEXADECIMAL.fullmatch(text):
        try:
            number = float.fromhex(text.replace("_", ""))
        except OverflowError:
            return None
    else:
        return None
    return None if math.isinf(number) else number


def to_boolean(value: Json) -> bool | None:
    """Convert a value to a boolean as gval does; None if it cannot be converted."""
    if value is True or value is False:
        return value
    if value is None or value in _FALSE_TEXTS:
        return False
    if value in _TRUE_TEXTS:
        return True
    number = to_number(value)
    return None if number is None else number != 0


def equal(left: Json, right: Json, rule: Literal["gval", "strict"] = "gval") -> bool:
    """Return whether ``left == right`` holds in a condition.

    Args:
        left: left operand.
        right: right operand.
        rule: ``strict`` requires equal types and values. ``gval`` compares two values as numbers if
            both convert to numbers, else as booleans if both convert to booleans.
    """
    if rule == "gval":
        numbers = to_number(left), to_number(right)
        if numbers[0] is not None and numbers[1] is not None:
            return numbers[0] == numbers[1]
        booleans = to_boolean(left), to_boolean(right)
        if booleans[0] is not None and booleans[1] is not None:
            return booleans[0] is booleans[1]
    return same(left, right)


def number_or_text(
    numeric: Callable[[float, float], _Result],
    textual: Callable[[str, str], _Result],
    left: Json,
    right: Json,
) -> _Result:
    """Apply the function that fits the operands, converting them as gval does for ``<`` and ``+``.

    Raises:
        EvaluationError: one side is null.
    """
    if isinstance(left, str) and isinstance(right, str):
        return textual(left, right)
    numbers = to_number(left), to_number(right)
    if numbers[0] is not None and numbers[1] is not None:
        return numeric(numbers[0], numbers[1])
    if left is None or right is None:
        raise EvaluationError("null can be neither ordered nor added")
    return textual(go_text(left), go_text(right))


def go_text(value: Json) -> str:
    """Format a value as Go's ``%v`` does."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _go_number(_as_float(value))
        case str():
            return value
        case list():
            return "[" + " ".join(map(go_text, value)) + "]"
    return "map[" + " ".join(f"{key}:{go_text(value[key])}" for key in sorted(value)) + "]"


def _go_number(number: float) -> str:
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    shortest = Decimal(repr(number)).normalize()
    exponent = shortest.adjusted()
    if exponent in _PLAIN_EXPONENTS:
        return f"{shortest:f}"
    return f"{shortest.scaleb(-exponent):f}e{exponent:+03d}"


def _as_float(number: float) -> float:
    """Convert a number to a float, as the service does with every JSON number."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def same(left: Json, right: Json) -> bool:
    """Return whether type and value are equal, recursively (in Python, True equals 1)."""
    match left, right:
        case list(), list():
            return len(left) == len(right) and all(map(same, left, right))
        case dict(), dict():
            return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
        case (bool(), _) | (_, bool()):
            return left is right
        case (int() | float(), int() | float()):
            return _as_float(left) == _as_float(right)
    return type(left) is type(right) and left == right


def type_name(value: object) -> str:
    """Return the JSON name of a value's type, with an article."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
    return "an object"
