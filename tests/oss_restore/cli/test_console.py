"""Commands print what the cloud returned, without control characters for the terminal."""

from __future__ import annotations

import csv
import io
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from oss_restore.cli import console
from oss_restore.cli.console import Terminal, binary_stdout, print_json

HOSTILE = "\x1b[2J\x9b31m\r\nforged \u202egnp.exe\u2066 :fire: [red]x[/red] \ud800"
PRINTED = r"\x1b[2J\x9b31m\r\nforged \u202egnp.exe\u2066 :fire: [red]x[/red] \ud800"


def printed(terminal: bool, text: str) -> str:
    file = io.StringIO()
    screen = Terminal(file=file, force_terminal=terminal, width=20, color_system=None)
    screen.print_line(text)
    return file.getvalue()


@pytest.mark.parametrize("name", ["out", "err"])
def test_names_between_colons_are_not_printed_as_emoji(name: str) -> None:
    terminal: Terminal = getattr(console, name)
    with terminal.capture() as captured:
        terminal.print_line("acs:ram::1:role/fire:fire:")
    assert captured.get() == "acs:ram::1:role/fire:fire:\n"


@pytest.mark.parametrize("terminal", [False, True])
def test_a_hostile_text_is_printed_as_one_line_of_visible_characters(terminal: bool) -> None:
    assert printed(terminal, HOSTILE) == f"{PRINTED}\n"


@given(st.text())
def test_any_text_is_printed_as_one_line_without_control_characters(text: str) -> None:
    assert printed(True, text)[:-1].isprintable()


def test_cells_titles_and_steps_are_printed_literally() -> None:
    file = io.StringIO()
    screen = Terminal(file=file, force_terminal=True, width=200, color_system=None)
    table = Table(HOSTILE, title=HOSTILE)
    table.add_row(HOSTILE)
    screen.print(table)
    with console.step(HOSTILE, screen) as shown:
        shown.update(HOSTILE)
    assert file.getvalue().count(PRINTED) >= 5
    assert not {*"\x9b\u202e\u2066"} & {*file.getvalue()}


def test_json_is_unchanged_and_escapes_invisible_characters(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_json({"key": HOSTILE, "名": "键"})
    line = capsys.readouterr().out
    assert json.loads(line) == {"key": HOSTILE, "名": "键"}
    assert line[:-1].isprintable()
    assert "键" in line


class _Stdout(io.TextIOWrapper):
    def __init__(self, *, terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", newline="")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize("terminal", [False, True])
def test_csv_is_escaped_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    stdout = _Stdout(terminal=terminal)
    monkeypatch.setattr(sys, "stdout", stdout)
    content = "a,\x1b[2J\u202e\nb,键\n"
    with binary_stdout() as file:
        for byte in content.encode():
            file.write(bytes([byte]))
    stdout.flush()
    stdout.seek(0)
    rows = [*csv.reader(stdout.read().splitlines())]
    assert rows == [["a", r"\x1b[2J\u202e" if terminal else "\x1b[2J\u202e"], ["b", "键"]]
