"""The display of a run in progress."""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oss_restore.cli.console import Terminal
from oss_restore.cli.run_display import run_display
from oss_restore.clients.flow_executions import FlowExecution
from oss_restore.language import set_language
from oss_restore.reporting import status_line as words
from oss_restore.runs.progress import Point
from oss_restore.runs.result import Result
from oss_restore.runs.state import Alert, RunState
from thaw.run_input import RunInput
from thaw.totals import Totals

START = datetime(2026, 11, 24, 10, tzinfo=UTC)
TOTALS = Totals(pages=7)
TOTALS.by_class["ColdArchive"] = Counter(requested=3_000, rejected=2, failed=1, already_thawing=9)
RESULT = Result(FlowExecution("f", "run-1", "Running", "", "", "2026-11-24T10:00:00Z", ""), {})
STATE = RunState(
    RESULT,
    RESULT.verdict,
    now=START + timedelta(seconds=100),
    run_input=RunInput(endpoint="oss.example", bucket_name="b"),
    totals=TOTALS,
    step="invokeRestoreFlow",
    submitted=[Point(START, 0), Point(START + timedelta(seconds=100), 3_000)],
    expected=9_000,
)
WAITING = replace(
    STATE,
    sent=True,
    waiting=True,
    step="awaitReadable",
    readable=[Point(START, 40)],
    legs=5,
    shards=2,
)


def test_a_line_shows_objects_rate_step_and_time_left() -> None:
    line = words.line(STATE)
    assert line.startswith(
        "7 pages listed, 3,000 of 9,000 objects requested, 30.0/s, 9 already thawing or readable,"
        " 2 refused, 1 failed; in step invokeRestoreFlow; all requested by 2026-11-24 "
    )
    assert "(in 0:03:20), readable by " in line
    assert line.endswith("(in 5:03:20)")


def test_a_line_of_a_waiting_run_shows_how_many_objects_are_readable() -> None:
    line = words.line(WAITING)
    assert "3,000 objects requested, 9 already thawing" in line
    assert "waiting until they are readable, at least 40 readable" in line
    assert "in step awaitReadable, 2 listers, leg 5" in line
    assert "all requested by" not in line


def test_unknown_figures_are_left_out() -> None:
    bare = RunState(STATE.result, STATE.verdict, now=START)
    assert words.line(bare) == "0 pages listed, 0 objects requested"
    assert words.estimated_end(replace(STATE, expected=None)) == ""


def test_a_line_is_entirely_in_chinese_in_that_language() -> None:
    set_language("zh")
    try:
        line = words.line(WAITING)
    finally:
        set_language("en")
    assert "已提交 3,000 个对象" in line
    assert "objects" not in line


def shown(*states: RunState, terminal: bool) -> str:
    out = io.StringIO()
    console = Terminal(file=out, force_terminal=terminal, width=100, color_system=None)
    with run_display("run run-1", console) as show:
        for state in states:
            show(state)
    return out.getvalue()


def test_a_panel_shows_copies_besides_thawed_objects() -> None:
    panel = shown(replace(STATE, copied=1_200), terminal=True)
    assert re.search(r"^copied .*1,200 of 3,009", panel, re.MULTILINE)
    assert not re.search("^copied", shown(STATE, terminal=True), re.MULTILINE)


def test_a_terminal_shows_a_panel_with_the_last_notices() -> None:
    notices = [Alert(START, f"cause {n}") for n in range(9)]
    panel = shown(replace(WAITING, notices=notices), terminal=True)
    assert "run run-1  Running  0:01:40" in panel
    assert "in step awaitReadable, 2 listers, leg 5" in panel
    assert "3,000 of 9,000" in panel
    assert "40 of 3,009" in panel
    assert [f"cause {n}" in panel for n in range(9)] == [False] * 4 + [True] * 5


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("[red]x[/red] :fire:", "[red]x[/red] :fire:"),
        ("a\nb\x1b[2J", "a\\nb\\x1b[2J"),
        ("键", "键"),
    ],
)
def test_a_notice_is_shown_literally(text: str, printed: str, terminal: bool) -> None:
    notices = [Alert(START, text)]
    assert f"! {printed}" in shown(replace(STATE, notices=notices), terminal=terminal)


def test_without_a_terminal_notices_are_printed_at_once_and_progress_rarely() -> None:
    printed = shown(replace(STATE, notices=[Alert(START, "one")]), STATE, STATE, terminal=False)
    assert printed == "! one\n"
