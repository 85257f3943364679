"""Reads an object's fields; reports problems and puts placeholder values in their place."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from fdl.document import YamlNode
from fdl.errors import Problem, SyntaxRule
from fdl.semantics import Semantics
from fdl.values import type_name

# Problems that leave no placeholder in the tree.
_HARMLESS_TO_THE_TREE = frozenset(
    {"unknown-field", "bad-value", "bad-arn", "goto-no-sibling", "duplicate-name"}
)


@dataclass(slots=True)
class ParseReport:
    """The problems and notes found while a definition is parsed.

    Attributes:
        semantics: the answers to open questions.
        problems: errors that make the definition invalid.
        notes: things that are accepted, but risky.
    """

    semantics: Semantics
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    @property
    def tree_is_true(self) -> bool:
        """Whether the tree is free of placeholders."""
        return all(problem.rule in _HARMLESS_TO_THE_TREE for problem in self.problems)

    def problem(self, node: YamlNode, rule: SyntaxRule, message: str) -> None:
        self.problems.append(Problem(node.line, node.where, message, rule))

    def note(self, node: YamlNode, rule: str, message: str) -> None:
        self.notes.append(Problem(node.line, node.where, message, rule))


class Fields:
    """The fields of one object. Close it after reading: fields left unread are unknown fields."""

    def __init__(self, node: YamlNode, report: ParseReport) -> None:
        self.node = node
        self._report = report
        self._left: dict[str, YamlNode] = {}
        if isinstance(node.value, dict):
            self._left = dict(node.value)
        else:
            report.problem(node, "wrong-type", f"expected an object, found {_describe(node)}")

    def __contains__(self, name: str) -> bool:
        return isinstance(self.node.value, dict) and name in self.node.value

    def take(self, name: str) -> YamlNode | None:
        """Read a field of any type."""
        return self._left.pop(name, None)

    def require(self, name: str) -> YamlNode | None:
        """Read a required field of any type."""
        if name not in self and isinstance(self.node.value, dict):
            self._report.problem(self.node, "missing-field", f"{name} is required")
        return self.take(name)

    def text(self, name: str, *, required: bool = False) -> str:
        """Read a string, which must not be empty if required; return "" if it is missing."""
        node = self.require(name) if required else self.take(name)
        return "" if node is None else text_of(node, self._report, empty=not required)

    def flag(self, name: str) -> bool:
        """Read a boolean; return False if it is missing."""
        node = self.take(name)
        if node is not None and not isinstance(node.value, bool):
            self._report.problem(
                node, "wrong-type", f"expected true or false, found {_describe(node)}"
            )
        return node is not None and node.value is True

    def integer(self, name: str, *, lowest: int, highest: int) -> int | None:
        """Read a whole number within bounds; return None if it is missing."""
        node = self.take(name)
        return None if node is None else integer_of(node, self._report, lowest, highest)

    def number(self, name: str, *, lowest: float) -> float | None:
        """Read a number of at least ``lowest``; return None if it is missing."""
        node = self.take(name)
        return None if node is None else number_of(node, self._report, lowest)

    def items(self, name: str, *, required: bool = True) -> list[YamlNode]:
        """Read a list, which must not be empty; return an empty one if it is missing."""
        node = self.require(name) if required else self.take(name)
        if node is None:
            return []
        items = list_of(node, self._report)
        if isinstance(node.value, list) and not items:
            self._report.problem(node, "bad-value", "must have at least one item")
        return items

    def close(self) -> None:
        """Report the fields that were not read."""
        for name, node in self._left.items():
            message = f"there is no field {name} here; remove it or check its spelling"
            if self._report.semantics.unknown_field == "error":
                self._report.problem(node, "unknown-field", message)
            else:
                self._report.note(node, "unknown-field", message)


def list_of(node: YamlNode, report: ParseReport) -> list[YamlNode]:
    """Return the items of a list."""
    if isinstance(node.value, list):
        return node.value
    report.problem(node, "wrong-type", f"expected a list, found {_describe(node)}")
    return []


def text_of(node: YamlNode, report: ParseReport, *, empty: bool = False) -> str:
    """Return a string."""
    if not isinstance(node.value, str):
        report.problem(
            node, "wrong-type", f"expected a string, found {_describe(node)}; put it in quotes"
        )
        return ""
    if not node.value and not empty:
        report.problem(node, "bad-value", "must not be empty")
    return node.value


def integer_of(node: YamlNode, report: ParseReport, lowest: int, highest: int) -> int:
    """Return a whole number within bounds."""
    value = node.value
    if not isinstance(value, int) or isinstance(value, bool):
        report.problem(node, "wrong-type", f"expected a whole number, found {_describe(node)}")
        return lowest
    if not lowest <= value <= highest:
        report.problem(node, "bad-value", f"must be {lowest} to {highest}, is {value}")
    return value


def number_of(node: YamlNode, report: ParseReport, lowest: float) -> float:
    """Return a number, whole or not."""
    value = node.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        report.problem(node, "wrong-type", f"expected a number, found {_describe(node)}")
        return lowest
    if value < lowest:
        report.problem(node, "bad-value", f"must be at least {lowest}, is {value}")
    return value


def texts_of(nodes: Iterable[YamlNode], report: ParseReport) -> tuple[str, ...]:
    """Return strings, none of them empty."""
    return tuple(text_of(node, report) for node in nodes)


def _describe(node: YamlNode) -> str:
    description = type_name(node.value)
    if isinstance(node.value, bool | int | float | str):
        description += f" ({json.dumps(node.value, ensure_ascii=False)})"
    return description
