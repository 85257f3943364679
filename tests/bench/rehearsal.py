"""The rehearsal as a figure: the whole command, from its start to its end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from time import perf_counter

from oss_restore.cli.rehearsal.cdktf import PROJECT
from tests.bench.figures import Figure
from tests.bench.memory import PeakMemory


def rehearsal(objects: int, bare: float) -> list[Figure]:
    """Wall time and memory of ``oss-restore rehearse --bulk``.

    Args:
        objects: that it thaws.
        bare: requests a second that a bare server on this machine answers.

    Raises:
        RuntimeError: it failed.
    """
    command = [sys.executable, "-m", "oss_restore", "rehearse", "--bulk", "--json"]
    started = perf_counter()
    process = subprocess.Popen(
        [*command, "--objects", str(objects)],
        cwd=PROJECT,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        text=True,
    )
    with PeakMemory(process.pid) as peak:
        text, _ = process.communicate()
    seconds = perf_counter() - started
    if process.returncode:
        raise RuntimeError(f"the rehearsal failed: {text}")
    report = json.loads(text.splitlines()[-1])
    name = f"rehearsal_{objects}"
    return [
        Figure(f"{name}_wall", round(seconds, 1), "s"),
        Figure(f"{name}_over_bare_answers", round(seconds * bare / objects), "x", 100),
        Figure(f"{name}_peak_memory", round(peak.bytes / 2**20), "MiB", 1024),
        Figure(f"{name}_run_wall", report["wall_seconds"], "s"),
        Figure(f"{name}_run_cloud", report["cloud_seconds"], "s"),
    ]
