"""Terminal output: results on stdout, progress and errors on stderr.

Everything that a command prints passes through here, so that what the cloud said is shown as it
said it: no markup, no emoji names, and no character that steers a terminal or forges a line.
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
        stderr: whether it writes to stderr.
        options: others of rich, for tests.
    """

    def __init__(self, *, stderr: bool = False, **options: Any) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Convert a string, printed or in a cell of a table, to a text of one line."""
        return super().render_str(shown(text), **options)

    def print_line(self, text: str = "", *, style: str | None = None) -> None:
        """Print a line, unwrapped however narrow the terminal is."""
        self.print(text, style=style, soft_wrap=True)

    def document(self, text: str) -> None:
        """Print a file's content: as it is, and escaped line by line where a terminal shows it."""
        if not self.is_terminal:
            self.file.write(text)
            return
        for line in text.splitlines():
            self.print_line(line)


out: Final = Terminal()
err: Final = Terminal(stderr=True)


def print_json(document: Mapping[str, object]) -> None:
    """Print a JSON object on one line of stdout, whatever the width of the terminal."""
    text = json.dumps(document, ensure_ascii=False)
    # Characters that cannot be shown are all inside strings, where JSON can escape them.
    sys.stdout.write("".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text) + "\n")
    sys.stdout.flush()  # a reader of the pipe waits for it


@contextmanager
def binary_stdout() -> Iterator[BinaryIO]:
    """Yield stdout for CSV: bytes as they are, but escaped where a terminal shows them."""
    if not sys.stdout.isatty():
        yield sys.stdout.buffer
        return
    with io.BufferedWriter(_TerminalBytes()) as file:
        yield cast("BinaryIO", file)


class _TerminalBytes(io.RawIOBase):
    """Lines of UTF-8 that are shown on the terminal."""

    def __init__(self) -> None:
        super().__init__()
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        sys.stdout.write("\n".join(map(shown, self._decode(bytes(data)).split("\n"))))
        return len(data)


class Step:
    """A step in progress; its last note is shown next to its title."""

    def __init__(self, title: str, spinner: Status | None) -> None:
        self._title = title
        self._spinner = spinner
        self.note = ""

    def update(self, note: str) -> None:
        """Show how far the step has come."""
        self.note = note
        if self._spinner is not None:
            self._spinner.update(Text(shown(f"{self._title}: {note}")))


@contextmanager
def step(title: str, console: Console = err, *, spinner: bool = True) -> Iterator[Step]:
    """Show a step while it runs, and its duration when it is done.

    Args:
        title: what is being done.
        console: where to show it.
        spinner: whether something turns meanwhile; not where the step shows its own progress.
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
