"""A local cloud in a separate process, for the duration of a rehearsal."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from oss_restore.clients.target import LocalEndpoints, read_endpoints
from oss_restore.errors import OperatorError
from oss_restore.language import gettext as _

_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 45  # on a busy machine; a cloud that is killed leaves its files behind


@contextmanager
def running_cloud(workdir: Path, *, arguments: Sequence[str] = ()) -> Iterator[LocalEndpoints]:
    """Start a local cloud, and stop it at the end.

    Args:
        workdir: folder for its endpoints file, ``endpoints.json``, and its log, ``cloud.log``.
        arguments: further arguments of ``oss-restore cloud``.

    Raises:
        OperatorError: the cloud did not start; the message contains the end of its log.
    """
    endpoints, log = workdir / "endpoints.json", workdir / "cloud.log"
    endpoints.unlink(missing_ok=True)  # left by a cloud that was killed
    command = [sys.executable, "-m", "oss_restore", "cloud", "--endpoints", str(endpoints)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--until-closed", *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.PIPE,  # closed when this process ends, even if it is killed
            start_new_session=True,  # Ctrl-C only reaches this process, which then stops the cloud
        )
    try:
        _await(endpoints, process, log)
        yield read_endpoints(endpoints)
    finally:
        process.terminate()
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(endpoints: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not endpoints.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            tail = log.read_text(errors="replace").strip().splitlines()[-5:]
            raise OperatorError(_("the local cloud did not start:"), *tail)
        time.sleep(0.05)
