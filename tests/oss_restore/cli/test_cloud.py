"""``oss-restore cloud``: a local cloud by itself, and its saved state."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from time import monotonic, sleep
from typing import Final

import fc2
import oss2
import pytest
from alibabacloud_fnf20190315 import models

from oss_restore.clients.control_api import ControlClient, SeedObject
from oss_restore.clients.function_calls.fc2_client import invoke
from oss_restore.clients.target import LocalEndpoints, local_target, read_endpoints
from oss_restore.clients.workflow import WorkflowClient
from oss_restore.errors import OperatorError
from oss_restore.runs.run_lookup import wait_for_end
from tests.oss_restore.conftest import Cli
from tests.persistent_cloud import Machine
from tests.ram import Ram

ACCOUNT: Final = "1234567890123456"
TRUST: Final = json.dumps(
    {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": ["fnf.aliyuncs.com"]},
            }
        ],
    }
)
MAY_CALL: Final = json.dumps(
    {
        "Version": "1",
        "Statement": [
            {"Effect": "Allow", "Action": ["fc:InvokeFunction"], "Resource": ["*"]},
        ],
    }
)
GREETING: Final = '{"greeting":"hello"}'
GREET: Final = f"def handler(event, context):\n    return {GREETING!r}\n"
FLOW: Final = """\
version: v1
type: flow
steps:
  - type: task
    name: greet
    resourceArn: acs:fc:::services/greeter/functions/greet
"""
WAITING: Final = """\
version: v1
type: flow
steps:
  - type: wait
    name: long
    duration: 3600
"""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Return a folder with a short name, since paths of sockets have at most 107 bytes."""
    with TemporaryDirectory(prefix="kept-") as folder:
        yield Path(folder)


def bucket_of(endpoints: LocalEndpoints) -> oss2.Bucket:
    auth = oss2.AuthV4(endpoints.access_key_id, endpoints.access_key_secret)
    return oss2.Bucket(auth, endpoints.oss, "kept", region=endpoints.region)


def deploy(endpoints: LocalEndpoints, code: Path) -> None:
    """Create a bucket, a function, a role and flows by the services' own APIs."""
    bucket = bucket_of(endpoints)
    bucket.create_bucket()
    bucket.put_object("hello", b"world")
    control = ControlClient(endpoints)
    control.seed("kept", [SeedObject(key="cold", size=7, storage_class="ColdArchive")])

    code.mkdir()
    (code / "index.py").write_text(GREET)
    fc = fc2.Client(
        endpoint=endpoints.fc,
        accessKeyID=endpoints.access_key_id,
        accessKeySecret=endpoints.access_key_secret,
    )
    fc.create_service("greeter")
    fc.create_function("greeter", "greet", "python3.10", "index.handler", codeDir=str(code))

    ram = Ram(endpoints)
    ram.call("CreateRole", RoleName="flows", AssumeRolePolicyDocument=TRUST)
    ram.call("CreatePolicy", PolicyName="call", PolicyDocument=MAY_CALL)
    ram.call("AttachPolicyToRole", PolicyName="call", PolicyType="Custom", RoleName="flows")
    fnf = WorkflowClient(local_target(endpoints))._client
    for name, definition in (("greet", FLOW), ("waiting", WAITING)):
        request = models.CreateFlowRequest(
            name=name,
            definition=definition,
            description="kept",
            type="FDL",
            role_arn=f"acs:ram::{ACCOUNT}:role/flows",
        )
        fnf.create_flow(request)


def greet(endpoints: LocalEndpoints, run: str) -> str:
    """Run the flow that calls the function, and return its output."""
    workflow = WorkflowClient(local_target(endpoints))
    workflow.start("greet", run, "{}")
    result = wait_for_end(workflow, "greet", run)
    assert result.execution.status == "Succeeded", result.verdict.sentence
    return result.execution.output


def test_everything_is_restored_after_a_restart(machine: Machine) -> None:
    with machine.running() as first:
        deploy(first, machine.folder / "code")
        bucket_of(first).restore_object("cold")
        output = greet(first, "before")
        workflow = WorkflowClient(local_target(first))
        history = list(workflow.events("greet", "before"))
        control = ControlClient(first)
        control.hold_clock()  # otherwise it would skip the hour that the flow waits
        workflow.start("waiting", "cut-off", "{}")
        assert workflow.describe("waiting", "cut-off").status == "Running"
        assert 'ongoing-request="true"' in restore_state(first)
        moment = control.now()

    with machine.running(by=signal.SIGINT) as second:
        new = {"tf_reattach_providers": "", "control_token": "", "ca_file": ""}
        assert second.model_copy(update=new) == first.model_copy(update=new)
        assert second.control_token != first.control_token
        control = ControlClient(second)
        assert control.now() >= moment
        assert bucket_of(second).get_object("hello").read() == b"world"
        assert 'ongoing-request="true"' in restore_state(second)
        workflow = WorkflowClient(local_target(second))
        assert workflow.describe("greet", "before").output == output
        assert list(workflow.events("greet", "before")) == history
        assert invoke(local_target(second), "greeter", "greet", "{}").result == GREETING
        assert greet(second, "after") == output
        went_on = wait_for_end(workflow, "waiting", "cut-off")
        assert went_on.execution.status == "Succeeded"
        control.advance(12 * 3600)
        assert 'ongoing-request="false"' in restore_state(second)
        assert len(bucket_of(second).get_object("cold").read()) == 7

    assert "of 1 executions in progress, 1 continue and 0 failed" in machine.output
    with machine.running() as third:
        assert 'ongoing-request="false"' in restore_state(third)


def test_acknowledged_changes_survive_a_kill(machine: Machine) -> None:
    process = machine.start()
    endpoints = read_endpoints(machine.endpoints_file)
    deploy(endpoints, machine.folder / "code")
    control = ControlClient(endpoints)
    control.seed(
        "kept", [SeedObject(key=f"a{n}", size=1, storage_class="Archive") for n in range(500)]
    )
    control.set({"equality": "strict"})
    bucket = bucket_of(endpoints)
    thawing: list[str] = []
    killer = Timer(0.5, process.kill)
    killer.start()
    with suppress(oss2.exceptions.RequestError):
        for number in range(500):
            bucket.restore_object(f"a{number}")
            bucket.put_object(f"put/{number}", b"%d" % number)
            thawing.append(f"a{number}")
    killer.join()
    machine.kill(process)
    assert thawing

    with machine.running() as again:
        bucket = bucket_of(again)
        assert len(list(oss2.ObjectIterator(bucket, prefix="a"))) == 500
        for number, key in enumerate(thawing):
            assert bucket.head_object(key).headers["x-oss-restore"] == 'ongoing-request="true"'
            assert bucket.get_object(f"put/{number}").read() == b"%d" % number
        meters = ControlClient(again).meters()
        assert meters["oss.retrievals.Archive"] >= len(thawing)
        assert greet(again, "after") == GREETING
    assert "the local cloud was killed" in machine.output
    assert "1 buckets" in machine.output
    assert "1 functions, 2 flows" in machine.output


def test_a_full_disk_is_reported_and_saving_resumes_afterwards(machine: Machine) -> None:
    process = machine.start()
    endpoints = read_endpoints(machine.endpoints_file)
    deploy(endpoints, machine.folder / "code")
    bucket, target = bucket_of(endpoints), local_target(endpoints)
    with machine.full_disk(process):
        with pytest.raises(oss2.exceptions.ServerError) as refused:
            bucket.put_object("late", b"1")
        assert refused.value.status == 503
        assert "cannot save its state" in refused.value.message
        with pytest.raises(OperatorError, match="cannot save its state"):
            invoke(target, "greeter", "greet", "{}")
    bucket.put_object("late", b"2")
    assert invoke(target, "greeter", "greet", "{}").result == GREETING
    assert greet(endpoints, "after") == GREETING
    output = machine.kill(process)
    assert output.count("cannot save its state") == 1
    assert output.count("is being saved again") == 1
    with machine.running() as again:
        assert bucket_of(again).get_object("late").read() == b"2"


LINGER: Final = """\
import os, subprocess, time
def handler(event, context):
    child = subprocess.Popen(["sleep", "600"])
    print(os.getpid(), child.pid, flush=True)
    with open(event, "w") as file:
        file.write(f"{os.getpid()} {child.pid}")
    time.sleep(600)
"""


def runs(pid: int) -> bool:
    """Return whether a process exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(holds: Callable[[], bool]) -> None:
    deadline = monotonic() + 60
    while not holds():
        assert monotonic() < deadline
        sleep(0.02)


def test_functions_end_with_a_killed_cloud_and_the_next_one_cleans_up(
    machine: Machine, short_folder: Path
) -> None:
    machine.temporary = short_folder  # where no other cloud removes what is left
    process = machine.start()
    endpoints = read_endpoints(machine.endpoints_file)
    code = machine.folder / "code"
    code.mkdir()
    (code / "index.py").write_text(LINGER)
    fc = fc2.Client(
        endpoint=endpoints.fc,
        accessKeyID=endpoints.access_key_id,
        accessKeySecret=endpoints.access_key_secret,
    )
    fc.create_service("s")
    fc.create_function("s", "f", "python3.10", "index.handler", codeDir=str(code), timeout=900)
    pids = machine.folder / "pids"
    fc.invoke_function("s", "f", str(pids).encode(), headers={"x-fc-invocation-type": "Async"})
    eventually(lambda: pids.exists() and bool(pids.read_text()))
    function, child = map(int, pids.read_text().split())
    sockets = json.loads(endpoints.tf_reattach_providers).values()
    work = Path(next(iter(sockets))["Addr"]["String"]).parents[1]

    machine.kill(process)
    eventually(lambda: not runs(function))
    assert work.is_dir()
    pids.unlink()
    with machine.running():
        assert not runs(child)
        assert not work.exists()
        # The call had been accepted, so it is repeated.
        eventually(lambda: pids.exists() and bool(pids.read_text()))
    assert f"removed the work folder of a local cloud that was killed: {work}" in machine.output
    function, child = map(int, pids.read_text().split())
    eventually(lambda: not runs(function) and not runs(child))


def restore_state(endpoints: LocalEndpoints) -> str:
    return str(bucket_of(endpoints).head_object("cold").headers["x-oss-restore"])


SERVICES = ("oss", "fc", "fnf", "ram", "sts", "sls", "cms", "location", "control", "https_proxy")


def test_files_are_private_and_appear_once_all_services_respond(
    machine: Machine,
) -> None:
    with machine.running() as endpoints:
        assert stat.S_IMODE(machine.endpoints_file.stat().st_mode) == 0o600
        urls = [getattr(endpoints, name) for name in SERVICES]
        for address in urls:
            host, _, port = address.removeprefix("http://").partition(":")
            socket.create_connection((host, int(port)), timeout=5).close()
        for provider in json.loads(endpoints.tf_reattach_providers).values():
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(provider["Addr"]["String"])
    assert stat.S_IMODE(machine.state_file.stat().st_mode) == 0o600


def test_no_outgoing_connection_can_take_the_ports_of_a_stopped_cloud(machine: Machine) -> None:
    with machine.running() as endpoints:
        ports = [int(getattr(endpoints, name).rpartition(":")[2]) for name in SERVICES]
    assert max(ports) < 32_768, "Linux connects from this port on, by default"


def test_an_unusable_state_is_refused(machine: Machine, cli: Cli) -> None:
    with machine.running() as endpoints:
        bucket_of(endpoints).create_bucket()
        ports = {"oss": endpoints.oss, "proxy": endpoints.https_proxy}

    for name, url in ports.items():
        port = int(url.rpartition(":")[2])
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.0.1", port))
            taken.listen()
            finished = cli("cloud", *machine.kept)
        assert finished.status == 1
        assert f"port {port} of {name}: Address already in use" in finished.err
        assert not machine.endpoints_file.exists()

    finished = cli("cloud", *machine.kept, "--account", "6543210987654321")
    assert finished.status == 2
    assert f"the saved state belongs to {ACCOUNT} in cn-hangzhou" in finished.err

    def spoil(change: str) -> None:
        with closing(sqlite3.connect(machine.state_file)) as file, file:
            file.execute(change)

    for change in (
        "UPDATE records SET value = '{}' WHERE kind = 'bucket'",
        "DELETE FROM records WHERE kind = 'ram'",
        "PRAGMA user_version = 99",
    ):
        spoil(change)
        finished = cli("cloud", *machine.kept)
        assert finished.status == 2
        assert "state.sqlite3 cannot be used" in finished.err
        assert "remove it to start afresh" in finished.err
    machine.state_file.write_bytes(b"no database at all")
    finished = cli("cloud", *machine.kept)
    assert finished.status == 2
    assert "file is not a database" in finished.err
    assert machine.state_file.read_bytes() == b"no database at all"


def test_files_that_cannot_be_written_are_reported(cli: Cli, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nosuch" / "endpoints.json")
    finished = cli("cloud", "--endpoints", nowhere)
    assert finished.status == 1
    assert f"{nowhere}: No such file or directory" in finished.err
    occupied = tmp_path / "file"
    occupied.touch()
    finished = cli("cloud", "--endpoints", str(tmp_path / "e.json"), "--state", str(occupied))
    assert finished.status == 1
    assert f"{occupied}: File exists" in finished.err
