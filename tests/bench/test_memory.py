from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.bench.memory import PeakMemory

MIB = 2**20
CHILD = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
HOLD = "held = b'x' * (64 * 2**20); print('held', flush=True); input()"


@pytest.fixture
def tree() -> Iterator[subprocess.Popen[str]]:
    """A process whose child holds 64 MiB."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, HOLD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.communicate("\n")


def test_the_memory_of_children_counts(tree: subprocess.Popen[str]) -> None:
    with PeakMemory(tree.pid) as peak:
        pass
    assert peak.processes == 2
    assert 64 * MIB < peak.bytes < 200 * MIB


def test_processes_outside_the_tree_do_not_count(tree: subprocess.Popen[str]) -> None:
    with PeakMemory(os.getpid()) as ours, PeakMemory(tree.pid) as theirs:
        pass
    assert theirs.processes < ours.processes


def test_a_process_that_has_ended_has_no_memory() -> None:
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    with PeakMemory(process.pid) as peak:
        pass
    assert peak.bytes == 0
