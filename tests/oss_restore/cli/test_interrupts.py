"""Ctrl-C at any moment ends a command with one line and 130. Each command is a process here."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import oss2
import pytest

from tests.oss_restore import shell
from tests.oss_restore.cli.test_arguments import FLOW, endpoints_at
from tests.oss_restore.cli.test_confirmation import until
from tests.site import QUICK, Site, archived

NOTHING = "oss-restore: interrupted: nothing is left running\n"


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Return a server that accepts connections and never responds."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        yield server


def end(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=shell.PATIENCE_SECONDS)
    return process.returncode, out, err


@pytest.mark.parametrize(
    "module", ["oss_restore.cli.main", "click.core", "rich.console", "pydantic.main"]
)
def test_ctrl_c_ends_a_command_that_is_importing(
    silent: socket.socket, tmp_path: Path, module: str
) -> None:
    cloud = endpoints_at(silent.getsockname()[1], tmp_path)
    command = ("status", *FLOW, "--cloud", str(cloud))
    with shell.started(*command, verbose=True) as process:
        assert process.stderr is not None
        path = module.replace(".", "/")
        for line in process.stderr:
            if line.startswith("# ") and f"{path}.py" in line:
                break
        status, out, err = end(process)
    assert (status, out) == (130, "")
    assert NOTHING in err
    assert "Traceback" not in err
    assert "Exception ignored" not in err


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("status", *FLOW), NOTHING),
        (("list", *FLOW), NOTHING),
        (("watch", *FLOW, "--run", "r"), "run r continues; watch it again with: "),
        (("plan", *FLOW, "--bucket", "bucket"), NOTHING),
        (("start", *FLOW, "--bucket", "bucket", "--yes"), "interrupted: nothing was done"),
        (("start", *FLOW, "--bucket", "bucket", "--yes", "--no-plan"), "may have been started"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_ctrl_c_ends_a_command_that_waits_for_a_service(
    silent: socket.socket, tmp_path: Path, command: tuple[str, ...], message: str
) -> None:
    cloud = endpoints_at(silent.getsockname()[1], tmp_path)
    with shell.started(*command, "--cloud", str(cloud)) as process:
        connection, _ = silent.accept()
        status, out, err = end(process)
        connection.close()
    assert (status, out) == (130, "")
    assert message in err
    assert len(err.splitlines()) == 1


def test_ctrl_c_ends_refreezing_with_how_to_continue(site: Site, bucket: oss2.Bucket) -> None:
    site.fill(archived(120))
    run = site.run(**QUICK, days=3).execution.name
    site.control.add_fault(
        service="oss", operation="CleanRestoredObject", target="*", kind="delay", seconds=1
    )

    def cleaned() -> float:
        return site.control.meters().get("oss.requests.CleanRestoredObject", 0)

    before = cleaned()
    with shell.started("refreeze", *site.arguments, "--run", run, "--yes") as process:
        until(lambda: cleaned() > before)
        status, out, err = end(process)
    assert (status, out) == (130, "")
    assert "were handled; to continue, repeat the command" in err
    assert len(err.splitlines()) == 1
