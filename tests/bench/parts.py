"""Figures of single parts: the OSS server, the engine, the synthesis, the bundle."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import yaml

from infra.bundle.build import build_bundle
from localcloud.settings import Limits, Settings
from oss_restore.cli.rehearsal.cdktf import PROJECT
from tests.bench import yardsticks
from tests.bench.figures import Figure
from tests.bench.yardsticks import Timed, in_turns, timed_in_turns
from tests.localcloud.fnf.harness import Cloud
from tests.localcloud.oss.load import restores_per_second

_LOOP = """
    steps:
      - type: pass
        name: count
        inputMappings:
          - {target: eventId, source: $context.step.eventId}
        outputMappings:
          - {target: eventId, source: $input.eventId}
      - type: choice
        name: enough
        inputMappings:
          - {target: eventId, source: $local.eventId}
        choices:
          - condition: $.eventId >= %d
            goto: done
        default:
          goto: count
      - type: succeed
        name: done
"""
_EVENTS_PER_STEP = 4


def oss_server(objects: int) -> list[Figure]:
    """Measure RestoreObject calls per second, with checks of signatures and policies."""
    found = timed_in_turns(
        lambda: objects / restores_per_second(objects), lambda: yardsticks.bare_server(objects)
    )
    times = round(1 / found.times, 3)
    return [
        Figure("oss_restores_per_second", round(objects / found.seconds), "1/s"),
        Figure("oss_restores_over_bare_answers", times, "x", 0.03, "at_least"),
    ]


def engine(steps: int) -> list[Figure]:
    """Measure pass and choice steps per second, with histories and size checks."""
    limits = Limits(events_per_execution=steps * _EVENTS_PER_STEP * 2)

    async def play() -> float:
        cloud = Cloud(Settings(limits=limits), {})
        cloud.flow(_LOOP % (steps * _EVENTS_PER_STEP))
        started = time.perf_counter()
        await cloud.run()
        return time.perf_counter() - started

    found = timed_in_turns(lambda: asyncio.run(play()), lambda: yardsticks.json_round_trips(steps))
    times = round(1 / found.times, 3)
    return [
        Figure("engine_steps_per_second", round(steps / found.seconds), "1/s"),
        Figure("engine_steps_over_json_round_trips", times, "x", 0.1, "at_least"),
    ]


def synth(environments: int) -> list[Figure]:
    """Measure the synthesis of so many environments, including the process's start."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(environments):
            document = {
                "name": f"env-{number:02d}",
                "account": f"{1_000_000_000_000_000 + number}",
                "region": "cn-hangzhou",
                "buckets": [{"name": "my-archive"}],
                "backend": {"local": {"path": f"state/env-{number:02d}.tfstate"}},
            }
            Path(folder, f"env-{number:02d}.yaml").write_text(yaml.safe_dump(document))
        environ = os.environ | {
            "OSS_RESTORE_ENVIRONMENTS": folder,
            "CDKTF_OUTDIR": str(Path(folder, "out")),
        }
        found = in_turns(
            lambda: subprocess.run(
                [sys.executable, "-m", "infra"], cwd=PROJECT, env=environ, check=True
            ),
            lambda: yardsticks.empty_synth(Path(folder)),
        )
    return _of_time(f"synth_{environments}_environments", found, "empty_app", most=8)


def bundle() -> list[Figure]:
    """Measure the zip's size, and the time that a cold start spends on imports."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "bundle.zip")
        build_bundle("python3.10", path)
        size = path.stat().st_size / 1e6
        with zipfile.ZipFile(path) as archive:
            archive.extractall(Path(folder, "code"))
        code = str(Path(folder, "code"))
        program = f"import sys; sys.path.insert(0, {code!r}); from index import restore"
        found = in_turns(lambda: yardsticks.run_python(program), yardsticks.interpreter)
    return [
        Figure("bundle_megabytes", round(size, 2), "MB", 10),
        *_of_time("handler_import", found, "interpreter", most=40),
    ]


def _of_time(name: str, found: Timed, yardstick: str, *, most: float) -> list[Figure]:
    """Return the rows of a duration: seconds without a budget, and its ratio to the yardstick."""
    return [
        Figure(name, round(found.seconds, 2), "s"),
        Figure(f"{name}_over_{yardstick}", round(found.times, 2), "x", most),
    ]
