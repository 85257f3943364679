"""The rehearsal as a figure: the whole command, from its start to its end."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

from oss_restore.cli.rehearsal.cdktf import PROJECT
from oss_restore.cli.rehearsal.findings import RehearsalReport
from tests.bench.figures import Figure
from tests.bench.memory import PeakMemory
from tests.bench.yardsticks import cpu_of_bare_answer

TIMES = 10  # as many objects in the larger one
_MIB = 2**20


@dataclass(frozen=True)
class Rehearsed:
    """A rehearsal.

    Attributes:
        seconds: duration of the command.
        cpu_seconds: CPU time of all its processes.
        peak_bytes: peak memory of all of them together.
        report: the JSON that it printed.
    """

    objects: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    report: RehearsalReport

    @property
    def name(self) -> str:
        """Return the prefix of its rows' names."""
        return f"rehearsal_{self.objects}"


def rehearse(objects: int) -> Rehearsed:
    """Run ``oss-restore rehearse --bulk`` with so many objects.

    Raises:
        RuntimeError: it failed.
    """
    command = [sys.executable, "-m", "oss_restore", "rehearse", "--bulk", "--json"]
    started, cpu_started = perf_counter(), _cpu_of_children()
    process = subprocess.Popen(
        [*command, "--objects", str(objects)],
        cwd=PROJECT,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        text=True,
    )
    with PeakMemory(process.pid) as peak:
        text, _ = process.communicate()
    seconds, cpu_seconds = perf_counter() - started, _cpu_of_children() - cpu_started
    if process.returncode:
        raise RuntimeError(f"the rehearsal failed: {text}")
    report = RehearsalReport.model_validate_json(text.splitlines()[-1])
    return Rehearsed(objects, seconds, cpu_seconds, peak.bytes, report)


def _cpu_of_children() -> float:
    """Return the CPU seconds of ended child processes, including their own children."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def rehearsals(smaller: Rehearsed, larger: Rehearsed, *, bare: float) -> Iterator[Figure]:
    """Return time, CPU time and memory of both, and the cost of each additional object.

    Args:
        smaller: a rehearsal.
        larger: one with :data:`TIMES` as many objects.
        bare: CPU seconds of a minimal server and its client per request.
    """
    yield from _of_one(smaller, most_mib=1024)
    yield from _of_one(larger, most_mib=1280)
    times = round(larger.seconds / smaller.seconds, 2)
    yield Figure(f"{larger.name}_wall_over_{smaller.objects}", times, "x", TIMES * 1.1)
    each = (larger.cpu_seconds - smaller.cpu_seconds) / (larger.objects - smaller.objects)
    yield Figure("rehearsal_object_over_bare_answer", round(each / bare, 1), "x", 100)


def _of_one(found: Rehearsed, *, most_mib: int) -> Iterator[Figure]:
    yield Figure(f"{found.name}_wall", round(found.seconds, 1), "s")
    yield Figure(f"{found.name}_cpu", round(found.cpu_seconds, 1), "s")
    yield Figure(f"{found.name}_peak_memory", round(found.peak_bytes / _MIB), "MiB", most_mib)
    runs = found.report.runs
    yield Figure(f"{found.name}_run_wall", sum(run.wall_seconds for run in runs), "s")
    yield Figure(f"{found.name}_run_cloud", sum(run.cloud_seconds for run in runs), "s")


def measure_rehearsals(objects: int, answers: int) -> Iterator[Figure]:
    """Rehearse with so many objects, and with :data:`TIMES` as many.

    Args:
        objects: the number of objects of the smaller rehearsal.
        answers: the number of responses of the minimal server that is the yardstick.
    """
    smaller, larger = rehearse(objects), rehearse(TIMES * objects)
    yield from rehearsals(smaller, larger, bare=cpu_of_bare_answer(answers))
