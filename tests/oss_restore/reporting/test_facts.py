"""The contents of a run's report."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from oss_restore.reporting.facts import RunReport, Tone
from tests.oss_restore.reporting.scene import OUTCOMES, RUN, failed, points, report, totals_of
from thaw.standings import Standings
from thaw.totals import Totals

GOOD = totals_of({"Archive": {"requested": 7, "already_readable": 3}})


def where(**counts: int) -> Standings:
    return Standings.from_json({"byClass": {"Archive": counts}})


@pytest.mark.parametrize(
    ("found", "tone", "sentence"),
    [
        (report(GOOD), Tone.GOOD, "All 10 objects are readable."),
        (
            report(GOOD, standings=where(thawing=10)),
            Tone.OPEN,
            "0 of 10 objects are readable. 10 are still thawing.",
        ),
        (report(Totals()), Tone.GOOD, "No object was found."),
        (
            report(totals_of(OUTCOMES)),
            Tone.BAD,
            "1,590 of 1,599 objects are readable. 2 have been deleted. 7 were refused.",
        ),
        (report(GOOD, status="Running"), Tone.OPEN, "The run is still in progress."),
        (
            report(GOOD, status="Stopped", error="RunStopped"),
            Tone.BAD,
            "The run was stopped: why.",
        ),
        (
            report(GOOD, status="Failed", error="NoSuchBucket"),
            Tone.BAD,
            "The run failed: NoSuchBucket: why.",
        ),
        (
            report(GOOD, standings=where(readable=9, frozenAgain=1)),
            Tone.BAD,
            "9 of 10 objects are readable. 1 is frozen again.",
        ),
        (
            report(
                Totals(listed=7), run=replace(RUN, dry_run=True), standings=where(notRequested=7)
            ),
            Tone.GOOD,
            "7 objects would be requested; a dry run sends nothing.",
        ),
    ],
)
def test_a_run_is_summarized_by_a_tone_and_a_sentence(
    found: RunReport, tone: Tone, sentence: str
) -> None:
    assert (found.tone, found.sentence) == (tone, sentence)


def test_times_and_rate_are_taken_from_the_timeline() -> None:
    found = report(GOOD, submitted=points((0.001, 0), (0.5, 3), (1, 7)), readable=points((5, 10)))
    assert str(found.took) == "6:00:00"
    assert (str(found.sending), str(found.waiting)) == ("1:00:00", "5:00:00")
    assert found.mean_rate == pytest.approx(7 / 3600)


def test_unknown_facts_are_left_out() -> None:
    found = report(GOOD, run=None)
    assert (found.sending, found.waiting, found.mean_rate, found.cost) == (None, None, None, None)
    assert found.to_json()["bill"] == []


def test_the_json_document_has_every_number() -> None:
    found = report(totals_of(OUTCOMES), parts=[failed("a", "b")], submitted=points((1, 5)))
    document = json.loads(json.dumps(found.to_json()))
    assert document["byClass"] == OUTCOMES
    assert document["counts"]["submitted"] == 1_540
    assert document["unaccounted"] == 0
    assert document["verdict"]["sentence"] == found.sentence
    assert document["timeline"]["submitted"] == [["2026-11-24T11:00:00.000Z", 5]]
    assert document["causes"][0]["objects"] == 2
    assert document["input"]["bucketName"] == "archive"


def test_chosen_settings_are_reported() -> None:
    chosen = frozenset({"shards", "maxKeys", "objectsPerSecond"})
    run = replace(RUN, shards="2", objects_per_second=1_800.0, chosen=chosen)
    found = report(GOOD, run=run)
    assert found.settings == "2 listers, pages of 20,000, at most 1,800 objects a second"
    settings = json.loads(json.dumps(found.to_json()))["settings"]
    assert (settings["shards"], settings["maxKeys"], settings["workers"]) == ("2", 20_000, 16)
    assert settings["chosen"] == sorted(chosen)
    assert report(GOOD).settings == ""
