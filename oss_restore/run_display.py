"""Shows a run while it goes on: a live table on a terminal, a line now and then elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Final, TypeAlias

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from functions.contract import ARCHIVE_CLASSES
from oss_restore.runs import Progress

_BAR_WIDTH: Final = 20
_LINE_SECONDS: Final = 5.0


@dataclass(frozen=True)
class ClassState:
    """How the objects of one storage class stand."""

    storage_class: str
    objects: int
    thawing: int
    readable: int

    @property
    def requested(self) -> int:
        """Objects that are thawing or thawed."""
        return self.thawing + self.readable


@dataclass(frozen=True)
class Moment:
    """How a bucket stands, and how many seconds of cloud time the run has taken until then."""

    classes: Sequence[ClassState]
    seconds: float


Watch: TypeAlias = Callable[[], Moment]
Show: TypeAlias = Callable[[Progress], None]


@contextmanager
def run_display(title: str, console: Console, watch: Watch | None) -> Iterator[Show]:
    """Yields the function that shows how far a run is.

    Args:
        title: what is going on.
        console: where to show it.
        watch: looks at the bucket; None where only the run's history tells.
    """
    if not console.is_terminal:
        yield _Lines(title, console, watch).show
        return
    started = monotonic()
    with Live(console=console, auto_refresh=False, transient=True) as live:

        def show(progress: Progress) -> None:
            wall = timedelta(seconds=int(monotonic() - started))
            live.update(_picture(title, progress, watch and watch(), wall), refresh=True)

        show(Progress())
        yield show


class _Lines:
    """Plain lines, when something has changed, and not too often."""

    def __init__(self, title: str, console: Console, watch: Watch | None) -> None:
        self._title = title
        self._console = console
        self._watch = watch
        self._last = ""
        self._due = monotonic() + _LINE_SECONDS

    def show(self, progress: Progress) -> None:
        if monotonic() < self._due:
            return
        self._due = monotonic() + _LINE_SECONDS
        line = f"{self._title}: {progress}"
        if self._watch is not None:
            line += f", {_told(self._watch())}"
        if line != self._last:
            self._console.print(line, markup=False, soft_wrap=True)
            self._last = line


def _told(moment: Moment) -> str:
    archived = [state for state in moment.classes if state.storage_class in ARCHIVE_CLASSES]
    requested, readable, objects = (
        sum(getattr(state, name) for state in archived)
        for name in ("requested", "readable", "objects")
    )
    return (
        f"{requested:,} of {objects:,} asked for, {readable:,} readable,"
        f" {_clock(moment)} of cloud time"
    )


def _clock(moment: Moment) -> str:
    return str(timedelta(seconds=int(moment.seconds)))


def _picture(title: str, progress: Progress, moment: Moment | None, wall: timedelta) -> Group:
    heading = Text.from_markup(f"[bold]{escape(title)}[/bold]  {progress}  [dim]{wall}[/dim]")
    if moment is None:
        return Group(heading)
    return Group(heading, _table(moment), Text(f"cloud time {_clock(moment)}", style="cyan"))


def _table(moment: Moment) -> Table:
    states = {state.storage_class: state for state in moment.classes}
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("class", no_wrap=True)
    for heading in ("asked for", "readable"):
        table.add_column(heading, width=_BAR_WIDTH)
        table.add_column("", justify="right", no_wrap=True)
    for storage_class in ARCHIVE_CLASSES:
        state = states.get(storage_class)
        if state is not None:
            table.add_row(
                storage_class,
                _bar(state.requested, state.objects),
                f"{state.requested:,}",
                _bar(state.readable, state.objects),
                f"{state.readable:,} of {state.objects:,}",
            )
    return table


def _bar(done: int, total: int) -> ProgressBar:
    return ProgressBar(total=total, completed=done, width=_BAR_WIDTH)
