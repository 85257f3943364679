"""100,000 failures: all of them are reported, with only a few in memory at a time."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import oss2
import pytest

from oss_restore.runs.run_lookup import run_name
from tests.functions.scene import a_page
from tests.oss_restore import shell
from tests.site import BUCKET, Site
from thaw.ledger import Ledger, Part
from thaw.outcomes import Outcome, OutcomeRecord
from thaw.retry import RetryPolicy
from thaw.run_input import Run
from thaw.store import Store

FAILURES = 100_000
A_PAGE = 1_000
# The whole ledger as Python objects takes over 60 MiB.
MORE_MEMORY_KIB = 24 * 1024


def fill(site: Site, pages: int) -> str:
    """Write the ledger of a run in which every object has failed, and return its name."""
    name = run_name()
    reports = site.bucket(site.deployment.report_bucket)
    ledger = Ledger(Store(reports, RetryPolicy()), "", name)
    run = Run(endpoint=site.endpoints.oss, bucket_name=BUCKET, run_id=name)
    ledger.write_json("input.json", run.to_json())
    ledger.write_json("summary.json", {"outcomes": {"failed": pages * A_PAGE}})
    records = [
        OutcomeRecord(
            f"data/000/{key:07}",
            Outcome.FAILED,
            "Archive",
            100,
            500,
            ("InternalError", "RequestError")[key % 2],
            "the service did not answer",
        )
        for key in range(A_PAGE)
    ]
    ledger.write_group(0, 0, Part(records))
    body = ledger.read("failures/000000000-0000.jsonl") or b""
    for page in range(pages):
        ledger.keep_page(a_page(page, ["z"]))
        own = body.replace(b"data/000/", b"data/%03d/" % page)
        for folder in ("outcomes", "failures"):
            ledger.write(f"{folder}/{page:09d}-0000.jsonl", own)
    return name


@pytest.fixture(scope="module")
def many(shared_site: Site) -> Iterator[str]:
    name = fill(shared_site, FAILURES // A_PAGE)
    yield name
    reports = shared_site.bucket(shared_site.deployment.report_bucket)
    for found in oss2.ObjectIterator(reports, prefix=f"runs/{name}/", max_keys=1000):
        reports.delete_object(found.key)


# The command line, which prints at its end how much memory it has used: its own, unlike that
# of getrusage, which begins with its parent's.
MEASURED = """
import atexit, re, sys
from oss_restore.cli.main import main

def tell():
    status = open("/proc/self/status").read()
    print("peak", re.search("VmHWM:.*?([0-9]+) kB", status)[1], file=sys.stderr)

atexit.register(tell)
main()
"""


def measured(*arguments: str) -> tuple[int, str, int]:
    """Run a command, and return exit code, output and peak memory in KiB."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments],
        env=shell.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    (peak,) = re.findall(r"^peak (\d+)$", done.stderr, re.MULTILINE)
    return done.returncode, done.stdout, int(peak)


@pytest.fixture(scope="module")
def little(shared_site: Site) -> int:
    """Return the memory, in KiB, that a report of one page's failures takes."""
    run = fill(shared_site, 1)
    _, _, memory = measured("report", *shared_site.arguments, "--csv", "--run", run)
    return memory


def test_many_failures_are_grouped_by_cause(site: Site, many: str, little: int) -> None:
    status, out, memory = measured("failures", *site.arguments, "--json", "--run", many)
    assert status == 1
    found: Any = json.loads(out)
    assert found["objects"] == FAILURES
    causes = {cause["code"]: cause["objects"] for cause in found["causes"]}
    assert causes == {"InternalError": FAILURES // 2, "RequestError": FAILURES // 2}
    assert memory - little < MORE_MEMORY_KIB


def test_many_failures_are_listed_individually(site: Site, many: str, little: int) -> None:
    """There is only a ledger and no run, so ``report`` ends with an error."""
    status, out, memory = measured("report", *site.arguments, "--csv", "--run", many)
    assert status == 3
    rows = csv.DictReader(io.StringIO(out))
    assert sum(row["TaskStatus"] == "failed" for row in rows) == FAILURES
    assert memory - little < MORE_MEMORY_KIB


def test_no_traceback_appears_when_the_reader_closes_the_pipe(site: Site, many: str) -> None:
    with shell.started("failures", *site.arguments, "--csv", "--run", many) as telling:
        assert telling.stdout is not None
        assert telling.stdout.readline().startswith("Bucket,Key")
        telling.stdout.close()
        assert telling.stderr is not None
        assert telling.stderr.read() == ""
    assert telling.returncode == 1
