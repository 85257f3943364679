"""Yardsticks: this machine's durations for the minimal work, which time budgets refer to.

A figure in seconds depends on the machine as much as on the product. As a multiple of a yardstick
measured in the same run, it shows what the product adds.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from oss_restore.cli.rehearsal.cdktf import Cdktf
from tests.localcloud.oss.load import send_all

EMPTY_STACK: Final = "empty"
_EMPTY_APP: Final = f"""
from cdktf import App, LocalBackend, TerraformStack
app = App()
LocalBackend(TerraformStack(app, {EMPTY_STACK!r}), path="empty.tfstate")
app.synth()
"""
_REQUEST: Final = b"POST /load/key?restore= HTTP/1.1\r\nHost: load\r\nContent-Length: 0\r\n\r\n"
_ANSWER: Final = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
_EVENT: Final = {"type": "StepEntered", "step": "count", "input": {"eventId": 7}, "local": {}}


@dataclass(frozen=True)
class Timed:
    """A duration.

    Attributes:
        seconds: duration of the work.
        times: the multiple of its yardstick.
    """

    seconds: float
    times: float


def in_turns(work: Callable[[], object], yardstick: Callable[[], object], turns: int = 3) -> Timed:
    """Call :func:`timed_in_turns` for work that is timed from its start to its end."""
    return timed_in_turns(lambda: seconds(work), lambda: seconds(yardstick), turns)


def timed_in_turns(
    work: Callable[[], float], yardstick: Callable[[], float], turns: int = 3
) -> Timed:
    """Time both in turns, under the same load of the machine, and return the median.

    Args:
        work: the work to measure; it returns its seconds.
        yardstick: the minimal work; likewise.
        turns: the number of turns, after one that does not count.
    """
    yardstick()
    work()
    found = []
    for _ in range(turns):
        least = yardstick()
        taken = work()
        found.append(Timed(taken, taken / least))
    return sorted(found, key=lambda one: one.times)[turns // 2]


def seconds(work: Callable[[], object]) -> float:
    """Return the duration of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def interpreter() -> None:
    """Run a Python process that does nothing."""
    run_python("pass")


def run_python(program: str) -> None:
    """Run a program in its own process."""
    subprocess.run([sys.executable, "-I", "-c", program], check=True)


def json_round_trips(count: int) -> float:
    """Return the seconds for writing so many events as JSON and reading them again."""
    return seconds(lambda: [json.loads(json.dumps(_EVENT)) for _ in range(count)])


def empty_synth(folder: Path) -> None:
    """Run a process in which cdktf synthesizes an empty stack."""
    environ = os.environ | {
        "CDKTF_OUTDIR": str(folder / "empty.out"),
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
    }
    subprocess.run([sys.executable, "-c", _EMPTY_APP], cwd=folder, env=environ, check=True)


def empty_app(folder: Path, *, environments: Path, reattach: str) -> Cdktf:
    """Return the command of cdktf with an app of such a stack."""
    (folder / "main.py").write_text(_EMPTY_APP)
    project = {"language": "python", "app": "python main.py", "sendCrashReports": "false"}
    (folder / "cdktf.json").write_text(json.dumps(project | {"projectId": "empty"}))
    return Cdktf(folder, environments=environments, reattach=reattach, project=folder)


def bare_server(requests: int, connections: int = 16) -> float:
    """Return the seconds in which a minimal server on loopback responds to so many requests."""
    with _answering() as port, multiprocessing.get_context("spawn").Pool(1) as pool:
        arguments = ("127.0.0.1", port, [_REQUEST] * requests, connections)
        taken, _ = pool.apply(send_all, arguments)
    return float(taken)


def cpu_of_bare_answer(requests: int) -> float:
    """Return the CPU seconds of such a server and its client per request."""
    beside, both = (_cpu_seconds_of_server(count) for count in (1, 1 + requests))
    return (both - beside) / requests


def _cpu_seconds_of_server(requests: int) -> float:
    started = _cpu_seconds()
    bare_server(requests)
    return _cpu_seconds() - started


def _cpu_seconds() -> float:
    """Return the CPU seconds of this process and its ended children."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


class _Accepting(asyncio.Protocol):
    """Responds to any input: a client sends a request, and waits for its response."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(_ANSWER)


@contextmanager
def _answering() -> Iterator[int]:
    """Serve in a thread; yield the port."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(_Accepting, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.close()
