"""Prints what a set-up runs on and how long it takes, in one line, before it begins.

Run by the system's Python of any version, so it uses the standard library only.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
NODE_MAJORS = ("20", "21", "22")  # package.json: cdktf fails on later ones
SPACE_GIB = 2  # for .venv, node_modules and build


def main() -> int:
    """Print the line, or why set-up is impossible, unless it is done; return the exit code."""
    if sys.version_info < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        here = f"{sys.executable} is {platform.python_version()}"
        return _refuse(f"Python {oldest} or newer is needed, {here}: make PYTHON=/path/to/python3")
    if (ROOT / "node_modules" / ".installed").exists():
        return 0
    free = shutil.disk_usage(ROOT).free / 2**30
    if free < SPACE_GIB:
        return _refuse(f"{SPACE_GIB} GiB of disk space are required here, {free:.1f} GiB are free")
    sys.stdout.write(
        f"Python {platform.python_version()}, {_node()}, {free:.0f} GiB free; set-up takes a"
        " minute or two, once, and a rehearsal about one\n"
    )
    return 0


def _refuse(why: str) -> int:
    sys.stderr.write(f"{why}\n")
    return 1


def _node() -> str:
    found = shutil.which("node")
    if found is None:
        return "no Node (22 is installed into this folder)"
    output = subprocess.run([found, "--version"], stdout=subprocess.PIPE, check=False).stdout
    version = output.decode().strip().lstrip("v")
    if version.split(".")[0] in NODE_MAJORS:
        return f"Node {version}"
    return f"Node {version}, on which cdktf fails (22 is installed into this folder)"


if __name__ == "__main__":
    sys.exit(main())
