"""The command line as a separate process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PROGRAM = [sys.executable, "-m", "oss_restore"]
PATIENCE_SECONDS = 120

# Starts a program that receives Ctrl-C: if the tests themselves run in the background, it is
# ignored, and this is inherited. No preexec_fn: forks of processes that use gRPC may abort.
_HEAR = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
_BEGIN = "os.execv(sys.argv[1], sys.argv[1:])"
HEARING_CTRL_C = [sys.executable, "-I", "-S", "-c", _HEAR + _BEGIN]


def environment(**variables: str) -> dict[str, str]:
    """Return a shell's environment, with these as the only variables of ours."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if "OSS_RESTORE" not in name and name != "PYTHONUNBUFFERED"
    }
    return {**kept, "LC_ALL": "C.UTF-8", **variables}


def run(*arguments: str, environ: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Run a command to its end, and return exit code, stdout and stderr."""
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
    """Start a command, and end it if it still runs after the block.

    Args:
        arguments: of the command.
        stdin: its standard input.
        verbose: whether it prints every imported module on stderr.
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
    """Return an environment whose user has a profile of the aliyun command line."""
    (folder / ".aliyun").mkdir()
    (folder / ".aliyun" / "config.json").write_text(config)
    return environment(HOME=str(folder), ALIBABA_CLOUD_CLI_PROFILE_DISABLED="false")
