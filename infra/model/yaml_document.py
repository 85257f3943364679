"""A YAML file merged with its defaults, with the location of every value."""

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
    """The file is not a YAML mapping. ``problems`` are pairs of line (0 if unknown) and message."""

    def __init__(self, *problems: tuple[int, str]) -> None:
        super().__init__("; ".join(message for _, message in problems))
        self.problems = problems


@dataclass(frozen=True)
class Document:
    """A parsed file: its data, and the nodes that the data came from."""

    path: Path
    data: dict[str, Any]
    _root: yaml.MappingNode

    @classmethod
    def read(cls, path: Path, defaults: Document | None = None) -> Document:
        """Read a file.

        Args:
            path: the file's path.
            defaults: values for what the file does not set. Sections are merged field by field; any
                other value in the file, including a list, replaces the default.

        Raises:
            DocumentError: the file cannot be read, is not a YAML mapping, or has duplicate keys.
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
                root = _merge(defaults._root, root)  # noqa: SLF001 - of the same class
            data = yaml_values(path, root)
        except FileError as error:
            raise DocumentError((error.line, error.reason)) from error
        except yaml.MarkedYAMLError as error:  # a merge key that does not name a section
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            raise DocumentError((line, f"not YAML: {error.problem}")) from error
        assert isinstance(data, dict)  # as the root is a mapping
        return cls(path, data, root)

    def unquoted(self, location: Location) -> str | None:
        """Return a value as it is written, if YAML reads it as something other than a string."""
        node: yaml.Node = self._root
        for part in location:
            found = _child(node, part)
            if found is None:
                return None
            _, node = found
        if not isinstance(node, yaml.ScalarNode) or node.style:
            return None
        is_text = node.tag in (_TEXT_TAG, _NULL_TAG)
        return None if is_text else str(node.value)

    def position(self, location: Location) -> tuple[Path, int]:
        """Return a value's file and line, from 1; of its section if the value is missing."""
        node: yaml.Node = self._root
        position = (self.path, 1)
        for part in location:
            found = _child(node, part)
            if found is None:
                break
            mark, node = found
            position = (Path(mark.start_mark.name), mark.start_mark.line + 1)
        return position


def _merge(under: yaml.MappingNode, over: yaml.MappingNode) -> yaml.MappingNode:
    """Merge the fields of both; those of ``over`` win, and keep their locations."""
    fields = {key.value: (key, value) for key, value in under.value}
    for key, value in over.value:
        below = fields.get(key.value, (None, None))[1]
        if isinstance(value, yaml.MappingNode) and isinstance(below, yaml.MappingNode):
            fields[key.value] = (key, _merge(below, value))
        else:
            fields[key.value] = (key, value)
    pairs = list(fields.values())
    return yaml.MappingNode(over.tag, pairs, over.start_mark, over.end_mark)


def _child(node: yaml.Node, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """Return the node that locates a child, and the child."""
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
    """Yield problems with keys; YAML readers silently keep the last of duplicate keys."""
    for node in _nodes(root):
        seen = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                yield line, "a field's name must be a string, not a list or a section"
            elif key.value in seen:
                yield line, f"field {key.value!r} appears twice"
            else:
                seen.add(key.value)


def _flatten(root: yaml.Node) -> None:
    """Replace YAML's merge key ``<<`` with what it names; a mapping's own fields win."""
    for node in _nodes(root):
        if isinstance(node, yaml.MappingNode):
            yaml.constructor.SafeConstructor().flatten_mapping(node)
            node.value = list({key.value: (key, value) for key, value in node.value}.values())
