"""Times: local with their offset for people, UTC for programs."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from oss_restore.cli.console import out
from oss_restore.cli.report_display import print_report
from oss_restore.cli.run_results import document, print_state
from oss_restore.reporting.facts import RunReport
from oss_restore.reporting.html_page import render
from oss_restore.reporting.verdict_text import sentence_of
from oss_restore.times import local_time, utc_time
from tests.oss_restore.reporting.scene import OUTCOMES, points, report, totals_of
from thaw.standings import Standing, Standings

MOMENT = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
EXPIRY = int(datetime(2026, 11, 27, 10, 15, tzinfo=UTC).timestamp())
UNTIL = "2026-11-27 18:15:00+08:00"
UNLABELLED = re.compile(
    r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?!Z|[+-]\d\d:\d\d|[\d:.])"
)


@pytest.fixture(autouse=True)
def shanghai(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def readable() -> RunReport:
    """Return the report of a run whose objects are readable for three days."""
    where = Standings()
    where.count("Archive", Standing.READABLE, 1_202)
    where.by_class["Archive"].add_expiry(EXPIRY, EXPIRY)
    totals = totals_of({"Archive": OUTCOMES["Archive"]})
    return report(totals, standings=where, submitted=points((1, 5)))


def test_local_and_utc_times_are_formatted() -> None:
    assert local_time(MOMENT) == local_time("2026-11-24T10:15:00Z") == "2026-11-24 18:15:00+08:00"
    assert utc_time(datetime.fromisoformat("2026-11-24 18:15:00+08:00")) == "2026-11-24T10:15:00Z"


def test_a_terminal_shows_local_times(
    readable: RunReport, capsys: pytest.CaptureFixture[str]
) -> None:
    print_state(readable.state, as_json=False)
    print_report(readable, out)
    shown = capsys.readouterr().out
    for expected in ("2026-11-24 18:00:00+08:00", "2026-11-25 00:00:00+08:00", UNTIL):
        assert shown.count(expected) >= 2
    assert "Z" not in "".join(re.findall(r"20\d\d-\d\d-\d\d\S* ?\S*", shown))
    assert not UNLABELLED.search(shown)


def test_the_page_and_the_sentence_show_local_times(readable: RunReport) -> None:
    assert f"readable until {UNTIL}." in sentence_of(readable.verdict)
    page = render(readable)
    assert page.count(UNTIL) == 2
    assert "2026-11-24 18:00:00+08:00" in page
    assert not UNLABELLED.search(page)


def test_json_contains_utc_times(readable: RunReport) -> None:
    text = json.dumps([document(readable.state), readable.to_json()])
    times = re.findall(r'"(20\d\d-\d\d-\d\dT[^"]*)"', text)
    assert times
    assert all(moment.endswith("Z") for moment in times)
    assert "+08:00" not in text
