"""A line about the requirements of a rehearsal, shown before it starts."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from oss_restore.language import gettext as _
from oss_restore.reporting.formatting import size

_PATIENCE_SECONDS: Final = 20


def preflight_line() -> str:
    """Describe the versions of Python and Node, the free space and the expected duration."""
    folder = tempfile.gettempdir()
    free = size(shutil.disk_usage(folder).free)
    return _("Python {python}, {node}, {free} free in {folder}; takes a minute or two").format(
        python=platform.python_version(), node=_node(), free=free, folder=folder
    )


def _node() -> str:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    node = shutil.which("node", path=path)
    if node is None:
        return _("no Node")  # cdktf's message has a hint
    try:
        finished = subprocess.run(
            [node, "--version"],
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return _("a Node that does not start")
    return f"Node {finished.stdout.strip().removeprefix('v')}"
