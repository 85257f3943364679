"""The layout of a flow diagram: the positions of its boxes and lines.

The steps of a series are stacked vertically, in the order of the definition. A goto runs beside
them in its own lane: on the right if it goes down, on the left if it goes up. Gotos to the same
step share a lane. A series inside a step is drawn in a frame inside the step's box.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from unicodedata import east_asian_width

from fdl.graph.model import Edge, EdgeKind, InnerSeries, SeriesGraph, StepNode

Points: TypeAlias = tuple[tuple[float, float], ...]
_Bus: TypeAlias = tuple[int, EdgeKind]  # edges to the same step that share a lane

CHAR: Final = 7.3  # width of a character of the picture's fixed-width font
LINE: Final = 18.0  # height of a line of text
_PAD: Final = 12.0
_HEAD: Final = 24.0  # height of a step's name
_GAP: Final = 22.0  # between two steps
_LANE: Final = 14.0
_COUNT: Final = 56.0  # reserved beside a step's name for how often it has run
_NARROWEST: Final = 170.0
_LONGEST: Final = 40  # characters of a text that are shown
_ARRIVAL: Final[dict[EdgeKind, float]] = {"next": 0, "goto": 9, "catch": 18}  # below a box's top


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line through these points; a line that joins another line's lane has no head."""

    kind: EdgeKind
    points: Points
    title: str = ""
    has_head: bool = True


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text in a box, positioned by its left end."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Frame:
    """A series inside a step, positioned relative to the step's box."""

    label: str
    x: float
    y: float
    width: float
    height: float
    picture: Picture


@dataclass(frozen=True, slots=True)
class Box:
    """A step; its contents are positioned relative to the box.

    Attributes:
        rows: what it calls, or a choice's conditions.
    """

    step: StepNode
    x: float
    y: float
    width: float
    height: float
    rows: tuple[TextLine, ...]
    frames: tuple[Frame, ...]

    @property
    def middle(self) -> float:
        """The x coordinate of the line to the next step."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn series, relative to its own origin."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


@dataclass(slots=True)
class _Lanes:
    """The lanes on one side of a series; lane 0 is next to the steps."""

    buses: dict[_Bus, int] = field(default_factory=dict)

    @classmethod
    def of(cls, edges: Iterable[Edge]) -> _Lanes:
        reach: defaultdict[_Bus, set[int]] = defaultdict(set)
        for edge in edges:
            reach[edge.target, edge.kind] |= {edge.source, edge.target}
        lanes: list[list[tuple[int, int]]] = []
        assigned = cls()
        for bus, steps in sorted(
            reach.items(), key=lambda item: (max(item[1]) - min(item[1]), item[0])
        ):
            first, last = min(steps), max(steps)
            free = (
                number
                for number, taken in enumerate(lanes)
                if all(last < begin or end < first for begin, end in taken)
            )
            number = next(free, len(lanes))
            if number == len(lanes):
                lanes.append([])
            lanes[number].append((first, last))
            assigned.buses[bus] = number
        return assigned

    @property
    def width(self) -> float:
        return (max(self.buses.values(), default=-1) + 1) * _LANE


def lay_out(series: SeriesGraph) -> Picture:
    """Lay out a series' steps and everything inside them."""
    below = {(edge.source, edge.target) for edge in series.edges if _is_straight(edge)}
    beside = [edge for edge in series.edges if not _is_straight(edge) and edge.kind != "next"]
    left = _Lanes.of(edge for edge in beside if edge.is_back)
    right = _Lanes.of(edge for edge in beside if not edge.is_back)
    boxes = _stack([_box(step, series.edges, n) for n, step in enumerate(series.steps)], left)
    side = max((box.x + box.width for box in boxes), default=0)
    arrows = (
        *(_down(boxes[here], boxes[there]) for here, there in sorted(below) if there < len(boxes)),
        *(_around(edge, beside, boxes, left, right, side) for edge in beside),
    )
    height = max((box.y + box.height for box in boxes), default=0)
    ends = any(box.step.ends or box.step.fails for box in boxes[-1:])
    return Picture(side + right.width, height + (_GAP / 2 if ends else 0), tuple(boxes), arrows)


def _is_straight(edge: Edge) -> bool:
    """Whether the edge is a plain one to the next step."""
    return edge.kind != "catch" and edge.target == edge.source + 1


def shorten(text: str, longest: int = _LONGEST) -> str:
    """Cut a text to the space that there is."""
    if _cells(text) <= longest:
        return text
    while _cells(text) >= longest:
        text = text[:-1]
    return f"{text}…"


def _cells(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _text_width(text: str) -> float:
    return _cells(shorten(text)) * CHAR


def _box(step: StepNode, edges: Sequence[Edge], index: int) -> Box:
    """Make a step's box, at the origin."""
    texts = [step.calls] if step.calls else []
    texts += [edge.label for edge in _with_row(edges, index)]
    rows = tuple(TextLine(text, _PAD, _HEAD + LINE * n + 12) for n, text in enumerate(texts))
    top = _HEAD + LINE * len(rows) + (6 if rows else 2)
    frames = tuple(_side_by_side(step.inner, top))
    inside = max((frame.x + frame.width + _PAD for frame in frames), default=0)
    widths = [_text_width(step.name) + _COUNT, *map(_text_width, texts)]
    width = max(_NARROWEST, inside, *(text + 2 * _PAD for text in widths))
    height = max((frame.y + frame.height + _PAD for frame in frames), default=top + 4)
    return Box(step, 0, 0, width, height, rows, frames)


def _with_row(edges: Sequence[Edge], index: int) -> list[Edge]:
    """Return a step's outgoing edges whose conditions are written in its box."""
    return [edge for edge in edges if edge.source == index and edge.kind != "catch" and edge.label]


def _side_by_side(inner: Sequence[InnerSeries], top: float) -> Iterator[Frame]:
    x = _PAD
    for series in inner:
        picture = lay_out(series.series)
        width = max(picture.width, _text_width(series.label)) + 2 * _PAD
        yield Frame(series.label, x, top, width, picture.height + _HEAD + _PAD, picture)
        x += width + _PAD


def _stack(boxes: Sequence[Box], left: _Lanes) -> list[Box]:
    """Stack the boxes, centred on one axis; those without frames get the same width."""
    plain = max((box.width for box in boxes if not box.frames), default=0)
    widths = [box.width if box.frames else plain for box in boxes]
    widest = max(widths, default=0)
    placed, y = [], 0.0
    for box, width in zip(boxes, widths, strict=True):
        x = left.width + (widest - width) / 2
        placed.append(Box(box.step, x, y, width, box.height, box.rows, box.frames))
        y += box.height + _GAP
    return placed


def _down(here: Box, there: Box) -> Arrow:
    x = here.middle
    return Arrow("next", ((x, here.y + here.height), (x, there.y)))


def _around(
    edge: Edge,
    edges: Sequence[Edge],
    boxes: Sequence[Box],
    left: _Lanes,
    right: _Lanes,
    side: float,
) -> Arrow:
    source, target = boxes[edge.source], boxes[edge.target]
    begin, end = source.y + _departure(edge, source), target.y + _ARRIVAL[edge.kind]
    bus = edge.target, edge.kind
    if edge.is_back:
        lane = left.width - (left.buses[bus] + 0.5) * _LANE
        sides = source.x, target.x
    else:
        lane = side + (right.buses[bus] + 0.5) * _LANE
        sides = source.x + source.width, target.x + target.width
    entry = (sides[0], begin), (lane, begin)
    sharing = [
        other
        for other in edges
        if (other.target, other.kind, other.is_back) == (*bus, edge.is_back)
    ]
    if edge is not max(sharing, key=lambda other: abs(other.target - other.source)):
        return Arrow(edge.kind, entry, edge.label, has_head=False)
    return Arrow(edge.kind, (*entry, (lane, end), (sides[1], end)), edge.label)


def _departure(edge: Edge, box: Box) -> float:
    """Return how far below its box's top an edge starts: at its condition, frame, or the end."""
    if edge.inner is not None:
        return box.frames[edge.inner].y + LINE / 2
    for row in box.rows:
        if edge.kind != "catch" and row.text == edge.label:
            return row.y - 4
    return box.height - 8
