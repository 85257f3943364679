"""Runs on a deployment: what they thaw, what they do not touch, what they cost."""

from __future__ import annotations

import json
from collections import Counter

import oss2
import pytest

from oss_restore.cli.rehearsal.objects import AWKWARD_KEYS, sample_objects
from oss_restore.cli.rehearsal.scenario import ARTICLE_INPUT
from oss_restore.clients.control_api import SeedObject
from oss_restore.runs.observer import Observer
from tests.site import BUCKET, QUICK, Site, archived
from thaw.storage_classes import ARCHIVE_CLASSES, DEEP_COLD_ARCHIVE

RESTORES = "oss.requests.RestoreObject"


def test_the_articles_input_thaws_several_pages_of_mixed_objects_and_only_those(
    site: Site, bucket: oss2.Bucket
) -> None:
    # A wait of two days, for DeepColdArchive, takes many looks.
    mixed = [one for one in sample_objects(260) if one.storage_class != DEEP_COLD_ARCHIVE]
    site.fill(mixed)
    article = {**ARTICLE_INPUT, "endpoint": site.endpoints.oss, "bucketName": BUCKET}
    with site.billing() as bill:
        result = site.run(**article)
    assert result.execution.status == "Succeeded", result.verdict.sentence

    census = site.census()
    assert census.archived > article["maxKeys"]
    assert census.readable.total() == census.archived
    assert census.unreadable == []
    assert census.touched == []
    assert census.objects.total() == len(mixed)

    assert result.verdict.exit_code == 0
    assert result.summary["listed"] == result.outcomes.total() == census.archived
    assert result.outcomes == {"requested": census.archived}
    assert bill[RESTORES] == census.archived

    with site.billing() as bill:
        again = site.run(**article)
    assert again.outcomes == {"already_readable": census.archived}
    assert again.verdict.exit_code == 0
    assert bill[RESTORES] == 0


def test_the_ledger_has_the_outcome_of_every_object(site: Site, bucket: oss2.Bucket) -> None:
    site.fill(sample_objects(40))
    result = site.run(**QUICK)
    summary = json.loads(site.report(result.execution.name, "summary.json"))
    assert {name: summary[name] for name in result.summary} == result.summary
    lines = site.report(result.execution.name, "report.csv").splitlines()
    assert len(lines) >= result.outcomes.total()
    assert result.summary["byClass"].keys() == set(ARCHIVE_CLASSES)
    by_class = sum(map(Counter, result.summary["byClass"].values()), Counter[str]())
    assert by_class == result.outcomes


@pytest.mark.parametrize("wait_for", ["page", "run"])
def test_every_key_is_readable_at_the_end(site: Site, bucket: oss2.Bucket, wait_for: str) -> None:
    site.fill(sample_objects(len(AWKWARD_KEYS) + 6))
    result = site.run(**{**QUICK, "groupSize": 1, "waitFor": wait_for})
    assert result.verdict.exit_code == 0
    census = site.census()
    assert census.unreadable == []
    assert census.readable.total() == census.archived > len(AWKWARD_KEYS)


def test_pages_of_the_longest_keys_fit_into_the_flows_steps(
    site: Site, bucket: oss2.Bucket
) -> None:
    keys = [f"{number:03d}/".ljust(1023, "k") for number in range(30)]
    keys += [f"{number:03d}/" + "字" * 339 for number in range(20)]
    site.fill(SeedObject(key=key, size=1, storage_class="Archive") for key in keys)
    result = site.run(maxKeys=1000, groupSize=50)
    assert result.verdict.exit_code == 0
    assert result.outcomes == {"requested": 50}
    assert site.census().unreadable == []


def test_a_run_on_an_empty_bucket_does_nothing(site: Site, bucket: oss2.Bucket) -> None:
    result = site.run()
    assert result.execution.status == "Succeeded"
    assert result.summary["listed"] == 0
    assert result.verdict.exit_code == 0


def test_a_run_with_a_prefix_touches_nothing_else(site: Site, bucket: oss2.Bucket) -> None:
    site.fill([*archived(9, prefix="in/"), *archived(9, prefix="out/")])
    result = site.run(**QUICK, prefix="in/")
    assert result.outcomes == {"requested": 9}
    census = site.census()
    assert census.readable.total() == 9
    assert all(key.startswith("out/") for key in census.unreadable)


def test_a_run_that_waits_for_nothing_ends_while_objects_thaw(
    site: Site, bucket: oss2.Bucket
) -> None:
    site.fill(archived(6))
    with site.control.held_clock():
        result = site.run(**QUICK, waitFor="none")
        assert result.outcomes == {"requested": 6}
        assert {state.thawing for state in site.control.thaws(BUCKET)} == {2}
    with site.billing() as bill:
        again = site.run(**QUICK)
    assert again.outcomes["already_thawing"] == 6
    assert bill[RESTORES] == 0
    assert site.census().unreadable == []


def test_a_dry_run_sends_nothing_and_reports_what_it_would_send(
    site: Site, bucket: oss2.Bucket
) -> None:
    site.fill(archived(9))
    with site.billing() as bill:
        result = site.run(dryRun=True)
    assert result.planned == dict.fromkeys(ARCHIVE_CLASSES, 3)
    assert result.verdict.exit_code == 0
    assert bill[RESTORES] == 0
    assert site.census().readable.total() == 0


def test_wrong_input_ends_the_run_with_every_wrong_field(site: Site, bucket: oss2.Bucket) -> None:
    result = site.run(maxKeys=0, workers="ten", waitFor="ever", keys="all")
    assert result.execution.status == "Failed"
    assert result.error == "InvalidInput"
    for field in ("maxKeys", "workers", "waitFor", "keys"):
        assert field in result.cause


def test_a_missing_bucket_ends_the_run_and_is_named(site: Site) -> None:
    # Permissions come first: a bucket that the environment does not name is refused, not missing.
    result = site.run()
    assert result.error == "NoSuchBucket"
    assert BUCKET in result.cause


def test_a_bucket_that_the_environment_does_not_name_is_refused(site: Site) -> None:
    site.bucket("e2e-other").create_bucket()
    result = site.run(bucketName="e2e-other")
    assert result.error == "AccessDenied"
    assert "oss:ListObjects" in result.cause
    assert "acs:oss:*:*:e2e-other" in result.cause


def test_a_run_of_many_legs_is_shown_and_summarized_as_one(
    site: Site, bucket: oss2.Bucket, short_legs: None
) -> None:
    site.fill(archived(60))
    with site.billing() as bill:
        result = site.run(**{**QUICK, "maxKeys": 1})
    assert result.verdict.exit_code == 0
    assert result.outcomes == {"requested": 60}
    assert result.summary["listed"] == 60
    assert bill[RESTORES] == 60
    assert site.census().unreadable == []
    assert legs(site, result.execution.name) >= 3

    state = Observer(site.workflow, result.execution.flow, result.execution.name).look(back=True)
    assert state.submitted[-1].objects == state.readable[-1].objects == 60
    assert state.legs >= 3
    assert state.totals.pages == result.summary["pages"]


def legs(site: Site, run: str) -> int:
    """Return a run's executions of the main flow."""
    pages = site.workflow.executions(site.deployment.main_flow)
    return sum(one.name == run or run in (one.input or "") for page in pages for one in page)


def test_a_manifest_in_the_report_bucket_selects_the_objects(
    site: Site, bucket: oss2.Bucket
) -> None:
    site.fill(archived(60))
    chosen = [f"data/{number:04d}" for number in range(0, 60, 3)]
    body = "".join(f"{BUCKET},{key}\n" for key in chosen)
    site.bucket(site.outputs["report_bucket"]).put_object("lists/chosen.csv", body)
    result = site.run(**QUICK, manifest={"key": "lists/chosen.csv"})
    assert result.verdict.exit_code == 0
    assert result.outcomes == {"requested": len(chosen)}
    readable = {f"data/{number:04d}" for number in range(60)} - set(site.census().unreadable)
    assert readable == set(chosen)
