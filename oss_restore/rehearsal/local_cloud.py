"""A local cloud in a process of its own, for as long as a rehearsal lasts."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel

from oss_restore.errors import OperatorError
from oss_restore.target import LocalEndpoints, read_endpoints

_START_SECONDS = 60


class SeedObject(BaseModel):
    """An object that appears in a bucket without being uploaded; its body is made up on reading."""

    key: str
    size: int
    storage_class: str


class ControlClient:
    """The local cloud's control API: what no real cloud offers."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=120)

    def _ask(self, method: str, path: str, **arguments: Any) -> Any:
        answer = self._http.request(method, path, **arguments)
        answer.raise_for_status()
        return answer.json()

    def seed(self, bucket: str, objects: Iterable[SeedObject]) -> int:
        """Puts objects into a bucket at once; returns how many."""
        lines = "\n".join(o.model_dump_json() for o in objects)
        answer = self._ask("POST", f"/buckets/{bucket}/objects", content=lines.encode())
        return int(answer["objects"])

    def meters(self) -> dict[str, float]:
        """Everything billable so far, by name."""
        return dict(self._ask("GET", "/meters"))

    def now(self) -> float:
        """Cloud time, in seconds since 1970."""
        return float(self._ask("GET", "/clock")["now"])

    def advance(self, seconds: float) -> None:
        """Moves cloud time forward."""
        self._ask("POST", "/clock/advance", json={"seconds": seconds})

    def resources(self) -> dict[str, list[str]]:
        """Names of everything that exists, by kind; kinds without any are left out."""
        return dict(self._ask("GET", "/resources"))


@contextmanager
def running_cloud(workdir: Path, *, arguments: Sequence[str] = ()) -> Iterator[LocalEndpoints]:
    """Starts a local cloud and stops it at the end.

    Args:
        workdir: for its endpoints file and log.
        arguments: further arguments of ``oss-restore cloud``.

    Raises:
        OperatorError: it did not start; names its log.
    """
    endpoints, log = workdir / "endpoints.json", workdir / "cloud.log"
    command = [sys.executable, "-m", "oss_restore", "cloud", "--endpoints", str(endpoints)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
    try:
        _await(endpoints, process, log)
        yield read_endpoints(endpoints)
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(endpoints: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not endpoints.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            tail = log.read_text(errors="replace").strip().splitlines()[-5:]
            raise OperatorError("the local cloud did not start:\n" + "\n".join(tail))
        time.sleep(0.05)
