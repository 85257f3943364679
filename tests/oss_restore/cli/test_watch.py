"""``oss-restore watch`` as a process, during a run."""

from __future__ import annotations

import json
import selectors
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import oss2
import pytest

from tests.oss_restore import shell
from tests.oss_restore.conftest import Cli
from tests.site import BUCKET, PATIENCE_SECONDS, QUICK, Site, archived, empty
from thaw.ledger_layout import STOP_MARK


def read_until(process: subprocess.Popen[str], stream: str, word: str) -> str:
    """Read lines until one contains a word."""
    file = getattr(process, stream)
    deadline, read = monotonic() + PATIENCE_SECONDS, ""
    with selectors.DefaultSelector() as waiter:
        waiter.register(file, selectors.EVENT_READ)
        while word not in read:
            assert waiter.select(timeout=max(0, deadline - monotonic())), f"no {word} in {read}"
            line = file.readline()
            assert line, f"it ended without {word}: {read}"
            read += line
    return read


@contextmanager
def held(site: Site) -> Iterator[Callable[[], None]]:
    """Hold the clock until the yielded function is called."""
    with ExitStack() as stack:
        stack.enter_context(site.control.held_clock())
        yield stack.close


def test_a_run_is_watched_to_its_end(site: Site, bucket: oss2.Bucket) -> None:
    site.fill(archived(30))
    with held(site) as release:
        name = site.start(**QUICK)
        site.wait_for_step(name, "awaitReadable")
        with shell.started("watch", *site.arguments, "--json") as watching:
            now = json.loads(read_until(watching, "stdout", "\n"))
            assert (now["run"], now["status"], now["step"]) == (name, "Running", "awaitReadable")
            assert (now["waiting"], now["counts"]["submitted"]) == (True, 30)
            assert now["allReadableBy"] > now["started"]
            release()
            out, err = watching.communicate(timeout=PATIENCE_SECONDS)
        assert watching.returncode == 0, err
    last = json.loads(out.splitlines()[-1])
    assert (last["status"], last["counts"]["submitted"]) == ("Succeeded", 30)


def test_ctrl_c_ends_watching_but_not_the_run(site: Site, bucket: oss2.Bucket) -> None:
    site.fill(archived(6))
    with held(site):
        name = site.start(**QUICK)
        site.wait_for_step(name, "awaitReadable")
        with shell.started("watch", *site.arguments, "--json") as watching:
            read_until(watching, "stdout", name)
            watching.send_signal(signal.SIGINT)
            _, err = watching.communicate(timeout=PATIENCE_SECONDS)
        assert watching.returncode == 130
        assert f"run {name} continues; watch it again with: oss-restore watch e2e" in err
        assert site.workflow.describe(site.deployment.main_flow, name).status == "Running"
    assert site.wait(name).verdict.exit_code == 0


def test_a_run_that_has_ended_is_shown_at_once(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    site.fill(archived(3))
    name = site.run(**QUICK).execution.name
    watched = cli("watch", *site.arguments, "--run", name, "--json")
    assert watched.status == 0
    assert watched.json == cli("status", *site.arguments, "--run", name, "--json").json


def test_failures_of_a_run_that_has_ended_are_reported_with_their_cause(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    site.fill(archived(6))
    site.reject("*/data/0001")
    site.run(**QUICK)
    finished = cli("watch", *site.arguments)
    assert finished.status == 1
    assert "rejected InvalidArgument: the first is data/0001" in finished.err


def test_watching_ends_when_the_run_is_stopped(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    site.fill(archived(6))
    with held(site):
        name = site.start(**QUICK)
        site.wait_for_step(name, "awaitReadable")
        with shell.started("watch", *site.arguments, "--json") as watching:
            read_until(watching, "stdout", name)
            assert cli("stop", "--yes", *site.arguments, "--run", name).status == 0
            out, err = watching.communicate(timeout=PATIENCE_SECONDS)
    assert watching.returncode == 4
    assert "The run was stopped: stopped by " in err
    last = json.loads(out.splitlines()[-1])
    assert (last["status"], last["counts"]["submitted"]) == ("Stopped", 6)


def test_deleting_the_bucket_ends_the_run_and_watching(site: Site, bucket: oss2.Bucket) -> None:
    site.fill(archived(6))
    with held(site) as release:
        name = site.start(**QUICK)
        site.wait_for_step(name, "awaitReadable")
        empty(bucket)
        bucket.delete_bucket()
        with shell.started("watch", *site.arguments) as watching:
            release()
            _, err = watching.communicate(timeout=PATIENCE_SECONDS)
    assert watching.returncode == 1
    assert "NoSuchBucket" in err
    assert BUCKET in err


def test_objects_that_cannot_be_thawed_are_reported_during_the_run(
    site: Site, bucket: oss2.Bucket
) -> None:
    site.fill(archived(6))
    site.reject("*/data/0001")
    with held(site) as release:
        name = site.start(**QUICK)
        site.wait_for_step(name, "awaitReadable")
        with shell.started("watch", *site.arguments) as watching:
            line = read_until(watching, "stderr", "! rejected InvalidArgument")
            assert "data/0001" in line
            release()
            out, _ = watching.communicate(timeout=PATIENCE_SECONDS)
    assert watching.returncode == 1
    assert "rejected" in out


class Wire:
    """A connection to Serverless Workflow that can be cut."""

    def __init__(self, url: str) -> None:
        self._to = (urlsplit(url).hostname, urlsplit(url).port)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._open: list[socket.socket] = []
        self._cut = False
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self) -> None:
        self._cut = True
        for end in self._open:
            shut(end)

    def mend(self) -> None:
        self._cut = False

    def close(self) -> None:
        self._server.close()
        self.cut()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._server.accept()
            except OSError:
                return
            if self._cut:
                caller.close()
                continue
            called = socket.create_connection(self._to)
            self._open += [caller, called]
            for one, other in ((caller, called), (called, caller)):
                threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    for end in (source, target):
        shut(end)


def shut(end: socket.socket) -> None:
    """End a connection at once; closing would wait for a thread that reads from it."""
    with suppress(OSError):  # already shut
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@pytest.fixture
def wire(site: Site) -> Iterator[Wire]:
    with closing(Wire(site.endpoints.fnf)) as wire:
        yield wire


@pytest.mark.long
def test_watching_continues_after_the_connection_is_cut(
    site: Site, bucket: oss2.Bucket, wire: Wire, tmp_path: Path
) -> None:
    site.fill(archived(6))
    cloud = tmp_path / "cloud.json"
    endpoints = site.endpoints.model_copy(update={"fnf": f"http://127.0.0.1:{wire.port}"})
    cloud.write_text(endpoints.model_dump_json())
    arguments = (*site.arguments[:-1], str(cloud))
    with held(site) as release:
        name = site.start(**QUICK)
        site.wait_for_step(name, "awaitReadable")
        with shell.started("watch", *arguments, "--json") as watching:
            read_until(watching, "stdout", name)
            wire.cut()
            line = read_until(watching, "stderr", "the run continues, retrying")
            assert "cannot reach Serverless Workflow" in line
            wire.mend()
            release()
            out, _ = watching.communicate(timeout=PATIENCE_SECONDS)
    assert watching.returncode == 0
    assert json.loads(out.splitlines()[-1])["status"] == "Succeeded"


def test_a_missing_ledger_does_not_end_watching(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    """The stop mark is all that a waiting run reads from its ledger."""
    site.fill(archived(3))
    name = site.run(**QUICK).execution.name
    reports = site.bucket(site.deployment.report_bucket)
    assert not reports.object_exists(f"runs/{name}/{STOP_MARK}")
    for found in oss2.ObjectIterator(reports, prefix=f"runs/{name}/"):
        reports.delete_object(found.key)
    assert cli("watch", *site.arguments, "--run", name).status == 0
    gone = cli("failures", *site.arguments, "--run", name)
    assert gone.status == 2
    assert f"the ledger of {name} is no longer at oss://" in gone.err
