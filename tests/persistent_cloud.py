"""A local cloud in its own process that keeps its state, to be stopped, killed and started."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from oss_restore.clients.target import LocalEndpoints, read_endpoints


@dataclass
class Machine:
    """The files of a cloud, which is started repeatedly.

    Attributes:
        output: the output of the last one.
        temporary: its folder for temporary files; the system's when None.
    """

    folder: Path
    output: str = ""
    temporary: Path | None = None

    @property
    def endpoints_file(self) -> Path:
        return self.folder / "endpoints.json"

    @property
    def state_file(self) -> Path:
        return self.folder / "state" / "state.sqlite3"

    @property
    def kept(self) -> tuple[str, ...]:
        """Return the arguments of a cloud that keeps its state."""
        return ("--endpoints", str(self.endpoints_file), "--state", str(self.folder / "state"))

    def start(self) -> subprocess.Popen[str]:
        """Start a cloud that keeps its state, and wait until it responds."""
        environ = {**os.environ, "PYTHONFAULTHANDLER": "1"}
        if self.temporary is not None:
            environ["TMPDIR"] = str(self.temporary)
        process = subprocess.Popen(
            [sys.executable, "-m", "oss_restore", "cloud", *self.kept],
            stderr=subprocess.PIPE,
            text=True,
            env=environ,
        )
        deadline = monotonic() + 300
        while not self.endpoints_file.exists():
            assert process.poll() is None, process.communicate()[1]
            if monotonic() > deadline:
                process.send_signal(signal.SIGABRT)  # it says where it is
                raise AssertionError(process.communicate()[1])
            sleep(0.02)
        return process

    def kill(self, process: subprocess.Popen[str]) -> str:
        """Kill a cloud, and return its output."""
        process.kill()
        output = process.communicate(timeout=60)[1]
        self.endpoints_file.unlink(missing_ok=True)
        return output

    @contextmanager
    def running(self, *, by: signal.Signals = signal.SIGTERM) -> Iterator[LocalEndpoints]:
        """Run a cloud that keeps its state, and end it by a signal."""
        process = self.start()
        try:
            yield read_endpoints(self.endpoints_file)
        finally:
            process.send_signal(by)
            self.output = process.communicate(timeout=60)[1]
        assert process.returncode == 0
        assert "Traceback" not in self.output
        assert not self.endpoints_file.exists()

    @contextmanager
    def full_disk(self, process: subprocess.Popen[str]) -> Iterator[None]:
        """Keep files of the cloud from growing while the block runs, as on a full disk."""
        _, most = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, most))
        try:
            yield
        finally:
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))
