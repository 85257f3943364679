"""The conditions of choices, compiled to nodes (docs 122497).

The syntax is gval's, restricted to what is documented unless the semantics allow the rest.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from fdl import nodes
from fdl.errors import EvaluationError, ExpressionSyntaxError, MissingKeyError
from fdl.nodes import Expression
from fdl.paths import Path
from fdl.semantics import Semantics
from fdl.values import Json, parse_float, to_boolean

_DEFAULTS = Semantics()
_DEEPEST = 40  # levels of nested brackets
_LONGEST = 200  # operands

_BLANK = re.compile(r"[ \t\r\n]*")
# Tokenized like Go's scanner; strconv.ParseFloat then decides whether the token is a number.
_NUMBER = re.compile(
    r"0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?"
    r"|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9_]*)?"
)
_TEXT = re.compile(r'"(?P<quoted>(?:[^"\\\n]|\\[^\n])*)"|`(?P<raw>[^`]*)`')
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|[0-7]{3}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_PATH = re.compile(r"\$(?:[\w.]|\[[^\]]*\])*")
_WORD = re.compile(r"[^\W\d]\w*")
_ESCAPES = MappingProxyType(
    {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
    | {'"': '"'}
)
_CONSTANTS = MappingProxyType({"true": True, "false": False})

_Infix: TypeAlias = Callable[[Expression, Expression], Expression]

# gval's precedences: higher binds tighter, equal precedences associate to the left.
_DOCUMENTED: MappingProxyType[str, tuple[int, _Infix]] = MappingProxyType(
    {
        "||": (20, lambda left, right: nodes.Logic(left, right, "||")),
        "&&": (21, lambda left, right: nodes.Logic(left, right, "&&")),
        "==": (40, lambda left, right: nodes.Equality(left, right, negated=False)),
        "!=": (40, lambda left, right: nodes.Equality(left, right, negated=True)),
        "<": (40, lambda left, right: nodes.Ordering(left, right, "<")),
        "<=": (40, lambda left, right: nodes.Ordering(left, right, "<=")),
        ">": (40, lambda left, right: nodes.Ordering(left, right, ">")),
        ">=": (40, lambda left, right: nodes.Ordering(left, right, ">=")),
    }
)
_UNDOCUMENTED: MappingProxyType[str, tuple[int, _Infix]] = MappingProxyType(
    {
        "=~": (40, nodes.Match),
        "in": (40, nodes.Membership),
        "+": (120, lambda left, right: nodes.Arithmetic(left, right, "+")),
        "-": (120, lambda left, right: nodes.Arithmetic(left, right, "-")),
        "*": (150, lambda left, right: nodes.Arithmetic(left, right, "*")),
        "/": (150, lambda left, right: nodes.Arithmetic(left, right, "/")),
    }
)
# Every operator of gval 1.2.4; a run of characters is split at the longest match.
_SYMBOLS = (
    *(symbol for symbol in (*_DOCUMENTED, *_UNDOCUMENTED) if symbol != "in"),
    *("%", "**", "^", "&", "|", "<<", ">>", "!~", "??", "?"),
)


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition. Two conditions are equal if their source strings are.

    Attributes:
        text: the source string.
        tree: the parsed expression.
    """

    text: str
    tree: Expression = field(compare=False, repr=False)

    def holds(self, step_input: Json, semantics: Semantics) -> bool:
        """Return whether the condition holds for a step's input.

        A missing key or an expression that cannot be evaluated makes the whole condition false,
        unless the semantics say otherwise.

        Raises:
            EvaluationError: it cannot be evaluated, and the semantics make that an error.
        """
        try:
            return to_boolean(self.tree.evaluate(step_input, semantics)) or False
        except MissingKeyError:
            return False
        except EvaluationError as error:
            if semantics.unevaluable_condition == "error":
                raise EvaluationError(f"{self.text}: {error}") from error
            return False


def parse_condition(text: str, semantics: Semantics = _DEFAULTS) -> Condition:
    """Compile a condition.

    Raises:
        ExpressionSyntaxError: names the character and the reason.
    """
    parser = _Parser(text, semantics)
    return Condition(text, parser.condition())


class _Parser:
    """An operator-precedence parser for one condition."""

    def __init__(self, text: str, semantics: Semantics) -> None:
        self._text = text
        self._semantics = semantics
        self._undocumented = semantics.undocumented_operators == "allow"
        self._infixes = {**_DOCUMENTED, **(_UNDOCUMENTED if self._undocumented else {})}
        self._position = 0
        self._depth = 0
        self._operands = 0
        self._skip_blanks()

    def condition(self) -> Expression:
        tree = self._expression()
        if self._position < len(self._text):
            raise self._error("expected an operator")
        return tree

    def _expression(self) -> Expression:
        """Parse an infix expression and an optional ``?:`` after it."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error(f"more than {_DEEPEST} levels of nested brackets")
        tree = self._infix(0)
        if self._peek("?"):
            self._demand_undocumented("?:")
            self._expect("?")
            first = self._expression()
            self._expect(":")
            tree = nodes.Alternative(tree, first, self._expression())
        self._depth -= 1
        return tree

    def _infix(self, lowest: int) -> Expression:
        left = self._operand()
        while (symbol := self._operator()) is not None:
            precedence, make = self._infixes[symbol]
            if precedence < lowest:
                break
            self._advance(len(symbol))
            left = self._checked(make(left, self._infix(precedence + 1)))
        return left

    def _checked(self, node: Expression) -> Expression:
        """Return the node; like gval, reject constants that cannot be evaluated."""
        if nodes.is_constant(node):
            try:
                node.evaluate(None, self._semantics)
            except EvaluationError as error:
                raise self._error(str(error)) from error
        return node

    def _operator(self) -> str | None:
        """Return the next operator, or None."""
        symbol = self._match(_WORD) or self._symbol()
        if symbol in self._infixes:
            return symbol
        if symbol in ("", "?"):
            return None
        if symbol in _UNDOCUMENTED:
            self._demand_undocumented(symbol)
        raise self._error(f"{symbol} is not an operator of the language")

    def _symbol(self) -> str:
        """Return the longest prefix here that is an operator of gval."""
        end = self._position
        while end < len(self._text) and any(
            operator.startswith(self._text[self._position : end + 1]) for operator in _SYMBOLS
        ):
            end += 1
        return self._text[self._position : end]

    def _operand(self) -> Expression:
        self._operands += 1
        if self._operands > _LONGEST:
            raise self._error(f"more than {_LONGEST} operands")
        match self._text[self._position : self._position + 1]:
            case "$":
                return self._lookup()
            case "(":
                return self._bracketed()
            case '"' | "`":
                return self._quoted()
            case "-" | "!" | "[" as symbol:
                return self._prefixed(symbol)
            case "'":
                raise self._error("a string needs double quotes or backticks")
        if number := self._match(_NUMBER):
            return self._number(number)
        return self._constant()

    def _constant(self) -> Expression:
        word = self._match(_WORD)
        if word is None:
            raise self._error("expected a path, number, string or bracket")
        if word not in _CONSTANTS:
            raise self._error(f"{word}: a path starts with $., and a string needs double quotes")
        self._advance(len(word))
        return nodes.ScalarLiteral(_CONSTANTS[word])

    def _lookup(self) -> Expression:
        text = self._match(_PATH) or "$"
        try:
            path = Path.parse(text)
        except ExpressionSyntaxError as error:
            raise self._error(str(error)) from error
        if path.root != "$":
            raise self._error(f"{text}: a condition reads the step's own input, as $.key")
        self._advance(len(text))
        return nodes.Lookup(path)

    def _bracketed(self) -> Expression:
        self._expect("(")
        tree = self._expression()
        self._expect(")")
        return tree

    def _prefixed(self, symbol: str) -> Expression:
        if symbol == "-" and (number := self._number_after_minus()):
            return number
        self._demand_undocumented(symbol)
        if symbol == "[":
            return self._listing()
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error(f"more than {_DEEPEST} times {symbol}")
        self._expect(symbol)
        operand = self._operand()
        self._depth -= 1
        if symbol == "!":
            return self._checked(nodes.Not(operand))
        return self._checked(nodes.Arithmetic(nodes.ScalarLiteral(0), operand, "-"))

    def _number_after_minus(self) -> Expression | None:
        start = self._position
        self._advance(1)
        if number := self._match(_NUMBER):
            return self._number(number, sign="-")
        self._position = start
        return None

    def _number(self, text: str, sign: str = "") -> Expression:
        value = parse_float(sign + text)
        following = self._text[self._position + len(text) :][:1]
        if value is None or following.isalnum() or following in ("_", ".") or math.isinf(value):
            raise self._error(f"{sign}{text}{following} is not a number")
        self._advance(len(text))
        return nodes.ScalarLiteral(int(value) if value.is_integer() and "." not in text else value)

    def _quoted(self) -> Expression:
        match = _TEXT.match(self._text, self._position)
        if match is None:
            raise self._error("the string is not closed")
        raw = match["raw"]
        value = self._unescape(match["quoted"]) if raw is None else raw.replace("\r", "")
        self._advance(len(match.group()))
        return nodes.ScalarLiteral(value)

    def _unescape(self, text: str) -> str:
        """Replace a string's escapes, some of which denote bytes and others characters."""
        result, position = b"", 0
        for escape in _ESCAPE.finditer(text):
            result += text[position : escape.start()].encode() + self._escaped(escape.group()[1:])
            position = escape.end()
        try:
            return (result + text[position:].encode()).decode()
        except UnicodeDecodeError as error:
            raise self._error("the string's escapes are not UTF-8") from error

    def _escaped(self, code: str) -> bytes:
        if code in _ESCAPES:
            return _ESCAPES[code].encode()
        try:
            if code[0] == "x":
                return bytes([int(code[1:], 16)])
            if code[0] in "uU":
                return chr(int(code[1:], 16)).encode()  # Go has no lone surrogates
            return bytes([int(code, 8)])
        except (ValueError, OverflowError) as error:
            raise self._error(f"\\{code} is not a valid escape in a string") from error

    def _listing(self) -> Expression:
        self._expect("[")
        items: list[Expression] = []
        while not self._peek("]"):
            if items:
                self._expect(",")
            items.append(self._expression())
        self._expect("]")
        return nodes.ListLiteral(tuple(items))

    def _demand_undocumented(self, symbol: str) -> None:
        if not self._undocumented:
            raise self._error(f"{symbol} is not documented for conditions: avoid it")

    def _match(self, pattern: re.Pattern[str]) -> str | None:
        match = pattern.match(self._text, self._position)
        return match.group() if match else None

    def _peek(self, symbol: str) -> bool:
        return self._text.startswith(symbol, self._position)

    def _expect(self, symbol: str) -> None:
        if not self._peek(symbol):
            raise self._error(f"expected {symbol}")
        self._advance(len(symbol))

    def _advance(self, length: int) -> None:
        self._position += length
        self._skip_blanks()

    def _skip_blanks(self) -> None:
        self._position += len(self._match(_BLANK) or "")

    def _error(self, message: str) -> ExpressionSyntaxError:
        return ExpressionSyntaxError(f"{self._text!r}, character {self._position + 1}: {message}")
