"""YAML nodes within limits: a few hundred bytes of aliases can expand to a huge tree."""

from __future__ import annotations

import re
from io import StringIO
from typing import Final

import yaml
from yaml.composer import Composer

MAX_DEPTH = 60
MAX_NODES = 100_000  # counting every repetition by an alias

_TOO_DEEP: Final = f"nested more than {MAX_DEPTH} deep"

# libyaml is seven times as fast, but accepts some texts that are not YAML: with tabs, tags, "?", or
# comments right after headers of block scalars. Of all other texts, both parsers make the same
# nodes on the same lines, except for empty documents ("---") and empty values in brackets.
_SIMPLE: Final = re.compile(
    r"(?:[\n \"-,./0-9:;<=@-{}~\xa0-\u2027\u202a-\ud7ff\uff00-\uffef]++"
    r"|-(?!--)|!=(?= )|[>|](?![-+0-9]*#))*+"
)


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
            raise self._too_large(event, _TOO_DEEP)
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
    def __init__(self, text: str, name: str) -> None:
        yaml.SafeLoader.__init__(self, text)
        _BoundedComposer.__init__(self)
        self.name = name

    def fetch_flow_collection_start(self, token_class: type[yaml.Token]) -> None:
        """Refuse deep brackets at once: to look ahead in them takes quadratic time."""
        if self.flow_level == MAX_DEPTH:
            raise TooLargeError(problem=_TOO_DEEP, problem_mark=self.get_mark())
        super().fetch_flow_collection_start(token_class)


if yaml.__with_libyaml__:

    class _LibyamlLoader(_BoundedComposer, yaml.CSafeLoader):
        def __init__(self, text: str, name: str) -> None:
            stream = StringIO(text)
            stream.name = name  # libyaml names its marks after the stream
            yaml.CSafeLoader.__init__(self, stream)
            _BoundedComposer.__init__(self)


def compose(text: str, name: str = "<unicode string>") -> yaml.Node | None:
    """Parse a single YAML document; return its root node, or None if it is empty.

    Args:
        text: the YAML text.
        name: the file name in the nodes' marks and in errors.

    Raises:
        yaml.YAMLError: the text is not YAML, or it is too large (``TooLargeError``).
    """
    if yaml.__with_libyaml__ and _SIMPLE.fullmatch(text):
        try:
            return _node(_LibyamlLoader(text, name))
        except TooLargeError:
            raise
        except yaml.YAMLError:
            pass  # PyYAML's own parser finds it too, and explains it better
    return _node(_PythonLoader(text, name))


def _node(loader: _PythonLoader | _LibyamlLoader) -> yaml.Node | None:
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()
