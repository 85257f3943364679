"""Terminal output: results on stdout, progress and errors on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from time import monotonic

from rich.console import Console
from rich.markup import escape
from rich.status import Status

# What they print may hold brackets, and names such as ":ram:", which are no emoji here.
out = Console(highlight=False, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, emoji=False)


def print_json(document: Mapping[str, object]) -> None:
    """Print a JSON object on one line of stdout, whatever the width of the terminal."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    sys.stdout.flush()  # a reader of the pipe waits for it


class Step:
    """A step in progress; its last note stays beside its title."""

    def __init__(self, title: str, spinner: Status | None) -> None:
        self._title = title
        self._spinner = spinner
        self.note = ""

    def update(self, note: str) -> None:
        """Show how far the step has come."""
        self.note = note
        if self._spinner is not None:
            self._spinner.update(escape(f"{self._title}: {note}"))


@contextmanager
def step(title: str, console: Console = err, *, spinner: bool = True) -> Iterator[Step]:
    """Show a step while it runs, and its duration when it is done.

    Args:
        title: what is being done.
        console: where to show it.
        spinner: whether something turns meanwhile; not where the step shows its own progress.
    """
    started = monotonic()
    with console.status(escape(title)) if spinner else nullcontext() as status:
        running = Step(title, status)
        try:
            yield running
        except BaseException:
            console.print(f"[red]✘[/red] {escape(title)}")
            raise
    note = f": {running.note}" if running.note else ""
    console.print(
        f"[green]✔[/green] {escape(title + note)} [dim]{monotonic() - started:.1f} s[/dim]"
    )
