"""The findings that a rehearsal prints for people at its end."""

from __future__ import annotations

import io

import pytest

from oss_restore.cli.commands.rehearse import _next
from oss_restore.cli.console import Terminal
from oss_restore.cli.rehearsal.findings import RehearsalReport, RunFinding, meter_text, print_report
from oss_restore.language import set_language

THAW = RunFinding(run="r", bucket="b", goal="thaw", cost="0.18 CNY", page="page.html")
COPY = RunFinding(run="r", bucket="b", goal="copy", cost="0.02 CNY", page="page-2.html")


def printed(report: RehearsalReport) -> list[str]:
    text = io.StringIO()
    print_report(report, Terminal(file=text, width=200))
    return text.getvalue().splitlines()


def test_the_findings_end_with_the_cost_and_the_report() -> None:
    lines = printed(RehearsalReport(billable={"calls": 1}, runs=[THAW]))
    assert lines[-2:] == [
        "On Alibaba Cloud it would have cost 0.18 CNY.",
        "Its report: page.html",
    ]


def test_several_runs_are_named_and_what_was_not_rehearsed_is_reported() -> None:
    report = RehearsalReport(
        billable={"calls": 1},
        runs=[THAW, COPY],
        notified={"ops": 2},
        not_rehearsed=["this", "that"],
    )
    lines = printed(report)
    assert "b, copied:" in lines
    assert "  Its report: page-2.html" in lines
    assert lines[-2:] == [
        "Notifications for ops: 2, received by the rehearsal.",
        "Not rehearsed: this; that.",
    ]


@pytest.mark.parametrize(
    ("called", "program"),
    [
        (".venv/bin/oss-restore", ".venv/bin/oss-restore"),
        ("/a/checkout/.venv/bin/oss-restore", "oss-restore"),
        ("/a/checkout/oss_restore/__main__.py", "oss-restore"),
    ],
)
def test_the_next_command_can_be_found_by_the_shell(
    called: str, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", [called])
    following = f"{program} init prod && {program} rehearse --environment prod"
    assert _next(None) == f"Next, with your own bucket: {following}"


@pytest.mark.parametrize(
    ("meter", "amount", "english", "chinese"),
    [
        ("fc.invocations", 397, ("function calls", "397"), "函数调用"),
        ("fnf.step_transitions", 1013, ("workflow steps", "1,013"), "工作流步骤"),
        ("fc.gb_seconds", 9.083, ("GB-seconds of functions", "9.08"), "GB"),
        ("oss.requests.GetObject", 2, ("GetObject requests to OSS", "2"), "GetObject"),
        (
            "oss.retrievals.ColdArchive.Bulk",
            9,
            ("objects retrieved from ColdArchive, Bulk", "9"),
            "ColdArchive, Bulk",
        ),
        (
            "oss.retrieved_bytes.Archive",
            2048,
            ("data retrieved from Archive", "2 KiB"),
            "Archive",
        ),
    ],
)
def test_meters_are_named_in_words(
    meter: str, amount: float, english: tuple[str, str], chinese: str
) -> None:
    assert meter_text(meter, amount) == english
    set_language("zh")
    try:
        assert chinese in meter_text(meter, amount)[0]
    finally:
        set_language("en")
