"""What a rehearsal tells a person at its end."""

from __future__ import annotations

import io

import pytest

from oss_restore.cli.console import Terminal
from oss_restore.cli.rehearsal.findings import RehearsalReport, print_report

NEXT = "Next: your own bucket, with `oss-restore init`."


@pytest.mark.parametrize(("problems", "last"), [([], NEXT), (["why"], "Its report: page.html")])
def test_it_ends_with_the_cost_the_page_and_unless_it_failed_the_next_step(
    problems: list[str], last: str
) -> None:
    text = io.StringIO()
    report = RehearsalReport(
        objects=3, billable={"calls": 1}, cost="0.18 CNY", page="page.html", problems=problems
    )
    print_report(report, Terminal(file=text))
    lines = text.getvalue().splitlines()
    assert "On Alibaba Cloud it would have cost 0.18 CNY." in lines
    assert lines[-1] == last
