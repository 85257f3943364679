"""However a run ends, all reports of it agree and are true."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from html import unescape
from pathlib import Path
from typing import Any

import oss2
import pytest

from functions.notifying import notice_of_end
from oss_restore.clients.control_api import SeedObject
from oss_restore.clients.storage import open_store
from oss_restore.clients.target import local_target
from oss_restore.times import local_time
from tests.oss_restore.conftest import Cli
from tests.site import BUCKET, QUICK, Site
from tests.site_state import end_runs
from thaw.ledger import Ledger
from thaw.notices import Notice
from thaw.storage_classes import ARCHIVE_CLASSES

Json = dict[str, Any]
Make = Callable[[Site], str]
REPORTING_COMMANDS = ("status", "watch", "report", "failures")


def fill(site: Site, *keys: str, storage_class: str = "Archive") -> None:
    site.fill(
        SeedObject(key=key, size=0 if key.endswith("/") else 10, storage_class=storage_class)
        for key in keys
    )


def run(site: Site, **more: Any) -> str:
    return site.run(**{**QUICK, **more}).execution.name


def manifest(site: Site, rows: str) -> Json:
    site.bucket(site.deployment.report_bucket).put_object("lists/m.csv", rows.encode())
    return {"manifest": {"bucket": "", "key": "lists/m.csv", "format": "csv"}}


def all_readable(site: Site) -> str:
    fill(site, "a", "b", "folder/")
    return run(site, days=3)


def expired(site: Site) -> str:
    fill(site, "js/0")
    fill(site, "js/z", storage_class="DeepColdArchive")
    return run(site, days=1)


def partly_denied(site: Site) -> str:
    fill(site, *(f"data/{n}" for n in range(30)))
    site.control.add_fault(
        service="oss",
        operation="RestoreObject",
        target=f"{BUCKET}/data/1?",
        status=403,
        code="AccessDenied",
    )
    name = run(site, days=3)
    site.control.clear_faults()
    return name


def all_denied(site: Site) -> str:
    fill(site, "a", "b")
    site.control.add_fault(
        service="oss", operation="RestoreObject", status=403, code="AccessDenied"
    )
    name = run(site)
    site.control.clear_faults()
    return name


def failed(site: Site) -> str:
    fill(site, "a")
    return run(site, prefix="a", bucketName="no-such-bucket")


def wrong_input(site: Site) -> str:
    return run(site, tier="Fast")


def stopped(site: Site) -> str:
    fill(site, "a", "b", storage_class="ColdArchive")
    with site.control.held_clock():
        name = site.start(**QUICK)
        site.wait_for_step(name, "awaitReadable")
        site.stop(name)
    site.wait(name)
    return name


def timed_out(site: Site) -> str:
    """Make a run that times out; the flow has no time limit, so give it one."""
    fill(site, "a", storage_class="DeepColdArchive")
    flow = site.deployment.main_flow
    deployed = site.workflow.definition(flow)
    limited = deployed.replace("type: flow\n", "type: flow\ntimeoutSeconds: 600\n", 1)
    assert limited != deployed
    with site.redefined(flow, definition=limited):
        name = run(site, days=3)
    end_runs(site)  # otherwise its children would wait for the thaw
    return name


def nothing_to_do(site: Site) -> str:
    fill(site, "a", storage_class="Standard")
    return run(site)


def nothing_found(site: Site) -> str:
    return run(site, prefix="no/such/")


def manifest_wrong(site: Site) -> str:
    return run(site, **manifest(site, f"{BUCKET};a\n{BUCKET};b\n"))


def manifest_partly_wrong(site: Site) -> str:
    fill(site, "a")
    return run(site, **manifest(site, f"{BUCKET},a\nother,b\n"), days=3)


def missing(site: Site) -> str:
    fill(site, "a", "b c")
    return run(site, **manifest(site, f"{BUCKET},a\n{BUCKET},b+c\n"), days=3)


def deleted(site: Site) -> str:
    fill(site, "a", "b", storage_class="ColdArchive")
    with site.control.held_clock():
        name = site.start(**QUICK, days=3)
        site.wait_for_step(name, "awaitReadable")
        site.bucket().delete_object("a")
    site.wait(name)
    return name


def not_waited_for(site: Site) -> str:
    fill(site, "a", storage_class="ColdArchive")
    return run(site, waitFor="none")


def dry_run(site: Site) -> str:
    fill(site, "a")
    return run(site, dryRun=True)


@dataclass(frozen=True)
class Ending:
    make: Make
    status: int
    words: str
    counts: Mapping[str, int]


ENDINGS = [
    Ending(all_readable, 0, "All 2 objects are readable until ", {"readable": 2}),
    Ending(expired, 1, "1 of 2 objects are readable until ", {"readable": 1, "frozenAgain": 1}),
    Ending(partly_denied, 1, "20 of 30 objects are", {"readable": 20, "refused": 10}),
    Ending(all_denied, 3, "The run failed: AccessDenied: OSS refused", {"refused": 2}),
    Ending(failed, 1, "The run failed: NoSuchBucket: ", {}),
    Ending(wrong_input, 2, "The run failed: InvalidInput: ", {}),
    Ending(stopped, 4, "The run was stopped. 0 of 2 objects are readable.", {"thawing": 2}),
    Ending(timed_out, 1, "The run timed out. 0 of 1 objects are readable.", {"thawing": 1}),
    Ending(nothing_to_do, 0, "There is nothing to thaw.", {}),
    Ending(nothing_found, 0, "No object was found.", {}),
    Ending(manifest_wrong, 2, "The manifest has no usable row: all 2 are wrong.", {}),
    Ending(manifest_partly_wrong, 1, "The only object is readable until", {"readable": 1}),
    Ending(missing, 1, "The only object is readable until", {"readable": 1}),
    Ending(deleted, 1, "1 of 2 objects are readable until", {"readable": 1, "deleted": 1}),
    Ending(not_waited_for, 5, "0 of 1 objects are readable. 1 is still", {"thawing": 1}),
    Ending(dry_run, 0, "1 object would be requested; ", {"notRequested": 1}),
]


def readable_by_head(site: Site, bucket: oss2.Bucket) -> int:
    """Return how many archived objects are readable by HEAD."""
    now, found = site.control.now(), 0
    for listed in oss2.ObjectIteratorV2(bucket):
        if listed.storage_class not in ARCHIVE_CLASSES or listed.key.endswith("/"):
            continue
        restore_info = bucket.head_object(listed.key).headers.get("x-oss-restore", "")
        expiry = restore_info.partition('expiry-date="')[2].partition('"')[0]
        found += bool(expiry) and parsedate_to_datetime(expiry).timestamp() > now
    return found


def notice_of(site: Site, name: str, state: Json) -> Notice:
    """Return the notice that the run's last function would send."""
    store = open_store(local_target(site.endpoints), site.deployment.report_bucket)
    return notice_of_end(
        Ledger(store, site.deployment.report_prefix, name),
        run_id=name,
        environment="e2e",
        given={},
        error=state["error"],
        cause=state["cause"],
    )


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.make.__name__)
def test_all_reports_of_a_run_agree_with_its_outcome(
    site: Site, bucket: oss2.Bucket, cli: Cli, tmp_path: Path, ending: Ending
) -> None:
    name = ending.make(site)
    of_run = (*site.arguments, "--run", name)
    verdict = cli("status", *of_run, "--json").json["verdict"]
    sentence = verdict["sentence"]
    assert (verdict["exitCode"], sentence[: len(ending.words)]) == (ending.status, ending.words)
    shown = re.sub(r"20\d\d-\S+Z", lambda moment: local_time(moment[0]), sentence)
    counts = {k: n for k, n in verdict["all"].items() if k != "readableUntil"}
    assert {k: n for k, n in counts.items() if k != "nothingToThaw"} == ending.counts
    if ending.make not in (stopped, timed_out):  # its objects continue to thaw as time passes
        assert verdict["all"].get("readable", 0) == readable_by_head(site, bucket)

    cost = verdict["cost"]
    assert (cost is None) == (ending.make in (failed, wrong_input))
    for command in REPORTING_COMMANDS:
        done = cli(command, *of_run, "--json")
        assert (command, done.status) == (command, ending.status)
        assert (done.json["verdict"]["sentence"], done.json["verdict"]["cost"]) == (sentence, cost)
        done = cli(command, *of_run)
        assert (command, done.status) == (command, ending.status)
        text = " ".join(done.out.split())
        assert shown in text
        if cost is not None and command != "failures":
            assert cost["sentence"] in text
    page = tmp_path / "page.html"
    assert cli("report", *of_run, "--html", str(page)).status == ending.status
    assert shown in unescape(page.read_text())

    if ending.make not in (stopped, timed_out):  # of which no function is notified
        notice = notice_of(site, name, cli("status", *of_run, "--json").json)
        assert notice.verdict.exit_code == ending.status
        assert sentence.startswith(notice.verdict.sentence)
        assert notice.verdict.sentence == sentence or verdict["origin"] != "run"
        assert notice.verdict.cost is None or cost["sentence"] in notice.markdown()

    runs = cli("list", *site.arguments, "--limit", "1", "--json").json["runs"]
    listed = next(one for one in runs if one["run"] == name)["verdict"]
    assert listed["exitCode"] == ending.status
    if verdict["origin"] == "run" and verdict["ending"] == "succeeded":
        assert listed == verdict
    if ending.make not in (partly_denied, all_denied, missing):  # nothing to retry
        again = cli("retry-failed", *of_run, "--yes", "--json")
        assert (again.status, again.json["run"]) == (ending.status, None)


def test_a_run_in_progress_is_not_reported_as_successful(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    fill(site, "a", storage_class="ColdArchive")
    with site.control.held_clock():
        name = site.start(**QUICK)
        site.wait_for_step(name, "awaitReadable")
        for command in ("status", "report", "failures"):
            done = cli(command, *site.arguments, "--run", name)
            assert (command, done.status) == (command, 5)
            assert "The run is still in progress." in done.out
    site.wait(name)
