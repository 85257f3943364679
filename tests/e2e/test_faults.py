"""Faults of the cloud during a run, and the run's outcome."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from time import monotonic, sleep

import oss2
import pytest

from oss_restore.clients.control_api import SeedObject
from tests.site import BUCKET, QUICK, Site, archived

PATIENCE = 60

RULES: list[tuple[str, dict[str, object]]] = [
    ("oss", {"operation": "RestoreObject", "status": 503, "times": 10}),
    ("oss", {"operation": "RestoreObject", "kind": "reset", "times": 10}),
    ("oss", {"operation": "RestoreObject", "kind": "late_error", "times": 5}),
    ("oss", {"operation": "ListObjects", "status": 500, "times": 1}),
    ("fc", {"target": "*/restore", "kind": "crash", "times": 2}),
    ("fc", {"target": "*/restoreStatus", "kind": "duplicate", "times": 1}),
    ("fc", {"target": "*/restore", "status": 429, "code": "ResourceExhausted", "times": 4}),
    ("fnf", {"target": "*/restoreTask", "kind": "duplicate", "times": 3}),
    ("fnf", {"target": "*/listArchiveFiles", "kind": "duplicate", "times": 1}),
]


def until(holds: Callable[[], object]) -> None:
    """Wait a moment for a condition, which is met soon or never."""
    deadline = monotonic() + PATIENCE
    while not holds():
        assert monotonic() < deadline, "it never came to that"
        sleep(0.02)


def thawing(site: Site) -> int:
    return sum(state.thawing for state in site.control.thaws(BUCKET))


def test_a_restore_task_whose_process_is_killed_is_retried(site: Site, bucket: oss2.Bucket) -> None:
    site.fill(
        SeedObject(key=f"data/{number}", size=1, storage_class="ColdArchive")
        for number in range(10)
    )
    # A single thread sends the requests in turn; the sixth has no response for long.
    site.control.add_fault(
        service="oss",
        operation="RestoreObject",
        target=f"{BUCKET}/data/5",
        kind="delay",
        seconds=PATIENCE,
        times=1,
    )
    name = site.start(maxKeys=10, groupSize=10, workers=1, pollInterval=3600)
    until(lambda: thawing(site) == 6)
    processes = site.control.processes(site.endpoints.account_id)
    killed = [pid for pid, function in processes.items() if function.endswith("/restore")]
    for pid in killed:
        os.kill(pid, signal.SIGKILL)

    result = site.wait(name)
    assert killed
    assert result.execution.status == "Succeeded"
    assert result.verdict.exit_code == 0
    assert result.outcomes == {"requested": 10}
    assert result.summary["listed"] == 10
    assert site.census().unreadable == []
    assert not set(killed) & site.control.processes(site.endpoints.account_id).keys()


@pytest.mark.parametrize("wait_for", ["page", "run"])
def test_a_run_survives_faults_everywhere_and_loses_nothing(
    site: Site, bucket: oss2.Bucket, wait_for: str
) -> None:
    site.fill(archived(120))
    for service, rule in RULES:
        site.control.add_fault(service=service, **rule)
    # Page by page, the first page's objects would be frozen again before the last page has thawed.
    result = site.run(**{**QUICK, "maxKeys": 60, "waitFor": wait_for, "days": 7})
    assert result.verdict.exit_code == 0
    assert result.summary["listed"] == result.outcomes.total() == 120
    assert site.census().unreadable == []


def test_objects_that_oss_refuses_are_reported_one_by_one(site: Site, bucket: oss2.Bucket) -> None:
    site.fill(archived(9))
    site.reject(f"{BUCKET}/data/0004")
    result = site.run(**QUICK)
    assert result.execution.status == "Succeeded"
    assert result.outcomes == {"requested": 8, "rejected": 1}
    assert result.verdict.exit_code == 1
    assert result.verdict.sentence.endswith("1 was refused.")
    assert "data/0004" in site.report(result.execution.name, "failures.csv")


def test_a_run_that_is_restarted_after_a_stop_is_billed_for_nothing_twice(
    site: Site, bucket: oss2.Bucket
) -> None:
    site.fill(archived(30))
    with site.billing() as bill:
        with site.control.held_clock():
            name = site.start(**QUICK)
            site.wait_for_step(name, "awaitReadable")
            site.stop(name)
        again = site.run(**QUICK)
    assert again.verdict.exit_code == 0
    assert again.outcomes.total() == 30
    assert again.outcomes["requested"] == 0
    assert bill["oss.requests.RestoreObject"] == 30
    assert site.census().unreadable == []


def test_other_listers_finish_when_one_fails_and_a_restarted_run_does_the_rest(
    site: Site, bucket: oss2.Bucket
) -> None:
    """The lister's error is not one that its task retries."""
    site.fill(archived(90))
    listers = {**QUICK, "shards": "3", "maxKeys": 15}
    site.control.add_fault(
        service="fnf",
        operation="Task",
        target="*/listArchiveFiles",
        code="FC.Broken",
        times=1,
    )
    with site.billing() as bill:
        died = site.run(**listers)
        assert (died.execution.status, died.error) == ("Failed", "FC.Broken")
        sent = sum(state.requested for state in site.control.thaws(BUCKET))
        assert sent >= 45, "the others had about sixty objects"
        again = site.run(**listers)
    assert again.verdict.exit_code == 0, again.verdict.sentence
    assert again.outcomes["requested"] == 90 - sent
    assert bill["oss.requests.RestoreObject"] == 90
    assert site.census().unreadable == []
