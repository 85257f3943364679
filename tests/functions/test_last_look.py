"""The verdict states the condition of every object at the end of a run."""

from __future__ import annotations

from typing import Any

from tests.functions.flow import Flow
from tests.functions.scene import BUCKET, RARE_POLLS, REPORTS, Scene
from thaw.verdict import ExitCode, Verdict

Json = dict[str, Any]


def verdict(summary: Json) -> Verdict:
    return Verdict.from_json(summary["verdict"])


def counts(summary: Json) -> Json:
    counted: Json = summary["verdict"]["all"]
    return {name: number for name, number in counted.items() if name != "readableUntil"}


def test_the_verdict_gives_the_expiry_when_all_objects_are_readable(
    scene: Scene, context: object
) -> None:
    scene.seed(["a", "b"])
    summary = Flow(scene, context).run(days=2)
    found = verdict(summary)
    assert (found.exit_code, counts(summary)) == (ExitCode.READABLE, {"readable": 2})
    assert found.readable_until > found.standings.last_look
    until = summary["verdict"]["all"]["readableUntil"]["earliest"]
    assert summary["verdict"]["sentence"] == f"All 2 objects are readable until {until}."


def test_objects_that_expire_during_slower_thaws_count_as_frozen_again(
    scene: Scene, context: object
) -> None:
    for quick, slow in (("js/0", "js/z"), ("md/z", "md/0")):
        scene.seed([quick])
        scene.seed([slow], "DeepColdArchive")
    for prefix in ("js/", "md/"):
        flow = Flow(scene, context, first_run=ord(prefix[0]))
        summary = flow.run(**RARE_POLLS, days=1, prefix=prefix)
        assert verdict(summary).exit_code == ExitCode.NOT_READABLE
        assert counts(summary) == {"readable": 1, "frozenAgain": 1}
        assert "1 of 2 objects are readable until" in summary["verdict"]["sentence"]
        assert "1 is frozen again." in summary["verdict"]["sentence"]


def test_the_objects_of_several_listers_are_checked_once_all_are_done(
    scene: Scene, context: object
) -> None:
    scene.seed(["js/0"])
    scene.seed(["md/0"], "DeepColdArchive")
    summary = Flow(scene, context).run(**RARE_POLLS, days=1, prefixes=["js/", "md/"])
    assert counts(summary) == {"readable": 1, "frozenAgain": 1}


def test_deleted_and_overwritten_objects_are_counted_separately(
    scene: Scene, context: object
) -> None:
    scene.seed(["a", "b", "c", "d"], "ColdArchive")
    flow = Flow(scene, context)
    started = flow.start(waitFor="none", maxKeys=4, groupSize=4)
    page = flow.list_page(started["run"], totals=started["totals"])
    results = flow.restore(started["run"], page)
    scene.oss.advance(60)
    scene.oss.bucket(BUCKET).delete_object("a")
    scene.oss.bucket(BUCKET).put_object("b", b"other")
    summary = flow.end(started, totals=page["totals"], results=results)
    assert counts(summary) == {"thawing": 2, "deleted": 1, "overwritten": 1}
    assert verdict(summary).exit_code == ExitCode.NOT_READABLE


def test_a_run_that_does_not_wait_reports_what_is_still_thawing(
    scene: Scene, context: object
) -> None:
    scene.seed(["a", "b"])
    summary = Flow(scene, context).run(waitFor="none")
    assert counts(summary) == {"thawing": 2}
    assert verdict(summary).exit_code == ExitCode.NOT_YET


def test_a_dry_run_reports_what_it_would_request(scene: Scene, context: object) -> None:
    scene.seed(["a", "b"])
    scene.symlink("c", "a")
    summary = Flow(scene, context).run(dryRun=True)
    assert counts(summary) == {"notRequested": 2, "nothingToThaw": 1}
    assert verdict(summary).exit_code == ExitCode.READABLE


def test_rows_that_name_missing_objects_fail_and_are_reported(
    scene: Scene, context: object
) -> None:
    scene.seed(["a", "b c"])
    rows = f"Bucket,Key\n{BUCKET},a\n{BUCKET},b+c\n{BUCKET},d\nother,a\nother,b\n"
    scene.store(REPORTS).put("m.csv", rows.encode())
    summary = Flow(scene, context).run(manifest={"key": "m.csv"})
    found = verdict(summary)
    assert (found.in_scope, found.missing, found.exit_code) == (1, 2, ExitCode.NOT_READABLE)
    assert summary["outcomes"] == {"requested": 1, "failed": 2}
    assert (summary["archived"], summary["wrongRows"]) == (1, 3)
    problem = summary["verdict"]["wrongRows"][f"is of another bucket than {BUCKET}"]
    assert (problem["rows"], problem["row"], problem["text"]) == (2, 5, "other,a")
    assert "row 5 (other,a) is of another bucket" in found.sentence
    report = scene.store(REPORTS).get("reports/runs/run-1/failures.csv")
    assert report is not None
    assert b",b%2Bc,,failed,NoSuchKey,404," in report
    assert b"write a blank as %20" in report


def test_a_manifest_without_a_usable_row_is_wrong_input(scene: Scene, context: object) -> None:
    scene.store(REPORTS).put("m.csv", b"frozen-assets;a\nfrozen-assets;b\n")
    summary = Flow(scene, context).run(manifest={"key": "m.csv"})
    assert verdict(summary).exit_code == ExitCode.WRONG_INPUT
    assert "no usable row: all 2 are wrong" in summary["verdict"]["sentence"]
    assert "row 1 (frozen-assets;a)" in summary["verdict"]["sentence"]
