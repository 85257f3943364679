"""Run a command, and end it and all of its children when the calling process ends.

This script only uses the standard library. Its standard input is a pipe from the caller, which is
closed when the caller ends, even if it is killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress

_STOP_SECONDS = 10


def _end_with_input(command: subprocess.Popen[bytes]) -> None:
    sys.stdin.buffer.read()
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(command.pid, number)
        with suppress(subprocess.TimeoutExpired):
            command.wait(timeout=_STOP_SECONDS)
    os._exit(1)


def main() -> None:
    """Run the command in the arguments in its own process group."""
    command = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=_end_with_input, args=(command,), daemon=True).start()
    os._exit(command.wait())


if __name__ == "__main__":
    main()
