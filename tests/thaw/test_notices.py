"""Notices of the end of a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.functions.scene import BUCKET, make_run
from thaw import verdict as verdicts
from thaw.bills import bill
from thaw.notices import Notice, duration, ending_of, options_of
from thaw.notification_targets import Ending
from thaw.prices import built_in_prices
from thaw.run_input_parser import parse_run_input
from thaw.standings import Standing, Standings
from thaw.verdict import Verdict

SUMMARY = {"listed": 12, "failed": 2}


def verdict(*, ending: verdicts.Ending = "succeeded", error: str = "", **counts: int) -> Verdict:
    standings = Standings.from_json({"byClass": {"Archive": counts}})
    return Verdict(standings, sum(counts.values()), ending=ending, error=error, cause="why")


PART = "oss.retrieved_gb.DeepColdArchive.Standard"
COST = bill({"fnf.transitions": 45_294, PART: 3}, built_in_prices())
NOTICE = Notice(
    run_id="run-1",
    environment="prod",
    ending="failures",
    bucket="frozen-assets",
    options={"prefix": "2019/"},
    summary=SUMMARY,
    verdict=replace(verdict(readable=10, refused=2), cost=COST),
    report="oss://thaw-reports/runs/run-1/",
    seconds=7_500,
)


@pytest.mark.parametrize(
    ("found", "ending"),
    [
        (verdict(readable=1), "succeeded"),
        (verdict(readable=1, thawing=1), "succeeded"),
        (verdict(readable=1, failed=1), "failures"),
        (verdict(readable=1, frozenAgain=1), "failures"),
        (verdict(ending="failed", error="AccessDenied"), "failed"),
        (verdict(ending="failed", error="FC.Unknown"), "failed"),
        (verdict(ending="timedOut"), "failed"),
        (verdict(ending="stopped", error="RunStopped"), "stopped"),
        (verdict(ending="failed", error="FC.RunStopped"), "stopped"),
    ],
)
def test_the_ending_of_a_run_is_determined(found: Verdict, ending: Ending) -> None:
    assert ending_of(found) == ending


def written(**fields: object) -> dict[str, object]:
    """Return a run's input.json."""
    given = {"endpoint": "oss-cn-hangzhou.aliyuncs.com", "bucketName": BUCKET, **fields}
    run = parse_run_input(given, foreach_limit=100)
    return {**run.to_json(), "chosen": sorted(run.chosen)}


def test_options_are_the_fields_that_differ_from_their_defaults() -> None:
    assert options_of(written()) == {}
    given = written(prefix="2019/", days=3, dryRun=True, include=["*.tif", "*.jpg"], workers=7)
    assert options_of(given) == {
        "workers": "7",
        "prefix": "2019/",
        "days": "3",
        "include": "*.tif, *.jpg",
        "dryRun": "True",
    }


def test_a_manifest_is_named_by_its_key() -> None:
    run = make_run(manifest={"key": "lists/a.csv"})
    assert options_of(run.to_json())["manifest"] == "lists/a.csv"


def test_wrong_input_is_reported_as_written_and_truncated() -> None:
    options = options_of({"prefix": 7, "tier": "x" * 10_000, "typo": 1, "maxKeys": None})
    assert options == {"prefix": "7", "tier": "x" * 500 + "…"}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (29, "29 s"), (60, "1 min"), (7_500, "2 h 5 min"), (172_800, "48 h 0 min")],
)
def test_a_duration_is_formatted_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_text_names_run_bucket_counts_failures_and_next_steps() -> None:
    text = NOTICE.markdown()
    for words in (
        "oss-restore prod: the run ended, and not everything is readable",
        "**10 of 12 objects are readable. 2 were refused.**",
        "`run-1`",
        "`frozen-assets`",
        "`prefix 2019/`",
        "2 h 5 min",
        "Archive: 10 readable, 2 refused",
        "`oss://thaw-reports/runs/run-1/`",
        "`7.70 CNY, without the retrieval of DeepColdArchive data, whose cost is not known`",
        "failures.csv",
        "prod/run-1/end",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ending": "succeeded"}, "oss-restore status prod --run run-1"),
        ({"ending": "succeeded", "verdict": Verdict(Standings(), dry_run=True)}, "without dryRun"),
        ({"ending": "failures"}, "failures.csv"),
        ({"ending": "failed"}, "correct what the error names"),
        ({"ending": "stopped"}, "to go on"),
    ],
)
def test_every_ending_has_a_next_step(changes: dict[str, object], words: str) -> None:
    notice = replace(NOTICE, **changes)  # type: ignore[arg-type]  # values of several fields
    assert any(words in step for step in notice.next_steps)
    assert notice.to_json()["next"] == list(notice.next_steps)


def test_a_notice_of_readable_objects_offers_an_extension() -> None:
    standings = Standings()
    standings.count("Archive", Standing.READABLE, 2, expiry=1_800_000_000)
    notice = replace(NOTICE, ending="succeeded", verdict=Verdict(standings, listed=2))
    assert "readable until 2027-01-15T08:00:00Z" in notice.markdown()
    assert "oss-restore extend prod --run run-1 --days DAYS" in notice.next_steps[-1]


def test_markdown_in_foreign_text_is_removed() -> None:
    found = replace(verdict(ending="failed", error="X"), cause="no `such`\n# *bucket*")
    assert "**The run failed: X: no such # bucket.**" in replace(NOTICE, verdict=found).markdown()


def test_an_object_without_a_record_is_reported() -> None:
    found = replace(verdict(readable=1), listed=4)
    text = replace(NOTICE, verdict=found).markdown()
    assert "3 objects were listed and have no record." in text


def test_all_notices_of_a_runs_end_have_the_same_id() -> None:
    assert NOTICE.id == replace(NOTICE, ending="failed", seconds=1).id
    assert NOTICE.id != replace(NOTICE, run_id="run-2").id
    assert NOTICE.id != replace(NOTICE, environment="dev").id


def test_actions_after_the_thaw_are_described_in_words() -> None:
    copy = {"copy": {"bucketName": "elsewhere", "prefix": "to/", "storageClass": "IA"}}
    assert options_of(written(then=copy)) == {"then": "copy to oss://elsewhere/to/ as IA"}
    assert options_of(written(then={"promote": {}})) == {"then": "promote to Standard"}
