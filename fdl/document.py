"""YAML read as plain values with their locations.

Anything that YAML readers interpret differently is reported as a problem or a note.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import yaml

from fdl.bounded_yaml import compose
from fdl.errors import Problem
from fdl.values import Json, same

_LARGEST = 2**63 - 1
_PREFIX = "tag:yaml.org,2002:"
_TEXT_TAGS = frozenset(f"{_PREFIX}{kind}" for kind in ("str", "timestamp", "value", "merge"))
_MAX_DEPTH = 60
_MAX_NODES = 100_000  # aliases can expand a small text to a huge tree

# Interpreted differently by YAML 1.1 and 1.2, or by different 1.1 readers.
_AMBIGUOUS = re.compile(
    r"y|n|yes|no|on|off"  # booleans
    r"|[-+]?0[0-9_]+|[-+]?0o[0-7]+|[-+]?0b[01_]+"  # octal and binary
    r"|[-+]?[0-9]+(?:\.[0-9]*)?e[0-9]+"  # 1e3
    r"|[-+]?[0-9][0-9_]*_[0-9_.]*"
    r"|[-+]?[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?"  # base 60
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class YamlNode:
    """A value in the document.

    Attributes:
        where: dotted path to the value; a step is identified by its name if it has one.
        line: line number, from 1.
        value: the scalar, or the child nodes of a list or object.
    """

    where: str
    line: int
    value: bool | int | float | str | list[YamlNode] | dict[str, YamlNode] | None

    def plain(self) -> Json:
        """Return the value without locations."""
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        return self.value

    def walk(self) -> Iterator[YamlNode]:
        """Yield this node and all of its descendants."""
        yield self
        inner: list[YamlNode] = []
        if isinstance(self.value, list):
            inner = self.value
        elif isinstance(self.value, dict):
            inner = list(self.value.values())
        for item in inner:
            yield from item.walk()


@dataclass(slots=True)
class YamlDocument:
    """A document's values, and the problems and risks in how they are written."""

    root: YamlNode | None = None
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


def read_document(text: str) -> YamlDocument:
    """Read YAML. Never raises: errors are reported in the document's problems."""
    document = YamlDocument()
    try:
        root = _compose(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        document.problems.append(Problem(line, "$", f"not YAML: {error.problem}", "yaml"))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        document.problems.append(Problem(line, "$", f"not YAML: {error.reason}", "yaml"))
    except (ValueError, OverflowError) as error:  # escapes and numbers out of range
        document.problems.append(Problem(1, "$", f"not YAML: {error}", "yaml"))
    except RecursionError:
        document.problems.append(Problem(1, "$", "nested too deeply", "yaml"))
    else:
        if root is not None:
            reader = _Reader(document)
            node = reader.node(root, root.start_mark.line + 1, "$", 0)
            document.root = None if reader.gave_up else node
    return document


def same_values(one: str, other: str) -> bool:
    """Return whether two YAML texts are equal, or have equal values, types included.

    Texts that differ are not the same if one of them has a problem.
    """
    if one == other:
        return True
    documents = [read_document(text) for text in (one, other)]
    if any(document.problems for document in documents):
        return False
    left, right = (document.root.plain() if document.root else None for document in documents)
    return same(left, right)


@lru_cache(maxsize=32)
def _compose(text: str) -> yaml.Node | None:
    """Compose a text once, for the linter and under all semantics; nothing changes its nodes."""
    return compose(text)


class _Reader:
    def __init__(self, document: YamlDocument) -> None:
        self._document = document
        self._constructor = yaml.constructor.SafeConstructor()
        self._resolver = yaml.resolver.Resolver()
        self._nodes = 0
        self.gave_up = False

    def node(self, source: yaml.Node, line: int, where: str, depth: int) -> YamlNode:
        self._nodes += 1
        if depth > _MAX_DEPTH or self._nodes > _MAX_NODES:
            if not self.gave_up:
                self._problem(line, "$", "nested too deeply, or too large with its aliases")
            self.gave_up = True
            return YamlNode(where, line, None)
        if isinstance(source, yaml.MappingNode):
            return YamlNode(where, line, self._object(source, where, depth))
        if isinstance(source, yaml.SequenceNode):
            return YamlNode(where, line, self._list(source, where, depth))
        assert isinstance(source, yaml.ScalarNode)
        return YamlNode(where, line, self._scalar(source, where))

    def _object(self, source: yaml.MappingNode, where: str, depth: int) -> dict[str, YamlNode]:
        self._plain_tag(source, "map", where)
        entries: dict[str, YamlNode] = {}
        for key_node, value in source.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag != f"{_PREFIX}str":
                self._problem(line, where, "a key must be a string; put it in quotes")
                continue
            key = self._scalar(key_node, where)
            location = str(key) if where == "$" else f"{where}.{key}"
            if key in entries:
                self._problem(line, location, "duplicate key")
                continue
            entries[str(key)] = self.node(value, line, location, depth + 1)
        return entries

    def _list(self, source: yaml.SequenceNode, where: str, depth: int) -> list[YamlNode]:
        self._plain_tag(source, "seq", where)
        return [
            self.node(item, item.start_mark.line + 1, _location(item, where, index), depth + 1)
            for index, item in enumerate(source.value)
        ]

    def _scalar(self, source: yaml.ScalarNode, where: str) -> bool | int | float | str | None:
        text: str = source.value
        line = source.start_mark.line + 1
        if not source.style and _AMBIGUOUS.fullmatch(text):
            message = f"{text}: YAML readers disagree about its value; quote it"
            self._document.notes.append(Problem(line, where, message, "ambiguous-scalar"))
        if not text.isascii() and not _encodes(text):
            self._problem(line, where, "a lone surrogate is only half a character")
            return ""
        if source.tag in _TEXT_TAGS:
            return text
        plain_tag = self._resolver.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]  # the stubs leave it untyped
        if source.tag != plain_tag:
            self._problem(line, where, f"{source.tag} {text}: write the plain value, without a tag")
            return text
        return self._converted(source, where)

    def _converted(self, source: yaml.ScalarNode, where: str) -> bool | int | float | None:
        try:
            value: object = self._constructor.construct_object(source)
        except ValueError as error:
            self._problem(source.start_mark.line + 1, where, str(error))
            return None
        if isinstance(value, float) and not math.isfinite(value):
            self._problem(source.start_mark.line + 1, where, "JSON cannot express this number")
            return None
        if isinstance(value, int) and not -_LARGEST - 1 <= value <= _LARGEST:
            return self._as_float(value, source, where)
        return value if isinstance(value, bool | int | float) else None

    def _as_float(self, value: int, source: yaml.ScalarNode, where: str) -> float | None:
        """Convert a whole number over 64 bits as Go's YAML and JSON libraries do."""
        try:
            return float(value)
        except OverflowError:
            self._problem(source.start_mark.line + 1, where, "JSON cannot express this number")
            return None

    def _plain_tag(self, source: yaml.Node, kind: str, where: str) -> None:
        if source.tag != f"{_PREFIX}{kind}":
            message = f"{source.tag}: write the plain value, without a tag"
            self._problem(source.start_mark.line + 1, where, message)

    def _problem(self, line: int, where: str, message: str) -> None:
        self._document.problems.append(Problem(line, where, message, "yaml"))


def _location(item: yaml.Node, where: str, index: int) -> str:
    """Return an item's location: steps are identified by name."""
    if isinstance(item, yaml.MappingNode) and where.rpartition(".")[2] == "steps":
        for key, value in item.value:
            if key.value == "name" and isinstance(value, yaml.ScalarNode) and value.value:
                return f"{where}.{value.value}"
    return f"{where}[{index}]"


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
