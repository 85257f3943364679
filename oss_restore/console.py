"""What the terminal shows: results on stdout, progress and complaints on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import Self

from rich.console import Console
from rich.markup import escape

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def print_json(document: Mapping[str, object]) -> None:
    """Prints one JSON object on one line of stdout, whatever the terminal's width."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


class Step:
    """A step in progress; :meth:`say` changes the text beside its spinner."""

    def __init__(self, title: str, console: Console) -> None:
        self.title = title
        self.note = ""
        self._status = console.status(escape(title))

    def say(self, note: str) -> None:
        """Tells how far the step is."""
        self.note = note
        self._status.update(escape(f"{self.title}: {note}"))

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()


@contextmanager
def step(title: str, console: Console = err) -> Iterator[Step]:
    """Shows a step while it runs, and how long it took once it is done."""
    started = monotonic()
    with Step(title, console) as running:
        try:
            yield running
        except BaseException:
            console.print(f"[red]✘[/red] {escape(title)}")
            raise
    note = f": {running.note}" if running.note else ""
    console.print(
        f"[green]✔[/green] {escape(title + note)} [dim]{monotonic() - started:.1f} s[/dim]"
    )
