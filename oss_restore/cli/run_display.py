"""The live display of a run: a panel on a terminal, now and then a line elsewhere."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Final, TypeAlias

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from oss_restore.clients.bucket_progress import BucketProgress, WatchBucket
from oss_restore.durations import exact
from oss_restore.language import gettext as _
from oss_restore.reporting import status_line
from oss_restore.runs.state import RunState
from thaw.storage_classes import ARCHIVE_CLASSES

_BAR_WIDTH: Final = 20
_LINE_SECONDS: Final = 5.0
_NOTICES_SHOWN: Final = 5


Show: TypeAlias = Callable[[RunState], None]


@contextmanager
def run_display(title: str, console: Console, watch: WatchBucket | None = None) -> Iterator[Show]:
    """Yield the function that shows the state of a run.

    Args:
        title: title of the display.
        console: where to show it.
        watch: reads the state of the bucket; None if only the run's history is known.
    """
    if not console.is_terminal:
        yield _Lines(title, console, watch).show
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:
        picture = _Picture(title, watch)
        yield lambda state: live.update(picture.of(state), refresh=True)


@dataclass
class _Lines:
    """Plain lines, when something has changed but not too often; alerts at once."""

    title: str
    console: Console
    watch: WatchBucket | None
    _last: str = ""
    _due: float = field(default_factory=lambda: monotonic() + _LINE_SECONDS)

    def show(self, state: RunState) -> None:
        for notice in state.notices:
            self._print(f"! {notice.text}")
        if monotonic() < self._due:
            return
        self._due = monotonic() + _LINE_SECONDS
        line = f"{self.title}: {status_line.line(state)}"
        if self.watch is not None:
            line += f"; {_told(self.watch())}"
        if line != self._last:
            self._print(line)
            self._last = line

    def _print(self, text: str) -> None:
        self.console.print(text, markup=False, soft_wrap=True)


def _told(moment: BucketProgress) -> str:
    archived = [state for state in moment.classes if state.storage_class in ARCHIVE_CLASSES]
    return _(
        "{requested:,} of {objects:,} requested, {readable:,} readable, {span} of cloud time"
    ).format(
        requested=sum(state.requested for state in archived),
        objects=sum(state.objects for state in archived),
        readable=sum(state.readable for state in archived),
        span=_clock(moment),
    )


def _clock(moment: BucketProgress) -> str:
    return exact(timedelta(seconds=int(moment.seconds)))


@dataclass
class _Picture:
    title: str
    watch: WatchBucket | None
    _started: float = field(default_factory=monotonic)
    _notices: deque[str] = field(default_factory=lambda: deque(maxlen=_NOTICES_SHOWN))

    def of(self, state: RunState) -> Group:
        """Draw the panel for the state of a run."""
        self._notices.extend(notice.text for notice in state.notices)
        wall = timedelta(seconds=int(monotonic() - self._started))
        heading = Text.assemble(
            (self.title, "bold"), "  ", state.result.execution.status, "  ", (str(wall), "dim")
        )
        parts: list[RenderableType] = [heading, _rows(state)]
        if self.watch is not None:
            moment = self.watch()
            parts += [
                _table(moment),
                Text(_("cloud time {span}").format(span=_clock(moment)), style="cyan"),
            ]
        parts += [Text(f"! {text}", style="yellow") for text in self._notices]
        return Group(*parts)


def _rows(state: RunState) -> Table:
    rows = Table.grid(padding=(0, 2))
    for what, text in (
        (_("so far"), status_line.progress(state)),
        (_("position"), status_line.place(state)),
        (_("forecast"), status_line.outlook(state)),
    ):
        if text:
            rows.add_row(Text(what, style="dim"), Text(text))
    return rows


def _table(moment: BucketProgress) -> Table:
    states = {state.storage_class: state for state in moment.classes}
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column(_("class"), no_wrap=True)
    for heading in (_("requested"), _("readable")):
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
                _("{objects:,} of {total:,}").format(objects=state.readable, total=state.objects),
            )
    return table


def _bar(done: int, total: int) -> ProgressBar:
    return ProgressBar(total=total, completed=done, width=_BAR_WIDTH)
