"""A copy of this project as a separate repository, for a pipeline to work in."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from oss_restore.cli.rehearsal.cdktf import NODE_FLAGS, PROJECT
from oss_restore.cli.rehearsal.terraform_binary import find_terraform

# What `make` compares the time of with what is installed: a clone's would be newer.
_INSTALLED_FROM: Final = (
    *("requirements.lock", "overrides.txt", "pyproject.toml"),
    *("package-lock.json", "package.json", ".npmrc"),
    *("tools/toolchain.py", "tools/node.lock"),
)
# build/jsii is where jsii unpacks itself.
_LINKED: Final = (".venv", "build/packages", "build/jsii")
# With SYNTH_WITHOUT_NODE the app is run as cdktf runs it, which is sooner done.
_CDKTF: Final = f"""\
#!/bin/sh
if [ -n "${{SYNTH_WITHOUT_NODE:-}}" ]; then CDKTF_OUTDIR=cdktf.out exec python -m infra; fi
exec {shlex.join(["node", *NODE_FLAGS, str(PROJECT / "node_modules" / ".bin" / "cdktf")])} "$@"
"""


@dataclass(frozen=True)
class Project:
    """A repository.

    Attributes:
        path: its work tree.
        environ: the environment variables of every command in it and in its clones.
    """

    path: Path
    environ: Mapping[str, str]

    def commit(self) -> None:
        """Commit everything."""
        _git(self.path, "add", "--all")
        _git(self.path, "commit", "--quiet", "--allow-empty", "--message", "A change")

    def clone(self, folder: Path) -> Path:
        """Clone it, with the installed packages of this checkout."""
        folder.mkdir(exist_ok=True)
        clone = Path(tempfile.mkdtemp(dir=folder))
        _git(folder, "clone", "--quiet", str(self.path), str(clone))
        install(clone)
        return clone


def make_project(path: Path, environ: Mapping[str, str], commands: Path) -> Project:
    """Make the repository from tracked and new files, without environments.

    Args:
        path: its work tree.
        environ: environment variables of its commands, in addition to the PATH and the like.
        commands: a folder of commands that replace others.
    """
    listed = _git(PROJECT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    for name in listed:
        if name.startswith(("tests/", "docs/", "environments/")) or not (PROJECT / name).exists():
            continue
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / name, path / name)
    _git(path, "init", "--quiet", "--initial-branch=main")
    terraform = find_terraform(PROJECT / "build" / "terraform")
    folders = (commands, Path(sys.executable).parent, terraform.parent)
    kept = {n: v for n, v in os.environ.items() if n != "TF_CLI_CONFIG_FILE"}
    return Project(
        path,
        {
            **kept,
            "PATH": os.pathsep.join([*map(str, folders), os.environ["PATH"]]),
            "TERRAFORM_BINARY_NAME": str(terraform),
            "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1",
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
            **environ,
        },
    )


def install(clone: Path) -> None:
    """Link the installed packages of this checkout into a clone."""
    (clone / "build").mkdir(exist_ok=True)
    for name in _LINKED:
        (PROJECT / name).mkdir(parents=True, exist_ok=True)
        (clone / name).symlink_to(PROJECT / name)
    programs = clone / "node_modules" / ".bin"
    programs.mkdir(parents=True)
    (programs / "cdktf").write_text(_CDKTF)
    (programs / "cdktf").chmod(stat.S_IRWXU)
    (programs.parent / ".installed").touch()
    for catalogue in PROJECT.glob("oss_restore/locale/**/*.mo"):
        shutil.copy(catalogue, clone / catalogue.relative_to(PROJECT))
    for name in _INSTALLED_FROM:
        os.utime(clone / name, (0, 0))


def _git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout
