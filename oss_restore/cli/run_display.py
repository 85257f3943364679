"""The live display of a run: a panel on a terminal, or occasional lines elsewhere."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Final, TypeAlias

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from oss_restore.cli.console import Terminal
from oss_restore.cli.flow_display import FlowDisplay
from oss_restore.durations import exact
from oss_restore.language import gettext as _
from oss_restore.reporting import status_line
from oss_restore.runs.state import RunState

_BAR_WIDTH: Final = 40
_LINE_SECONDS: Final = 5.0
_NOTICES_SHOWN: Final = 5


Show: TypeAlias = Callable[[RunState], None]


@contextmanager
def run_display(title: str, console: Terminal, flow: FlowDisplay | None = None) -> Iterator[Show]:
    """Yield a function that shows the state of a run.

    Args:
        title: title of the display.
        console: console to show it on.
        flow: display of its main flow, to be shown, too.
    """
    if not console.is_terminal:
        yield _Lines(title, console, flow).show
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:
        panel = _Panel(title, flow)
        yield lambda state: live.update(panel.of(state), refresh=True)


@dataclass
class _Lines:
    """A display of plain lines after changes, limited in rate except for alerts."""

    title: str
    console: Terminal
    flow: FlowDisplay | None = None
    _last: str = ""
    _due: float = field(default_factory=lambda: monotonic() + _LINE_SECONDS)

    def show(self, state: RunState) -> None:
        for alert in state.notices:
            self.console.print_line(f"! {alert.text}")
        if self.flow is not None and (entered := self.flow.read()):
            self.console.print_line(f"{self.title}: {', '.join(entered)}")
        if monotonic() < self._due:
            return
        self._due = monotonic() + _LINE_SECONDS
        line = f"{self.title}: {status_line.line(state)}"
        if line != self._last:
            self.console.print_line(line)
            self._last = line


@dataclass
class _Panel:
    title: str
    flow: FlowDisplay | None = None
    _notices: deque[str] = field(default_factory=lambda: deque(maxlen=_NOTICES_SHOWN))

    def of(self, state: RunState) -> Group:
        """Draw the panel for the state of a run."""
        self._notices.extend(notice.text for notice in state.notices)
        execution = state.result.execution
        took = exact(max(state.now - datetime.fromisoformat(execution.started_at), timedelta()))
        heading = Table.grid(padding=(0, 2))
        heading.add_row(self.title, execution.status, took)
        notices = Table.grid()
        for text in self._notices:
            notices.add_row(f"! {text}", style="yellow")
        parts = [heading, _rows(state), _bars(state), notices]
        if self.flow is not None:
            self.flow.read()
            parts.append(self.flow.table())
        return Group(*parts)


def _rows(state: RunState) -> Table:
    rows = Table.grid(padding=(0, 2))
    for what, text in (
        (_("so far"), status_line.progress(state)),
        (_("position"), status_line.position(state)),
        (_("forecast"), status_line.estimated_end(state)),
    ):
        if text:
            rows.add_row(what, text)
    return rows


def _bars(state: RunState) -> Table:
    counts, readable = state.counts, state.readable_objects
    bars = Table.grid(padding=(0, 2))
    for what, done, total in (
        (_("requested"), counts.submitted, state.expected),
        (_("readable"), readable, counts.submitted + counts.under_way),
        (_("copied"), state.copied_objects, counts.submitted + counts.under_way),
    ):
        if done is not None and total:
            text = _("{objects:,} of {total:,}").format(objects=done, total=total)
            bars.add_row(what, ProgressBar(total, min(done, total), width=_BAR_WIDTH), text)
    return bars
