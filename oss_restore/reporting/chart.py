"""The timeline of a report as shapes, independent of their markup."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from oss_restore.runs.progress import Point

WIDTH: Final = 880
HEIGHT: Final = 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 112, 20, 16, 40
_MOST_POINTS: Final = 400
_MOST_DOTS: Final = 40
_LINES: Final = 4
_TWO_MINUTES: Final = 120
_TIME_STEPS: Final = tuple(
    timedelta(seconds=seconds)
    for seconds in (
        *(1, 5, 10, 30, 60, 120, 300, 600, 1_200, 1_800),
        *(3_600, 7_200, 10_800, 21_600, 43_200, 86_400),
    )
)


@dataclass(frozen=True)
class Tick:
    """A mark on an axis."""

    at: float
    label: str


@dataclass(frozen=True)
class ChartSeries:
    """A line and the area under it, as SVG paths.

    Attributes:
        dots: positions of the known numbers, if they are few.
    """

    line: str
    area: str
    dots: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Chart:
    """A timeline of up to two series, in units of an SVG's view box."""

    times: tuple[Tick, ...]
    counts: tuple[Tick, ...]
    submitted: ChartSeries | None
    readable: ChartSeries | None
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM


def draw(submitted: Sequence[Point], readable: Sequence[Point], end: datetime) -> Chart | None:
    """Draw the timeline of a run; None if there is nothing to draw.

    Args:
        submitted: number of requested objects over time.
        readable: number of readable objects over time, which is unknown before the first point.
        end: end of the run, until which the last numbers are valid.
    """
    moments = [point.moment for point in (*submitted, *readable)]
    if not moments:
        return None
    scale = _Scale(
        min(moments), max(*moments, end), max(p.objects for p in (*submitted, *readable))
    )
    return Chart(
        times=scale.times(),
        counts=scale.counts(),
        submitted=scale.series([Point(scale.start, 0), *submitted], end) if submitted else None,
        readable=scale.series(readable, end, dotted=True),
    )


@dataclass(frozen=True)
class _Scale:
    start: datetime
    end: datetime
    most: int

    @property
    def top(self) -> int:
        """The highest number on the axis, rounded up."""
        step = self._count_step()
        return step * max(1, math.ceil(self.most / step))

    def x(self, moment: datetime) -> float:
        whole = (self.end - self.start) or timedelta(seconds=1)
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * ((moment - self.start) / whole), 1)

    def y(self, objects: float) -> float:
        return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * objects / self.top, 1)

    def times(self) -> tuple[Tick, ...]:
        whole = self.end - self.start
        step = next(
            (step for step in _TIME_STEPS if whole / step <= 8),  # noqa: PLR2004 - as many as fit
            _TIME_STEPS[-1] * math.ceil(whole / _TIME_STEPS[-1] / 8),
        )
        return tuple(
            Tick(self.x(self.start + step * number), _span(step * number))
            for number in range(int(whole / step) + 1)
        )

    def counts(self) -> tuple[Tick, ...]:
        step = self._count_step()
        return tuple(Tick(self.y(number), f"{number:,}") for number in range(0, self.top + 1, step))

    def series(
        self, points: Sequence[Point], end: datetime, *, dotted: bool = False
    ) -> ChartSeries | None:
        if not points:
            return None
        seen = _thin(points)
        first, last = points[0], points[-1]
        # Numbers are valid until the next known one: steps, not slopes.
        corners = [f"M{self.x(first.moment)} {self.y(first.objects)}"]
        steps = (*seen[1:], Point(max(end, last.moment), last.objects))
        corners += [f"H{self.x(point.moment)}V{self.y(point.objects)}" for point in steps]
        line = "".join(corners)
        dots = [(self.x(point.moment), self.y(point.objects)) for point in seen]
        return ChartSeries(
            line,
            f"{line}V{self.y(0)}H{self.x(first.moment)}Z",
            tuple(dots) if dotted and len(dots) <= _MOST_DOTS else (),
        )

    def _count_step(self) -> int:
        wanted = max(1, self.most) / _LINES
        power = 10 ** math.floor(math.log10(wanted)) if wanted >= 1 else 1
        steps = (1, 2, 5, 10)
        return max(1, int(next(step * power for step in steps if step * power >= wanted)))


def _thin(points: Sequence[Point]) -> list[Point]:
    """Thin points out evenly, but keep the last."""
    every = math.ceil(len(points) / _MOST_POINTS)
    return [*points[: -1 if every > 1 else None : every], *(points[-1:] if every > 1 else ())]


def _span(span: timedelta) -> str:
    """Format a duration, such as ``90 s``, ``5 min``, ``1:30 h``, ``2 d 12 h``."""
    seconds = int(span.total_seconds())
    minutes, hours, days = seconds // 60, seconds // 3_600, seconds // 86_400
    if seconds == 0:
        return "0"
    if seconds < _TWO_MINUTES and seconds % 60:
        return f"{seconds} s"
    if not hours:
        return f"{minutes} min" if not seconds % 60 else f"{minutes}:{seconds % 60:02} min"
    if not days:
        return f"{hours} h" if not minutes % 60 else f"{hours}:{minutes % 60:02} h"
    return f"{days} d" if not hours % 24 else f"{days} d {hours % 24} h"
