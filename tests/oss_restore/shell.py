"""The command line as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PROGRAM = [sys.executable, "-m", "oss_restore"]
PATIENCE_SECONDS = 120

# Begins a program that hears Ctrl-C: where the tests themselves run in the background it is
# ignored, and inherited so. Not by preexec_fn: a fork of a process that uses gRPC may be aborted.
_HEAR = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
_BEGIN = "os.execv(sys.argv[1], sys.argv[1:])"
HEARING_CTRL_C = [sys.executable, "-I", "-S", "-c", _HEAR + _BEGIN]


def environment(**variables: str) -> dict[str, str]:
    """A shell's environment, with nothing of ours in it but this."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if "OSS_RESTORE" not in name and name != "PYTHONUNBUFFERED"
    }
    return {**kept, "LC_ALL": "C.UTF-8", **variables}


def run(*arguments: str, environ: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Runs a command to its end: exit code, stdout, stderr."""
    finished = subprocess.run(
        [*PROGRAM, *arguments],
        env=environ or environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert "Traceback" not in finished.stderr
    return finished.returncode, finished.stdout, finished.stderr


@contextmanager
def started(
    *arguments: str, stdin: int = subprocess.DEVNULL, verbose: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """Starts a command; it is ended if it goes on behind the block.

    Args:
        arguments: of the command.
        stdin: its standard input.
        verbose: whether it tells on stderr of every module that it imports.
    """
    with subprocess.Popen(
        [*HEARING_CTRL_C, PROGRAM[0], *(["-v"] if verbose else []), *PROGRAM[1:], *arguments],
        env=environment(),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def home(folder: Path, config: str) -> dict[str, str]:
    """An environment whose user has a profile of the aliyun command line."""
    (folder / ".aliyun").mkdir()
    (folder / ".aliyun" / "config.json").write_text(config)
    return environment(HOME=str(folder), ALIBABA_CLOUD_CLI_PROFILE_DISABLED="false")
