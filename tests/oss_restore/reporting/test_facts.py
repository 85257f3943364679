"""What a report says of a run."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from oss_restore.reporting.facts import RunReport, Verdict
from tests.oss_restore.reporting.scene import OUTCOMES, RUN, failed, points, report, totals_of
from thaw.totals import Totals

GOOD = totals_of({"Archive": {"requested": 7, "already_readable": 3}})


@pytest.mark.parametrize(
    ("found", "verdict", "sentence"),
    [
        (report(GOOD), Verdict.GOOD, "All 10 objects are readable."),
        (
            report(GOOD, run=replace(RUN, wait_for="none")),
            Verdict.GOOD,
            "Thawing was requested for all 10 objects.",
        ),
        (report(Totals()), Verdict.GOOD, "There was nothing to thaw."),
        (report(totals_of(OUTCOMES)), Verdict.BAD, "7 of 1,599 objects are not being thawed."),
        (report(GOOD, status="Running"), Verdict.OPEN, "The run is in progress: 7 objects"),
        (report(GOOD, status="Stopped", error="RunStopped"), Verdict.BAD, "The run was stopped"),
        (
            report(GOOD, status="Failed", error="NoSuchBucket"),
            Verdict.BAD,
            "The run failed",
        ),
        (report(GOOD, readable=points((6, 9))), Verdict.BAD, "9 of 10 objects were readable"),
        (report(GOOD, readable=points((6, 10))), Verdict.GOOD, "All 10 objects are readable."),
        (
            report(Totals(planned=GOOD.planned), run=replace(RUN, dry_run=True)),
            Verdict.GOOD,
            "Dry run: thawing would be requested for 7 objects.",
        ),
    ],
)
def test_a_run_is_summed_up_in_a_word_and_a_sentence(
    found: RunReport, verdict: Verdict, sentence: str
) -> None:
    assert (found.verdict, found.sentence[: len(sentence)]) == (verdict, sentence)


def test_times_and_rate_are_those_of_the_timeline() -> None:
    found = report(GOOD, submitted=points((0.001, 0), (0.5, 3), (1, 7)), readable=points((5, 10)))
    assert str(found.took) == "6:00:00"
    assert (str(found.sending), str(found.waiting)) == ("1:00:00", "5:00:00")
    assert found.mean_rate == pytest.approx(7 / 3600)


def test_where_nothing_is_told_nothing_is_said() -> None:
    found = report(GOOD, run=None)
    assert (found.sending, found.waiting, found.mean_rate, found.cost) == (None, None, None, None)
    assert found.to_json()["bill"] == []


def test_the_document_for_scripts_has_every_number() -> None:
    found = report(
        totals_of(OUTCOMES), parts=[failed("a", "b")], submitted=points((1, 5)), unaccounted=3
    )
    document = json.loads(json.dumps(found.to_json()))
    assert document["byClass"] == OUTCOMES
    assert document["counts"]["submitted"] == 1_540
    assert document["unaccounted"] == 3
    assert document["timeline"]["submitted"] == [["2026-11-24T11:00:00.000+00:00", 5]]
    assert document["causes"][0]["objects"] == 2
    assert document["input"]["bucketName"] == "archive"
