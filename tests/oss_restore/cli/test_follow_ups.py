"""Commands that follow up a run: retry-failed, extend, upgrade and refreeze."""

from __future__ import annotations

from pathlib import Path

import oss2
import pytest

from tests.oss_restore.conftest import Cli
from tests.ram import Ram
from tests.site import BUCKET, QUICK, Site, archived

RESTORES = "oss.requests.RestoreObject"
CLEANS = "oss.requests.CleanRestoredObject"
COLD = {"storageClasses": ["ColdArchive"], "days": 3}


def refuse(site: Site, target: str) -> None:
    site.reject(target)


def test_failed_objects_are_requested_again_and_nothing_is_paid_twice(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    site.fill(archived(30))
    refuse(site, "*/data/001*")
    before = site.run(**QUICK, days=7)
    assert before.outcomes == {"requested": 20, "rejected": 10}
    site.control.clear_faults()
    with site.billing() as bill:
        retried = cli(
            "retry-failed",
            "--yes",
            *site.arguments,
            "--run",
            before.execution.name,
            "--wait",
            "--json",
        )
    assert retried.status == 0, retried.err
    assert "10 objects of" in retried.err
    assert "Time and cost in CNY" in retried.err
    assert retried.json["summary"]["outcomes"] == {"requested": 10}
    assert retried.json["summary"]["wrongRows"] == 0
    assert bill[RESTORES] == 10
    with site.billing() as bill:
        again = cli(
            "retry-failed", "--yes", *site.arguments, "--run", before.execution.name, "--wait"
        )
    assert again.status == 0
    assert bill[RESTORES] == 0
    assert site.census().unreadable == []


def test_no_run_is_started_when_nothing_failed(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    site.fill(archived(3))
    before = site.run(**QUICK).execution.name
    finished = cli("retry-failed", "--yes", *site.arguments, "--json")
    assert finished.status == 0
    assert (finished.json["run"], finished.json["objects"]) == (None, 0)
    assert finished.json["verdict"]["exitCode"] == finished.status == 0
    assert cli("list", *site.arguments, "--limit", "1", "--json").json["runs"][0]["run"] == before


def test_changes_are_checked_before_anything_is_started(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    site.fill(archived(3))
    refuse(site, "*/data/0001")
    before = site.run(**QUICK).execution.name
    finished = cli("retry-failed", "--yes", *site.arguments, "--days", "400")
    assert finished.status == 2
    assert "days" in finished.err
    assert cli("list", *site.arguments, "--limit", "1", "--json").json["runs"][0]["run"] == before


def test_readable_objects_are_extended(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    site.fill(archived(30))
    run = site.run(**QUICK, **COLD).execution.name
    with site.billing() as bill:
        done = cli(
            "extend", *site.arguments, "--run", run, "--days", "5", "--yes", "--wait", "--json"
        )
    assert done.status == 0, done.err
    assert done.json["summary"]["outcomes"] == {"extended": 10}
    assert bill[RESTORES] == 10
    site.control.advance(6 * 86_400)
    assert len(site.census().unreadable) == 20


def test_a_run_without_a_ledger_differs_from_one_that_has_none_yet(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    extend = ("extend", *site.arguments, "--days", "1", "--yes", "--run")
    unknown = cli(*extend, "no-such-run")
    assert (unknown.status, "and no run no-such-run" in unknown.err) == (2, True)
    refused = cli(*extend, site.run(tier="Fast").execution.name)
    assert (refused.status, "ended before it had a ledger" in refused.err) == (2, True)

    site.fill(archived(3))
    with site.control.held_clock():
        name = site.start(**QUICK)
        site.wait_for_step(name, "awaitReadable")
        # As just before it is written.
        site.bucket(site.deployment.report_bucket).delete_object(f"runs/{name}/input.json")
        begun = cli(*extend, name)
    assert begun.status == 5
    assert f"{name} has started, and has not written its ledger yet" in begun.err
    assert "wait a moment, and try again" in begun.err
    site.wait(name)


def test_thaws_in_progress_are_upgraded(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    site.fill(archived(30))
    run = site.run(**QUICK, **{**COLD, "waitFor": "none", "tier": "Bulk"}).execution.name
    with site.control.held_clock():
        started = cli("upgrade", *site.arguments, "--run", run, "--tier", "Expedited", "--yes")
        site.wait(started.out.strip())
    found = cli("report", *site.arguments, "--run", started.out.strip(), "--json").json
    assert found["byClass"] == {"ColdArchive": {"upgraded": 10}}
    assert cli("upgrade", *site.arguments, "--run", run, "--tier", "Bulk", "--yes").status == 2


def test_only_the_objects_thawed_by_a_run_are_refrozen(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    site.fill(archived(30))
    site.run(**QUICK, **COLD, until="data/0010")  # by another run: 0001, 0004, 0007, 0010
    run = site.run(**QUICK, days=3).execution.name
    with site.billing() as bill:
        refrozen = cli("refreeze", *site.arguments, "--run", run, "--yes", "--json")
    assert refrozen.status == 0, refrozen.err
    assert refrozen.json["counts"] == {"refrozen": 16}
    assert bill[CLEANS] == 16
    census = site.census()
    assert census.readable == {"Archive": 10, "ColdArchive": 4}
    again = cli("refreeze", *site.arguments, "--run", run, "--yes", "--json")
    assert (again.status, again.json["counts"]) == (0, {"frozen_already": 16})


def test_the_readable_objects_of_a_bucket_are_refrozen(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    site.fill(archived(30))
    site.run(**QUICK, days=3)
    arguments = ("refreeze", *site.arguments, "--bucket", BUCKET, "--prefix", "data/001")
    done = cli(*arguments, "--yes")
    assert done.status == 0
    assert done.out.split() == ["refrozen", "7"]
    assert len(site.census().unreadable) == 7


def test_objects_still_thawing_are_reported_by_refreeze_with_exit_code_1(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    site.fill(archived(30))
    with site.control.held_clock():
        run = site.start(**QUICK, **{**COLD, "waitFor": "none"})
        site.wait(run)
        done = cli("refreeze", *site.arguments, "--run", run, "--yes", "--json")
    assert done.status == 1
    assert done.json["counts"] == {"still_thawing": 10}
    assert "repeat this when they are readable" in done.err


def test_nothing_is_refrozen_without_permission_which_is_named(
    site: Site, bucket: oss2.Bucket, cli: Cli, tmp_path: Path
) -> None:
    site.fill(archived(240))
    site.run(**QUICK, days=3)
    cloud = tmp_path / "cloud.json"
    refreeze = ("refreeze", *site.arguments[:-1], str(cloud), "--bucket", BUCKET, "--yes")
    looks = {"Effect": "Allow", "Action": ["oss:ListObjects"], "Resource": ["*"]}
    with Ram(site.endpoints).user("looker", looks) as keys, site.billing() as bill:
        cloud.write_text(site.endpoints.model_copy(update=keys).model_dump_json())
        done = cli(*refreeze, "--json")
    assert done.status == 3
    assert "oss:CleanRestoredObject" in done.err
    assert 64 <= done.json["counts"]["denied"] < 160  # the command gives up early
    assert bill.get(CLEANS, 0) == 0
    assert site.census().readable["ColdArchive"] == 80

    with Ram(site.endpoints).user("stranger") as keys:
        cloud.write_text(site.endpoints.model_copy(update=keys).model_dump_json())
        done = cli(*refreeze)
    assert done.status == 3
    assert "oss:ListObjects" in done.err


@pytest.mark.parametrize("command", ["refreeze", "export-manifest"])
@pytest.mark.parametrize("arguments", [(), ("--run", "r", "--bucket", "b")])
def test_a_run_or_a_bucket_must_be_named(
    site: Site, cli: Cli, command: str, arguments: tuple[str, ...]
) -> None:
    finished = cli(command, *site.arguments, *arguments)
    assert finished.status == 2
    assert "--bucket" in finished.err
