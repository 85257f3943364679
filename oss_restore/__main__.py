"""The process of the command line, also as ``python -m oss_restore``.

It imports almost nothing until it handles Ctrl-C.
"""

from __future__ import annotations

import os
import signal

TYPE_CHECKING = False  # importing typing is slow
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn

_AGAIN_SECONDS = 0.02


def main() -> NoReturn:
    """Run the command line, and end the process with its exit code."""
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN  # as in a script's background jobs
    if not ignored:
        signal.signal(signal.SIGINT, _end_at_once)
    from oss_restore.cli.main import main as run  # noqa: PLC0415 - after Ctrl-C is handled

    if not ignored:
        signal.signal(signal.SIGINT, _interrupt)
        signal.signal(signal.SIGALRM, _interrupt)
    run()


def _end_at_once(*_: object) -> NoReturn:
    """End without unwinding, since nothing has started yet."""
    os.write(2, b"oss-restore: interrupted: nothing is left running\n")
    os._exit(130)


def _interrupt(_number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt; during an import, which may swallow it, only after the import."""
    while frame is not None:
        if frame.f_globals.get("__name__") == "importlib._bootstrap":
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)
            return
        frame = frame.f_back
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
