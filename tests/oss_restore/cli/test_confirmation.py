"""What commands show, ask and refuse before they start, stop or refreeze anything."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import oss2
import pytest

from oss_restore.cli.confirmation import means_yes
from oss_restore.cli.program import COMMANDS, load_command
from oss_restore.clients.control_api import SeedObject
from oss_restore.runs.run_lookup import last_run
from tests.oss_restore import shell
from tests.oss_restore.clients.test_context import changed
from tests.oss_restore.conftest import Cli, Finished
from tests.ram import Ram
from tests.site import BUCKET, Site, archived, empty
from tests.site import QUICK as QUICK_INPUT

QUICK = ("--bucket", BUCKET, "--group-size", "10", "--poll-interval", "21600")


@pytest.fixture
def before(site: Site) -> str:
    """Return the run that was the last one before the test."""
    found = last_run(site.workflow, site.deployment.main_flow)
    return found.name if found else ""


def last(site: Site) -> str:
    found = last_run(site.workflow, site.deployment.main_flow)
    return found.name if found else ""


@contextmanager
def at_a_terminal(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start a command whose stdin is a terminal, and yield it with the terminal's other end."""
    ours, its = pty.openpty()
    try:
        with shell.started(*arguments, stdin=its) as process:
            yield process, ours
    finally:
        os.close(ours)
        os.close(its)


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """Read a command's stderr up to a text."""
    assert process.stderr is not None
    output, deadline = "", monotonic() + shell.PATIENCE_SECONDS
    while text not in output:
        assert monotonic() < deadline, output
        piece = process.stderr.read(1)
        assert piece, output
        output += piece
    return output


def until(holds: Callable[[], bool]) -> None:
    """Wait for a condition that another process fulfils."""
    deadline = monotonic() + shell.PATIENCE_SECONDS
    while not holds():
        assert monotonic() < deadline
        sleep(0.05)


def looks(site: Site) -> float:
    """Return how often a bucket was located, which happens just before it is read."""
    return site.control.meters().get("oss.requests.GetBucketInfo", 0)


@pytest.mark.parametrize("answer", ["", "n", "no", "N", "nope", "yess", "yes please", "ok", "否"])
def test_any_answer_but_yes_means_no(answer: str) -> None:
    assert not means_yes(f"{answer}\n")
    assert means_yes("Yes\n")


def test_nothing_is_done_when_the_answer_is_no(
    site: Site, bucket: oss2.Bucket, before: str
) -> None:
    site.fill(archived(6))
    command = ("start", *site.arguments, *QUICK)
    with site.billing() as bill, at_a_terminal(*command) as (process, keyboard):
        output = read_until(process, "[y/N]")
        os.write(keyboard, b"n\n")
        out, rest = process.communicate(timeout=shell.PATIENCE_SECONDS)
    assert process.returncode == 4
    assert "nothing was done" in rest
    assert out == ""
    assert "Time and cost in CNY" in output
    assert last(site) == before
    assert bill.get("oss.requests.RestoreObject", 0) == 0


def test_yes_starts_the_run_that_was_shown(site: Site, bucket: oss2.Bucket) -> None:
    site.fill(archived(6))
    with at_a_terminal("start", *site.arguments, *QUICK) as (process, keyboard):
        read_until(process, "[y/N]")
        os.write(keyboard, b"y\n")
        out, _ = process.communicate(timeout=shell.PATIENCE_SECONDS)
    assert process.returncode == 0
    assert site.wait(out.strip()).outcomes == {"requested": 6}


def test_ctrl_c_at_the_question_starts_nothing(
    site: Site, bucket: oss2.Bucket, before: str
) -> None:
    site.fill(archived(6))
    with at_a_terminal("start", *site.arguments, *QUICK) as (process, _):
        read_until(process, "[y/N]")
        process.send_signal(signal.SIGINT)
        out, rest = process.communicate(timeout=shell.PATIENCE_SECONDS)
    assert process.returncode == 130
    assert "nothing was done" in rest
    assert out == ""
    assert last(site) == before


def test_ctrl_c_while_the_bucket_is_read_starts_nothing(
    site: Site, bucket: oss2.Bucket, before: str
) -> None:
    site.fill(archived(6))
    site.control.add_fault(
        service="oss", operation="ListObjects", target=f"{BUCKET}/*", kind="delay", seconds=8
    )
    seen = looks(site)
    with at_a_terminal("start", *site.arguments, *QUICK) as (process, _):
        until(lambda: looks(site) > seen)
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=shell.PATIENCE_SECONDS)
    assert process.returncode == 130
    assert "nothing was done" in rest
    assert last(site) == before


def test_ctrl_c_while_waiting_leaves_the_run_alone_and_names_the_next_command(
    site: Site, bucket: oss2.Bucket
) -> None:
    site.fill(archived(6))
    with site.control.held_clock():
        with shell.started("start", *site.arguments, *QUICK, "--yes", "--wait") as process:
            read_until(process, "Started ")
            run = last(site)
            site.wait_for_step(run, "awaitReadable")
            process.send_signal(signal.SIGINT)
            _, rest = process.communicate(timeout=shell.PATIENCE_SECONDS)
        assert process.returncode == 130
        assert f"run {run} continues" in rest
        assert f"--run {run}" in rest
    assert site.wait(run).outcomes == {"requested": 6}


# Every command that costs something or cannot be undone, and the arguments it needs.
ASKS: Final = {
    "start": ("--bucket", BUCKET),
    "retry-failed": (),
    "extend": ("--days", "5"),
    "upgrade": ("--tier", "Expedited"),
    "refreeze": ("--bucket", BUCKET),
    "stop": (),
    "smoke": ("--thaw", f"oss://{BUCKET}/data/0001"),
    "invoke": ("restore",),
}


@pytest.mark.parametrize("command", ASKS)
def test_a_script_is_refused_at_once_and_pointed_to_the_option_yes(
    site: Site, bucket: oss2.Bucket, cli: Cli, command: str
) -> None:
    with site.billing() as bill:
        refusal = cli(command, *site.arguments, *ASKS[command])
    assert (refusal.status, refusal.out) == (2, "")
    assert refusal.err == (
        "oss-restore: cannot ask for confirmation, since this is not a terminal: nothing was done\n"
        "  confirm it with --yes\n"
    )
    assert not any(bill.values())


def test_every_command_that_costs_or_overwrites_has_the_option_yes() -> None:
    takes = {name for name in COMMANDS if "yes" in {one.name for one in load_command(name).params}}
    assert takes == {*ASKS, "init"}  # see test_init.py


def answered(*arguments: str, answer: str = "n\n") -> tuple[int, str]:
    """Answer a command's question, and return its exit code and messages."""
    with at_a_terminal(*arguments) as (process, keyboard):
        output = read_until(process, "Continue? [y/N]")
        os.write(keyboard, answer.encode())
        _, rest = process.communicate(timeout=shell.PATIENCE_SECONDS)
    return process.returncode, output + rest


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (("extend", "--days", "5"), ("to keep readable", "│ objects", "│ total")),
        (("upgrade", "--tier", "Expedited"), ("to thaw sooner", "┃ Expedited", "│ total")),
        (("refreeze",), ("The 10 objects of oss://e2e-archive", "costs money")),
        (("stop",), ("stays frozen",)),
    ],
    ids=lambda value: value[0] if isinstance(value[0], str) and " " not in value[0] else "",
)
def test_a_question_shows_action_and_price_and_the_answer_no_cancels_it(
    site: Site, bucket: oss2.Bucket, arguments: tuple[str, ...], messages: tuple[str, ...]
) -> None:
    site.fill(archived(30))
    cold = {**QUICK_INPUT, "storageClasses": ["ColdArchive"], "tier": "Bulk", "days": 3}
    command, *options = arguments
    live = command in {"upgrade", "stop"}
    with ExitStack() as held:
        held.enter_context(site.control.held_clock() if live else nullcontext())
        run = site.start(**cold)
        if live:
            site.wait_for_step(run, "awaitReadable")
        else:
            site.wait(run)
        with site.billing() as bill:
            status, output = answered(command, *site.arguments, "--run", run, *options)
    site.wait(run)
    assert status == 4
    assert all(text in output for text in messages), output
    assert "nothing was done" in output
    sent = ("oss.requests.RestoreObject", "oss.requests.CleanRestoredObject")
    assert not any(bill.get(name) for name in sent)
    assert last(site) == run


def test_a_retry_is_shown_with_its_price(site: Site, bucket: oss2.Bucket) -> None:
    site.fill(archived(6))
    site.reject("*")
    run = site.run(**QUICK_INPUT).execution.name
    site.control.clear_faults()
    status, output = answered("retry-failed", *site.arguments, "--run", run)
    assert status == 4
    assert "6 objects of" in output
    assert "│ total" in output


def test_a_smoke_test_that_costs_something_shows_its_price(site: Site, bucket: oss2.Bucket) -> None:
    site.fill(archived(6))
    status, output = answered("smoke", *site.arguments, "--thaw", f"oss://{BUCKET}/data/0001")
    assert status == 4
    assert "│ total" in output


def test_the_action_is_done_when_the_answer_is_yes(site: Site, bucket: oss2.Bucket) -> None:
    site.fill(archived(6))
    run = site.run(**QUICK_INPUT, days=3).execution.name
    status, output = answered("refreeze", *site.arguments, "--run", run, answer="y\n")
    assert status == 0, output
    assert len(site.census().unreadable) == 4


def test_no_run_is_started_when_there_is_nothing_to_do(
    site: Site, bucket: oss2.Bucket, before: str, cli: Cli
) -> None:
    finished = cli("start", *site.arguments, *QUICK, "--yes", "--json")
    assert finished.status == 0
    assert finished.json == {"run": None, "status": "NothingToDo"}
    assert "There is no object below oss://e2e-archive/: no run was started." in finished.err
    site.fill([SeedObject(key="warm", size=9, storage_class="Standard")])
    warm = cli("start", *site.arguments, *QUICK, "--yes")
    assert "There is nothing to thaw and nothing to wait for" in warm.err
    assert last(site) == before


def refused(cli: Cli, site: Site, *arguments: str) -> str:
    """Return the error of a refused start, which the plan must report as well."""
    asked = (*site.arguments, "--bucket", BUCKET, *arguments)
    finished = cli("start", *asked, "--yes")
    assert finished.status == 3
    assert finished.out == ""
    planned = cli("plan", *asked, "--json")
    assert planned.status == 0
    problems = [obstacle["problem"] for obstacle in planned.json["obstacles"]]
    assert problems
    assert all(problem in finished.err for problem in problems)
    return finished.err


def test_a_bucket_in_another_region_is_refused(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    site.control.move_bucket(BUCKET, "cn-beijing")
    assert "is in cn-beijing, not in cn-hangzhou" in refused(cli, site)


def test_a_run_of_only_directly_readable_archive_is_refused(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    site.fill(archived(6))
    bucket.put_bucket_archive_direct_read(True)
    assert "can be read directly" in refused(cli, site, "--storage-class", "Archive")
    planned = cli("plan", *site.arguments, "--bucket", BUCKET, "--json").json
    assert planned["obstacles"] == []
    assert "exclude the class" in planned["notes"][0]


@pytest.mark.parametrize(
    ("fields", "arguments", "message"),
    [
        ({"buckets": [{"name": "others"}]}, (), "no access to bucket e2e-archive"),
        (
            {"buckets": [{"name": BUCKET, "prefixes": ["2019/"]}]},
            ("--prefix", "2020/"),
            f"may not list oss://{BUCKET}/2020/",
        ),
        ({}, ("--versions", "all"), "may not access older versions"),
        ({}, ("--manifest", '{"bucket": "lists", "key": "a.csv"}'), "oss://lists/a.csv"),
    ],
    ids=["bucket", "prefix", "versions", "manifest"],
)
def test_what_the_functions_may_not_do_is_refused_with_the_setting_to_add(
    site: Site,
    bucket: oss2.Bucket,
    cli: Cli,
    tmp_path: Path,
    fields: dict[str, object],
    arguments: tuple[str, ...],
    message: str,
) -> None:
    folder = changed(site, tmp_path, **fields)
    complaint = refused(cli, site, "--environments", str(folder), *arguments)
    assert message in complaint
    assert "in the environment file, and deploy" in complaint


def test_missing_permission_to_list_the_bucket_is_named(
    site: Site, bucket: oss2.Bucket, cli: Cli, tmp_path: Path
) -> None:
    path = tmp_path / "cloud.json"
    asked = (*site.arguments, *QUICK, "--cloud", str(path), "--yes")
    starts = {"Effect": "Allow", "Action": ["fnf:*"], "Resource": ["*"]}
    with Ram(site.endpoints).user("starter", starts) as keys:
        path.write_text(site.endpoints.model_copy(update=keys).model_dump_json())
        finished = cli("start", *asked)
        assert finished.status == 3
        assert "OSS refused oss:ListObjects" in finished.err
        assert cli("start", *asked, "--no-plan").status == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--storage-class", "DeepColdArchive", "--tier", "Bulk"),
            "--tier Bulk is not a tier of Deep",
        ),
        (("--storage-class", "Archive", "--days", "8"), "days of 8 is more than the 7"),
    ],
)
def test_a_tier_or_days_that_a_class_does_not_permit_are_wrong_usage(
    site: Site, cli: Cli, arguments: tuple[str, ...], message: str
) -> None:
    finished = cli("start", *site.arguments, *QUICK, *arguments, "--yes")
    assert finished.status == 2
    assert message in finished.err


def in_the_middle(site: Site, change: Callable[[], AbstractContextManager[None]]) -> Finished:
    """Start a run of several pages, and change something after the first page's requests."""
    site.fill(archived(40))
    pages = ("--max-keys", "10", "--wait-for", "page")
    command = ("start", *site.arguments, *QUICK, *pages, "--yes", "--wait", "--json")
    with ExitStack() as held, shell.started(*command) as process:
        held.enter_context(site.control.held_clock())
        read_until(process, "Started ")
        until(lambda: any(state.requested for state in site.control.thaws(BUCKET)))
        with change():
            held.close()
            out, err = process.communicate(timeout=shell.PATIENCE_SECONDS)
    return Finished(process.returncode, out, err)


def test_a_permission_revoked_during_the_run_is_named(site: Site, bucket: oss2.Bucket) -> None:
    ram = Ram(site.endpoints)
    finished = in_the_middle(
        site, lambda: ram.without("oss-restore-functions-e2e", "oss:ListObjects", BUCKET)
    )
    assert finished.status == 3
    assert finished.json["status"] == "Failed"
    assert "AccessDenied: OSS refused oss:ListObjects on" in finished.err


def test_a_bucket_deleted_during_the_run_is_named(site: Site, bucket: oss2.Bucket) -> None:
    @contextmanager
    def gone() -> Iterator[None]:
        empty(bucket)
        bucket.delete_bucket()
        yield

    finished = in_the_middle(site, gone)
    assert finished.status == 1
    assert finished.json["status"] == "Failed"
    assert "NoSuchBucket: there is no bucket" in finished.err
