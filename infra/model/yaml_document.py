"""A YAML file merged over its defaults, with the location of every value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.model.user_files import FileError, read_yaml_nodes, yaml_values

_TEXT_TAG = "tag:yaml.org,2002:str"
_NULL_TAG = "tag:yaml.org,2002:null"

Location = tuple[str | int, ...]


class DocumentError(Exception):
    """The file is no YAML mapping. ``problems`` are pairs of line (0: none) and message."""

    def __init__(self, *problems: tuple[int, str]) -> None:
        super().__init__("; ".join(message for _, message in problems))
        self.problems = problems


@dataclass(frozen=True)
class Document:
    """A parsed file: its data, and the nodes they came from."""

    path: Path
    data: dict[str, Any]
    _root: yaml.MappingNode

    @classmethod
    def read(cls, path: Path, defaults: Document | None = None) -> Document:
        """Read a file.

        Args:
            path: of the file.
            defaults: what holds where the file says nothing. Sections are merged field by field;
                any other value of the file, a list too, takes the place of the default.

        Raises:
            DocumentError: the file cannot be read, is no YAML, no mapping, or has a key twice.
        """
        try:
            root = read_yaml_nodes(path)
            if not isinstance(root, yaml.MappingNode):
                raise DocumentError((0, "not a mapping of fields to values"))
            problems = tuple(_bad_keys(root))
            if problems:
                raise DocumentError(*problems)
            _flatten(root)
            if defaults is not None:
                root = _merged(defaults._root, root)  # noqa: SLF001 - of the same class
            data = yaml_values(path, root)
        except FileError as error:
            raise DocumentError((error.line, error.reason)) from error
        except yaml.MarkedYAMLError as error:  # a merge key that names no section
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            raise DocumentError((line, f"not YAML: {error.problem}")) from error
        assert isinstance(data, dict)  # as the root is a mapping
        return cls(path, data, root)

    def unquoted(self, location: Location) -> str | None:
        """A value as it is written, if YAML takes it for something else than a text."""
        node: yaml.Node = self._root
        for part in location:
            found = _child(node, part)
            if found is None:
                return None
            _, node = found
        if not isinstance(node, yaml.ScalarNode) or node.style is not None:
            return None
        is_text = node.tag in (_TEXT_TAG, _NULL_TAG)
        return None if is_text else str(node.value)

    def place(self, location: Location) -> tuple[Path, int]:
        """File and line, from 1, of a value; where it is missing, of the section it belongs in."""
        node: yaml.Node = self._root
        place = (self.path, 1)
        for part in location:
            found = _child(node, part)
            if found is None:
                break
            mark, node = found
            place = (Path(mark.start_mark.name), mark.start_mark.line + 1)
        return place


def _merged(under: yaml.MappingNode, over: yaml.MappingNode) -> yaml.MappingNode:
    """The fields of both; those of ``over`` count, and keep their place."""
    fields = {key.value: (key, value) for key, value in under.value}
    for key, value in over.value:
        below = fields.get(key.value, (None, None))[1]
        if isinstance(value, yaml.MappingNode) and isinstance(below, yaml.MappingNode):
            fields[key.value] = (key, _merged(below, value))
        else:
            fields[key.value] = (key, value)
    pairs = list(fields.values())
    return yaml.MappingNode(over.tag, pairs, over.start_mark, over.end_mark)


def _child(node: yaml.Node, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """The node that marks the place of a child, and the child."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None


def _nodes(node: yaml.Node) -> Iterator[yaml.Node]:
    yield node
    if isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from _nodes(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _nodes(value)


def _bad_keys(root: yaml.Node) -> Iterator[tuple[int, str]]:
    """YAML readers keep the last of two equal keys and say nothing."""
    for node in _nodes(root):
        seen = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                yield line, "a field's name is a text, not a list or a section"
            elif key.value in seen:
                yield line, f"field {key.value!r} appears twice"
            else:
                seen.add(key.value)


def _flatten(root: yaml.Node) -> None:
    """Replace YAML's merge key ``<<`` by what it names; own fields come last and win."""
    for node in _nodes(root):
        if isinstance(node, yaml.MappingNode):
            yaml.constructor.SafeConstructor().flatten_mapping(node)
            node.value = list({key.value: (key, value) for key, value in node.value}.values())
