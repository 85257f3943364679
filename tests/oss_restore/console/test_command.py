"""``oss-restore console``, run as by a shell."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.infra.hosted import HostedCloud
from tests.oss_restore.shell import HEARING_CTRL_C, PROGRAM

ACCOUNT = "1234567890123456"


@pytest.fixture
def arguments(tmp_path: Path) -> Iterator[list[str]]:
    with HostedCloud(ACCOUNT).serving() as hosted:
        file = tmp_path / "endpoints.json"
        file.write_text(hosted.endpoints(ACCOUNT).model_dump_json())
        yield ["--flow", "any", "--region", "cn-hangzhou", "--cloud", str(file)]


@pytest.mark.parametrize(
    ("by", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "terminated"]
)
def test_the_console_serves_until_it_is_terminated_even_with_an_open_page(
    arguments: list[str], by: signal.Signals, status: int
) -> None:
    command = [*HEARING_CTRL_C, *PROGRAM, "console", *arguments, "--run", "a/b"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        assert "/runs/a%2Fb?token=" in address
        with httpx.Client(trust_env=False, timeout=60) as browser:
            assert browser.get(address).status_code == 200
            assert process.stderr.readline().startswith("For another browser: http://127.0.0.1:")
            origin = address.partition("/runs")[0]
            assert browser.get(f"{origin}/api/page").json()["actions"] is False
            for action in ("runs/x/stop", "runs/x/offer-retry", "runs/x/retry", "cloud/hold"):
                answer = browser.post(f"{origin}/api/{action}", headers={"origin": origin})
                assert answer.status_code in {404, 405}, action
            with browser.stream("GET", f"{origin}/api/feeds/cloud") as stream:
                lines = stream.iter_lines()
                assert next(lines).startswith("retry:")
                process.send_signal(by)
                assert not any(line.startswith("retry:") for line in lines)  # it ends
        assert process.wait() == status
        assert "Traceback" not in process.stderr.read()
