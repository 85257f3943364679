"""The nodes of a condition, which are evaluated against a step's input."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from fdl.errors import EvaluationError, MissingKeyError
from fdl.paths import Path
from fdl.semantics import Semantics
from fdl.values import Json, equal, go_text, number_or_text, same, to_boolean, to_number, type_name

Order: TypeAlias = Literal["<", "<=", ">", ">="]

_ORDERS: MappingProxyType[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
)
_ADD: Callable[[Any, Any], Json] = operator.add


@dataclass(frozen=True, slots=True)
class ScalarLiteral:
    """A number, string, ``true`` or ``false``."""

    value: Json

    def evaluate(self, _document: Json, _semantics: Semantics) -> Json:
        return self.value


@dataclass(frozen=True, slots=True)
class Lookup:
    """A path on the step's input."""

    path: Path

    def evaluate(self, document: Json, semantics: Semantics) -> Json:
        try:
            return self.path.find(document, semantics)
        except MissingKeyError:
            if semantics.missing_key_in_condition == "not_true":
                raise
            return None


@dataclass(frozen=True, slots=True)
class _Binary:
    """An operator between two operands."""

    left: Expression
    right: Expression

    def operands(self, document: Json, semantics: Semantics) -> tuple[Json, Json]:
        """Return the values of both operands, the left one first."""
        left = self.left.evaluate(document, semantics)
        return left, self.right.evaluate(document, semantics)


@dataclass(frozen=True, slots=True)
class Equality(_Binary):
    """``==``, or ``!=`` if negated."""

    negated: bool

    def evaluate(self, document: Json, semantics: Semantics) -> Json:
        left, right = self.operands(document, semantics)
        return equal(left, right, semantics.equality) is not self.negated


@dataclass(frozen=True, slots=True)
class Ordering(_Binary):
    """``<``, ``<=``, ``>`` or ``>=``."""

    symbol: Order

    def evaluate(self, document: Json, semantics: Semantics) -> Json:
        left, right = self.operands(document, semantics)
        compare = _ORDERS[self.symbol]
        return number_or_text(compare, compare, left, right)


@dataclass(frozen=True, slots=True)
class Logic(_Binary):
    """``&&`` or ``||``."""

    symbol: Literal["&&", "||"]

    def evaluate(self, document: Json, semantics: Semantics) -> Json:
        settled = self.symbol == "||"
        left = self.left.evaluate(document, semantics)
        if left is settled:  # only exactly this boolean skips the right side
            return settled
        right = self.right.evaluate(document, semantics)
        sides = _boolean(left, self.symbol), _boolean(right, self.symbol)
        return any(sides) if settled else all(sides)


# gval has the following operators too, but the flow language does not document them.


@dataclass(frozen=True, slots=True)
class Not:
    """``!`` before an operand."""

    operand: Expression

    def evaluate(self, document: Json, semantics: Semantics) -> Json:
        return not _boolean(self.operand.evaluate(document, semantics), "!")


@dataclass(frozen=True, slots=True)
class Arithmetic(_Binary):
    """``+`` of numbers or strings; ``-``, ``*`` and ``/`` of numbers."""

    symbol: Literal["+", "-", "*", "/"]

    def evaluate(self, document: Json, semantics: Semantics) -> Json:
        left, right = self.operands(document, semantics)
        if self.symbol == "+":
            return number_or_text(_ADD, _ADD, left, right)
        numbers = _number(left, self.symbol), _number(right, self.symbol)
        if self.symbol == "-":
            return numbers[0] - numbers[1]
        if self.symbol == "*":
            return numbers[0] * numbers[1]
        return _quotient(*numbers)


@dataclass(frozen=True, slots=True)
class Match(_Binary):
    """``=~``: a regular expression matches part of a value's text."""

    def evaluate(self, document: Json, semantics: Semantics) -> Json:
        text, pattern = map(go_text, self.operands(document, semantics))
        try:
            return re.search(pattern, text) is not None
        except re.error as error:
            raise EvaluationError(f"{pattern!r} is not a regular expression: {error}") from error


@dataclass(frozen=True, slots=True)
class Membership(_Binary):
    """``in``: a list contains a value of equal type and value."""

    def evaluate(self, document: Json, semantics: Semantics) -> Json:
        value, items = self.operands(document, semantics)
        if not isinstance(items, list):
            raise EvaluationError(f"in needs a list on its right, found {type_name(items)}")
        return any(same(value, item) for item in items)


@dataclass(frozen=True, slots=True)
class ListLiteral:
    """A list such as ``[a, b]``."""

    items: tuple[Expression, ...]

    def evaluate(self, document: Json, semantics: Semantics) -> Json:
        return [item.evaluate(document, semantics) for item in self.items]


@dataclass(frozen=True, slots=True)
class Alternative:
    """The conditional operator ``a ? b : c``."""

    condition: Expression
    first: Expression
    second: Expression

    def evaluate(self, document: Json, semantics: Semantics) -> Json:
        value = self.condition.evaluate(document, semantics)
        holds = isinstance(value, list | dict) or bool(value)  # gval: not a zero value
        return (self.first if holds else self.second).evaluate(document, semantics)


Expression: TypeAlias = (
    ScalarLiteral
    | Lookup
    | Equality
    | Ordering
    | Logic
    | Not
    | Arithmetic
    | Match
    | Membership
    | ListLiteral
    | Alternative
)


def _boolean(value: Json, symbol: str) -> bool:
    boolean = to_boolean(value)
    if boolean is None:
        raise EvaluationError(f"{symbol} needs a boolean, found {type_name(value)}")
    return boolean


def _quotient(dividend: float, divisor: float) -> float:
    """Divide floating-point numbers: division by zero gives infinity or NaN."""
    if divisor:
        return dividend / divisor
    if math.isnan(dividend) or not dividend:
        return math.nan
    return math.copysign(math.inf, dividend) * math.copysign(1, divisor)


def _number(value: Json, symbol: str) -> float:
    number = to_number(value)
    if number is None:
        raise EvaluationError(f"{symbol} needs a number, found {type_name(value)}")
    return number


def is_constant(node: Expression) -> bool:
    """Return whether gval evaluates the node at parse time: operators on literals only."""
    match node:
        case ScalarLiteral():
            return True
        case Not():
            return is_constant(node.operand)
        case Equality() | Ordering() | Logic() | Arithmetic() | Match():
            return is_constant(node.left) and is_constant(node.right)
    return False


def walk(node: Expression) -> Iterator[Expression]:
    """Yield a node and all of its descendants, from left to right."""
    yield node
    for part in _parts(node):
        yield from walk(part)


def _parts(node: Expression) -> tuple[Expression, ...]:
    match node:
        case ScalarLiteral() | Lookup():
            return ()
        case Not():
            return (node.operand,)
        case ListLiteral():
            return node.items
        case Alternative():
            return (node.condition, node.first, node.second)
    return (node.left, node.right)
