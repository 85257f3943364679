"""A YAML file that knows on which line each of its values stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

Location = tuple[str | int, ...]


class DocumentError(Exception):
    """The file is no YAML mapping. ``problems`` are pairs of line (0: none) and message."""

    def __init__(self, *problems: tuple[int, str]) -> None:
        super().__init__("; ".join(message for _, message in problems))
        self.problems = problems


@dataclass(frozen=True)
class Document:
    """A parsed file: its data, and the nodes they came from."""

    data: dict[object, object]
    _root: yaml.MappingNode

    @classmethod
    def read(cls, path: Path) -> Document:
        """Reads a file.

        Raises:
            DocumentError: it cannot be read, is no YAML, no mapping, or has a key twice.
        """
        try:
            text = path.read_text(encoding="utf-8")
            root = yaml.compose(text, Loader=yaml.SafeLoader)
            data = yaml.safe_load(text)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            raise DocumentError((line, f"no YAML: {error.problem}")) from error
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise DocumentError((0, f"cannot be read: {error}")) from error
        if not isinstance(root, yaml.MappingNode):
            raise DocumentError((0, "no mapping of fields to values"))
        repeated = tuple(_repeated_keys(root))
        if repeated:
            raise DocumentError(*repeated)
        return cls(data, root)

    def line(self, location: Location) -> int:
        """Line of a value, from 1; where it is missing, of the section that should have it."""
        node: yaml.Node = self._root
        line = 1
        for part in location:
            found = _child(node, part)
            if found is None:
                break
            mark, node = found
            line = mark.start_mark.line + 1
        return line


def _child(node: yaml.Node, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """The node that marks the place of a child, and the child."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None


def _repeated_keys(node: yaml.Node) -> Iterator[tuple[int, str]]:
    """YAML readers keep the last of two equal keys and say nothing."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, f"field {key.value!r} is there twice"
            seen.add(key.value)
            yield from _repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated_keys(value)
