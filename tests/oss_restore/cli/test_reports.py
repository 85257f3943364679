"""Reports of a run that has ended, all about one run with failures."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from oss_restore.clients.control_api import SeedObject
from tests.oss_restore.conftest import Cli, Finished
from tests.site import BUCKET, QUICK, Site, archived
from tests.site_state import restored_site
from thaw.storage_classes import ARCHIVE_CLASSES

HOSTILE = "data/0007<script>alert(1)</script>&\u202e\n"
DENIED, REJECTED, OBJECTS = 2, 5, 60
LIMITS = {"days": 4, "exclude": ["*.tmp"]}


@dataclass(frozen=True)
class Ran:
    """A run with a few denied and rejected objects."""

    site: Site
    name: str

    def cli(self, cli: Cli, command: str, *arguments: str) -> Finished:
        return cli(command, *self.site.arguments, "--run", self.name, *arguments)


@pytest.fixture(scope="module")
def shared_run(shared_site: Site) -> Iterator[Ran]:
    site = shared_site
    with restored_site(site):
        site.bucket().create_bucket()
        site.fill(archived(OBJECTS))
        site.fill([SeedObject(key=HOSTILE, size=7, storage_class="ColdArchive")])
        for target, status, code in (
            ("*/data/001[0-4]", 400, "InvalidArgument"),
            ("*script*", 403, "AccessDenied"),
            ("*/data/0020", 403, "AccessDenied"),
        ):
            site.control.add_fault(
                service="oss", operation="RestoreObject", target=target, status=status, code=code
            )
        run = site.run(**QUICK, **LIMITS)
        site.control.clear_faults()
        yield Ran(site, run.execution.name)


@pytest.fixture
def ran(shared_run: Ran, site: Site) -> Ran:
    """Return the run, on a site that is restored after each test."""
    return shared_run


def test_report_shows_the_results_as_text(ran: Ran, cli: Cli) -> None:
    printed = ran.cli(cli, "report")
    assert printed.status == 1
    assert printed.out.startswith("54 of 61 objects are readable until ")
    assert "5 \N{MULTIPLICATION SIGN} rejected InvalidArgument, HTTP 400" in printed.out
    assert "2 \N{MULTIPLICATION SIGN} denied AccessDenied, HTTP 403" in printed.out


def test_report_json_has_the_numbers_of_the_ledger(ran: Ran, cli: Cli) -> None:
    found = ran.cli(cli, "report", "--json").json
    summary = json.loads(ran.site.report(ran.name, "summary.json"))
    requested = OBJECTS + 1 - DENIED - REJECTED
    expected = {"requested": requested, "denied": DENIED, "rejected": REJECTED}
    assert summary["outcomes"] == expected
    assert found["byClass"] == summary["byClass"]
    assert found["counts"]["submitted"] == summary["outcomes"]["requested"]
    assert found["counts"]["refused"] == summary["failed"] == DENIED + REJECTED
    assert found["timeline"]["submitted"][-1][1] == summary["outcomes"]["requested"]
    assert found["timeline"]["readable"][-1][1] == found["readable"] == OBJECTS + 1 - 7
    assert [cause["objects"] for cause in found["causes"]] == [REJECTED, DENIED]
    assert found["verdict"]["exitCode"] == 1
    assert found["knownMoney"] > 0


def test_report_csv_is_the_completion_report_and_is_made_if_missing(ran: Ran, cli: Cli) -> None:
    reports = ran.site.bucket(ran.site.deployment.report_bucket)
    made = ran.site.report(ran.name, "report.csv")
    printed = ran.cli(cli, "report", "--csv")
    assert (printed.status, printed.out) == (1, made)
    assert len(list(csv.DictReader(io.StringIO(made)))) == OBJECTS + 1
    reports.delete_object(f"runs/{ran.name}/report.csv")
    written = ran.cli(cli, "report", "--csv").out
    reports.put_object(f"runs/{ran.name}/report.csv", made)
    assert written == made


def test_report_html_is_one_page_with_the_numbers_of_the_ledger(
    ran: Ran, tmp_path: Path, cli: Cli
) -> None:
    path = tmp_path / "report.html"
    finished = ran.cli(cli, "report", "--html", str(path))
    assert (finished.status, finished.out) == (1, "")
    assert f"written: {path}" in finished.err
    page = path.read_text(encoding="utf-8")
    html = "{http://www.w3.org/1999/xhtml}"
    rows = {
        row.findtext(f"{html}th"): [cell.text for cell in row.findall(f"{html}td")]
        for row in ET.fromstring(page).iter(f"{html}tr")
    }
    by_class = json.loads(ran.site.report(ran.name, "summary.json"))["byClass"]
    for name in ARCHIVE_CLASSES:
        refused = by_class[name].get("denied", 0) + by_class[name].get("rejected", 0)
        assert rows[name][0] == str(by_class[name]["requested"])
        assert rows[name][2] == str(refused)
    assert "<script" not in page
    assert "alert(1)&lt;/script&gt;&amp;\\u202e\\n" in page


def test_a_page_that_cannot_be_written_is_reported(ran: Ran, tmp_path: Path, cli: Cli) -> None:
    finished = ran.cli(cli, "report", "--html", str(tmp_path / "no" / "report.html"))
    assert finished.status == 2
    assert "cannot write" in finished.err


def test_failures_are_grouped_by_cause_with_what_to_do(ran: Ran, cli: Cli) -> None:
    printed = ran.cli(cli, "failures")
    assert printed.status == 1
    assert printed.out.index("rejected") < printed.out.index("denied")
    assert "retry-failed with other --days or --tier" in printed.out
    assert "data/0010, " in printed.out
    found = ran.cli(cli, "failures", "--json").json
    assert found["objects"] == DENIED + REJECTED
    assert [cause["code"] for cause in found["causes"]] == ["InvalidArgument", "AccessDenied"]


def test_failures_csv_names_each_object(ran: Ran, cli: Cli) -> None:
    finished = ran.cli(cli, "failures", "--csv")
    assert finished.status == 1
    keys = {unquote(row["Key"]) for row in csv.DictReader(io.StringIO(finished.out))}
    assert keys == {*(f"data/001{n}" for n in range(5)), "data/0020", HOSTILE}


def test_output_is_in_chinese_on_request(ran: Ran, cli: Cli) -> None:
    assert "处理方法" in ran.cli(cli, "failures", "--lang", "zh").out
    assert "7 个被拒绝" in ran.cli(cli, "status", "--lang", "zh").out


def test_list_shows_runs_with_state_dates_and_counts(ran: Ran, cli: Cli) -> None:
    listed = cli("list", *ran.site.arguments, "--limit", "9999")
    assert listed.status == 0
    # Other runs' names may be longer, and there may be many runs by now.
    line = rf"^{ran.name} +Succeeded  [-+\d: ]+ {BUCKET} +54 +0 +7 +54 +[-+\d: ]+$"
    assert re.search(line, listed.out, re.MULTILINE)


def test_list_goes_back_page_by_page(ran: Ran, cli: Cli) -> None:
    # Other runs may have followed, so start two that are the last.
    one = ran.site.run(**QUICK, dryRun=True).execution.name
    second = ran.site.run(**QUICK, dryRun=True).execution.name
    first = cli("list", *ran.site.arguments, "--limit", "1", "--json").json
    assert [run["run"] for run in first["runs"]] == [second]
    older = cli(
        "list", *ran.site.arguments, "--limit", "1", "--before", first["before"], "--json"
    ).json
    assert [run["run"] for run in older["runs"]] == [one]
    shown = cli("list", *ran.site.arguments, "--limit", "1")
    assert f"--before {first['before']}" in shown.err
    wrong = cli("list", *ran.site.arguments, "--before", "yesterday")
    assert wrong.status == 2


def test_export_manifest_lists_failed_objects_for_batch_operations(
    ran: Ran, tmp_path: Path, cli: Cli
) -> None:
    path = tmp_path / "manifest.csv"
    exported = ran.cli(cli, "export-manifest", "--output", str(path))
    assert (exported.status, exported.out) == (0, "")
    assert "7 rows" in exported.err
    rows = list(csv.reader(path.read_text().splitlines()))
    assert {len(row) for row in rows} == {2}
    assert {row[0] for row in rows} == {BUCKET}
    assert HOSTILE in {unquote(row[1]) for row in rows}
    denied = ran.cli(cli, "export-manifest", "--outcome", "denied")
    assert len(denied.out.splitlines()) == DENIED


def test_export_manifest_lists_the_frozen_objects_of_a_bucket(ran: Ran, cli: Cli) -> None:
    scope = ("--bucket", BUCKET, "--prefix", "data/001")
    frozen = cli("export-manifest", *ran.site.arguments, *scope)
    assert frozen.out.splitlines() == [f"{BUCKET},data/001{n}" for n in range(5)]


def yes(command: str) -> tuple[str, ...]:
    return ("--yes",) if command == "retry-failed" else ()


@pytest.mark.parametrize("command", ["report", "failures", "retry-failed", "export-manifest"])
def test_an_unknown_run_is_reported(ran: Ran, command: str, cli: Cli) -> None:
    finished = cli(command, *ran.site.arguments, "--run", "no-such-run", *yes(command))
    assert finished.status in (2, 3)
    assert "no-such-run" in finished.err or "ExecutionNotExists" in finished.err


@pytest.mark.parametrize("command", ["report", "failures", "retry-failed"])
def test_a_flow_alone_is_not_enough_to_find_the_ledger(ran: Ran, command: str, cli: Cli) -> None:
    flow = ("--flow", ran.site.deployment.main_flow, "--cloud", str(ran.site.endpoints_file))
    finished = cli(command, *flow, "--run", ran.name, *yes(command))
    assert finished.status == 2
    assert "report bucket" in finished.err
