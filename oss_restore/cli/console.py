"""Terminal output: results on stdout, progress and errors on stderr.

Everything that a command prints passes through here, so that texts from the cloud are shown
literally: without markup or emoji names, and with control characters and line breaks escaped.
"""

from __future__ import annotations

import codecs
import io
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from time import monotonic
from typing import Any, BinaryIO, Final, cast

from rich.console import Console
from rich.status import Status
from rich.text import Text

from oss_restore.reporting.formatting import shown


class Terminal(Console):
    """A console that shows text literally.

    Args:
        stderr: whether to write to stderr.
        options: further options of rich, for tests.
    """

    def __init__(self, *, stderr: bool = False, **options: Any) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Convert a printed string, or one in a table's cell, to a text of one line."""
        return super().render_str(shown(text), **options)

    def print_line(self, text: str = "", *, style: str | None = None) -> None:
        """Print a line without wrapping it."""
        self.print(text, style=style, soft_wrap=True)

    def document(self, text: str) -> None:
        """Print a file's content, with each line escaped if it is printed to a terminal."""
        if not self.is_terminal:
            self.file.write(text)
            return
        for line in text.splitlines():
            self.print_line(line)


out: Final = Terminal()
err: Final = Terminal(stderr=True)


def print_json(document: Mapping[str, object]) -> None:
    """Print a JSON object on one line of stdout, without wrapping it."""
    text = json.dumps(document, ensure_ascii=False)
    # Invisible characters only occur in strings, where JSON can escape them.
    sys.stdout.write("".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text) + "\n")
    sys.stdout.flush()  # for readers of a pipe


@contextmanager
def binary_stdout() -> Iterator[BinaryIO]:
    """Yield stdout for CSV as bytes, which are escaped if they are printed to a terminal."""
    if not sys.stdout.isatty():
        yield sys.stdout.buffer
        return
    with io.BufferedWriter(_TerminalBytes()) as file:
        yield cast("BinaryIO", file)


class _TerminalBytes(io.RawIOBase):
    """A stream that shows lines of UTF-8 on the terminal."""

    def __init__(self) -> None:
        super().__init__()
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        sys.stdout.write("\n".join(map(shown, self._decode(bytes(data)).split("\n"))))
        return len(data)


class Step:
    """A step in progress, shown with its title and last note."""

    def __init__(self, title: str, spinner: Status | None) -> None:
        self._title = title
        self._spinner = spinner
        self.note = ""

    def update(self, note: str) -> None:
        """Show a note about the step's progress."""
        self.note = note
        if self._spinner is not None:
            self._spinner.update(Text(shown(f"{self._title}: {note}")))


@contextmanager
def step(title: str, console: Console = err, *, spinner: bool = True) -> Iterator[Step]:
    """Show a step while it runs, and its duration when it is done.

    Args:
        title: title of the step.
        console: console on which to show it.
        spinner: whether to show a spinner; not for steps that show their own progress.
    """
    started = monotonic()
    title = shown(title)
    with console.status(Text(title)) if spinner else nullcontext() as status:
        running = Step(title, status)
        try:
            yield running
        except Exception:  # a Ctrl-C needs no message
            console.print(Text.assemble(("✘", "red"), " ", title), soft_wrap=True)
            raise
    note = shown(f": {running.note}") if running.note else ""
    took = f"{monotonic() - started:.1f} s"
    console.print(
        Text.assemble(("✔", "green"), " ", title, note, " ", (took, "dim")), soft_wrap=True
    )
