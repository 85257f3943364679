"""Where the boxes and lines of a flow's picture are.

The steps of a series stand below each other, as they do in its definition. A goto runs beside them
in a lane of its own: on the right to a step further down, on the left to one further up. Gotos to
the same step share a lane. A series inside a step is a picture in a frame in the step's box.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from unicodedata import east_asian_width

from fdl.graph.model import InnerSeries, SeriesGraph, StepNode, Way, WayKind

Points: TypeAlias = tuple[tuple[float, float], ...]
_Bus: TypeAlias = tuple[int, WayKind]  # ways to the same step that share a lane

CHAR: Final = 7.3  # width of a character of the picture's fixed-width font
LINE: Final = 18.0  # height of a line of text
_PAD: Final = 12.0
_HEAD: Final = 24.0  # height of a step's name
_GAP: Final = 22.0  # between two steps
_LANE: Final = 14.0
_COUNT: Final = 56.0  # kept free beside a step's name: how often it has run
_NARROWEST: Final = 170.0
_LONGEST: Final = 40  # characters of a text that is shown
_ARRIVAL: Final[dict[WayKind, float]] = {"next": 0, "goto": 9, "catch": 18}  # below a box's top


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line through these points; one that joins another's lane has no head of its own."""

    kind: WayKind
    points: Points
    title: str = ""
    has_head: bool = True


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text in a box, at its left end."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Frame:
    """A series inside a step, whose place is relative to the step's box."""

    label: str
    x: float
    y: float
    width: float
    height: float
    picture: Picture


@dataclass(frozen=True, slots=True)
class Box:
    """A step; what is in it has its place relative to the box.

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
        """Where the next step is entered from."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Picture:
    """A series, from its own origin."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


@dataclass(slots=True)
class _Lanes:
    """The lanes on one side of a series; the first is the one beside the steps."""

    buses: dict[_Bus, int] = field(default_factory=dict)

    @classmethod
    def of(cls, ways: Iterable[Way]) -> _Lanes:
        reach: defaultdict[_Bus, set[int]] = defaultdict(set)
        for way in ways:
            reach[way.target, way.kind] |= {way.source, way.target}
        lanes: list[list[tuple[int, int]]] = []
        found = cls()
        for bus, steps in sorted(
            reach.items(), key=lambda one: (max(one[1]) - min(one[1]), one[0])
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
            found.buses[bus] = number
        return found

    @property
    def width(self) -> float:
        return (max(self.buses.values(), default=-1) + 1) * _LANE


def lay_out(series: SeriesGraph) -> Picture:
    """Find the places of a series' steps, and of all that is in them."""
    below = {(way.source, way.target) for way in series.ways if _is_straight(way)}
    beside = [way for way in series.ways if not _is_straight(way) and way.kind != "next"]
    left = _Lanes.of(way for way in beside if way.is_back)
    right = _Lanes.of(way for way in beside if not way.is_back)
    boxes = _stacked([_box(step, series.ways, n) for n, step in enumerate(series.steps)], left)
    edge = max((box.x + box.width for box in boxes), default=0)
    arrows = (
        *(_down(boxes[here], boxes[there]) for here, there in sorted(below) if there < len(boxes)),
        *(_around(way, beside, boxes, left, right, edge) for way in beside),
    )
    height = max((box.y + box.height for box in boxes), default=0)
    ends = any(box.step.ends or box.step.fails for box in boxes[-1:])
    return Picture(edge + right.width, height + (_GAP / 2 if ends else 0), tuple(boxes), arrows)


def _is_straight(way: Way) -> bool:
    """Whether it leads to the next step, and from no place in particular."""
    return way.kind != "catch" and way.target == way.source + 1


def shortened(text: str, longest: int = _LONGEST) -> str:
    """As much of a text as there is room for."""
    if _cells(text) <= longest:
        return text
    while _cells(text) >= longest:
        text = text[:-1]
    return f"{text}…"


def _cells(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _text_width(text: str) -> float:
    return _cells(shortened(text)) * CHAR


def _box(step: StepNode, ways: Sequence[Way], index: int) -> Box:
    """A step whose box is at the origin."""
    texts = [step.calls] if step.calls else []
    texts += [way.label for way in _with_row(ways, index)]
    rows = tuple(TextLine(text, _PAD, _HEAD + LINE * n + 12) for n, text in enumerate(texts))
    top = _HEAD + LINE * len(rows) + (6 if rows else 2)
    frames = tuple(_side_by_side(step.inner, top))
    inside = max((frame.x + frame.width + _PAD for frame in frames), default=0)
    widths = [_text_width(step.name) + _COUNT, *map(_text_width, texts)]
    width = max(_NARROWEST, inside, *(text + 2 * _PAD for text in widths))
    height = max((frame.y + frame.height + _PAD for frame in frames), default=top + 4)
    return Box(step, 0, 0, width, height, rows, frames)


def _with_row(ways: Sequence[Way], index: int) -> list[Way]:
    """The ways out of a step whose condition stands in its box."""
    return [way for way in ways if way.source == index and way.kind != "catch" and way.label]


def _side_by_side(inner: Sequence[InnerSeries], top: float) -> Iterator[Frame]:
    x = _PAD
    for one in inner:
        picture = lay_out(one.series)
        width = max(picture.width, _text_width(one.label)) + 2 * _PAD
        yield Frame(one.label, x, top, width, picture.height + _HEAD + _PAD, picture)
        x += width + _PAD


def _stacked(boxes: Sequence[Box], left: _Lanes) -> list[Box]:
    """The boxes below each other, on one axis; those without frames are equally wide."""
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
    way: Way,
    ways: Sequence[Way],
    boxes: Sequence[Box],
    left: _Lanes,
    right: _Lanes,
    edge: float,
) -> Arrow:
    source, target = boxes[way.source], boxes[way.target]
    begin, end = source.y + _departure(way, source), target.y + _ARRIVAL[way.kind]
    bus = way.target, way.kind
    if way.is_back:
        lane = left.width - (left.buses[bus] + 0.5) * _LANE
        sides = source.x, target.x
    else:
        lane = edge + (right.buses[bus] + 0.5) * _LANE
        sides = source.x + source.width, target.x + target.width
    way_in = (sides[0], begin), (lane, begin)
    together = [one for one in ways if (one.target, one.kind, one.is_back) == (*bus, way.is_back)]
    if way is not max(together, key=lambda one: abs(one.target - one.source)):
        return Arrow(way.kind, way_in, way.label, has_head=False)
    return Arrow(way.kind, (*way_in, (lane, end), (sides[1], end)), way.label)


def _departure(way: Way, box: Box) -> float:
    """Where a way leaves its box, below the top: beside its condition, its steps, or at the end."""
    if way.inner is not None:
        return box.frames[way.inner].y + LINE / 2
    for row in box.rows:
        if way.kind != "catch" and row.text == way.label:
            return row.y - 4
    return box.height - 8
