"""YAML nodes within limits: a few hundred bytes of aliases can expand to a huge tree."""

from __future__ import annotations

import yaml

MAX_DEPTH = 60
MAX_NODES = 100_000  # counting every repetition by an alias


class TooLargeError(yaml.MarkedYAMLError):
    """The document expands to more values than anyone writes by hand."""


class _BoundedLoader(yaml.SafeLoader):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._nodes = 0
        self._sizes: dict[str, int] = {}  # nodes in each complete anchored value

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]  # untyped in the stubs
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
        assert isinstance(mark, yaml.Mark)  # true of the pure Python loader
        return TooLargeError(problem=problem, problem_mark=mark)


def compose(text: str, name: str = "<unicode string>") -> yaml.Node | None:
    """Parse a single YAML document; return its root node, or None if it is empty.

    Args:
        text: the YAML text.
        name: the file name in the nodes' marks.

    Raises:
        yaml.YAMLError: the text is not YAML, or it is too large (``TooLargeError``).
    """
    loader = _BoundedLoader(text)
    loader.name = name
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()
