"""YAML nodes within limits: a few hundred bytes of aliases can expand to a huge tree."""

from __future__ import annotations

import re
from typing import Final

import yaml
from yaml.composer import Composer

MAX_DEPTH = 60
MAX_NODES = 100_000  # counting every repetition by an alias

# libyaml is seven times as fast, but accepts some texts that are not YAML: with tabs, tags, "?" or
# headers of block scalars. Of these characters, both parsers make the same nodes on the same lines.
_SIMPLE: Final = re.compile(r"(?:[\n A-Za-z0-9\"#$&'()*,./:;=\[\]_`{}]++|-(?!--)|>(?=[ =]))*+")


class TooLargeError(yaml.MarkedYAMLError):
    """The document expands to more values than anyone writes by hand."""


class _BoundedComposer(Composer):
    """Composes nodes within the limits, from the events of a parser."""

    def __init__(self) -> None:
        Composer.__init__(self)  # the next class in line is the loader
        self._depth = 0
        self._nodes = 0
        self._sizes: dict[str, int] = {}  # nodes in each complete anchored value

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[attr-defined]  # of the loader's parser
        before = self._nodes
        if isinstance(event, yaml.AliasEvent) and event.anchor is not None:
            if event.anchor in self.anchors and event.anchor not in self._sizes:
                raise self._too_large(event, f"&{event.anchor} contains itself")
            self._nodes += self._sizes.get(event.anchor, 1)
        else:
            self._nodes += 1
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._too_large(event, f"nested more than {MAX_DEPTH} deep")
        if self._nodes > MAX_NODES:
            raise self._too_large(event, f"more than {MAX_NODES:,} values, with its aliases")
        node = super().compose_node(parent, index)
        self._depth -= 1
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            self._sizes.setdefault(event.anchor, self._nodes - before)
        return node

    @staticmethod
    def _too_large(event: yaml.Event, problem: str) -> TooLargeError:
        mark = event.start_mark
        return TooLargeError(problem=problem, problem_mark=mark)  # type: ignore[arg-type]  # libyaml's marks are alike


class _PythonLoader(_BoundedComposer, yaml.SafeLoader):
    def __init__(self, text: str) -> None:
        yaml.SafeLoader.__init__(self, text)
        _BoundedComposer.__init__(self)


if yaml.__with_libyaml__:

    class _LibyamlLoader(_BoundedComposer, yaml.CSafeLoader):
        def __init__(self, text: str) -> None:
            yaml.CSafeLoader.__init__(self, text)
            _BoundedComposer.__init__(self)


def compose(text: str, name: str = "") -> yaml.Node | None:
    """Parse a single YAML document; return its root node, or None if it is empty.

    Args:
        text: the YAML text.
        name: the file name in the nodes' marks and in errors.

    Raises:
        yaml.YAMLError: the text is not YAML, or it is too large (``TooLargeError``).
    """
    # The marks of libyaml's nodes have no name.
    if yaml.__with_libyaml__ and not name and _SIMPLE.fullmatch(text):
        try:
            return _node(_LibyamlLoader(text))
        except yaml.YAMLError:
            pass  # PyYAML's own parser finds it too, and explains it better
    loader = _PythonLoader(text)
    loader.name = name or loader.name
    return _node(loader)


def _node(loader: _PythonLoader | _LibyamlLoader) -> yaml.Node | None:
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()
