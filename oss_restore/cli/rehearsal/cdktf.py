"""Deployment with the real cdktf command and the real Terraform."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from oss_restore.cli.rehearsal import guardian
from oss_restore.cli.rehearsal.terraform_binary import find_terraform, terraform_environment
from oss_restore.errors import OperatorError
from oss_restore.language import gettext as _

PROJECT: Final = Path(__file__).resolve().parents[3]
# Otherwise cdktf spends a fifth of its own time on optimizing WebAssembly that it hardly runs.
NODE_FLAGS: Final = ("--liftoff-only",)
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")
_CHANGES: Final = re.compile(r"Resources: (\d+) added, (\d+) changed, (\d+) destroyed")


class Cdktf:
    """The cdktf command, pointed at a local cloud.

    Args:
        workdir: folder for its output, the Terraform state and the log, ``cdktf.log``.
        environments: folder of the environment files to deploy.
        reattach: value of TF_REATTACH_PROVIDERS.
        variables: further environment variables.
        project: folder with ``cdktf.json``.

    Raises:
        OperatorError: cdktf or Terraform is not installed.
    """

    def __init__(
        self,
        workdir: Path,
        *,
        environments: Path,
        reattach: str,
        variables: Mapping[str, str] | None = None,
        project: Path = PROJECT,
    ) -> None:
        self._workdir = workdir
        self._outdir = workdir / "cdktf.out"
        self._project = project
        self._binary = PROJECT / "node_modules" / ".bin" / "cdktf"
        if not self._binary.exists():
            raise OperatorError(
                _("cdktf is not installed in this folder"), hint=_("run: make setup")
            )
        bin_folder = Path(sys.executable).parent
        self._environ = terraform_environment(os.environ, reattach=reattach) | {
            "PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', '')}",
            "OSS_RESTORE_ENVIRONMENTS": str(environments),
            "TERRAFORM_BINARY_NAME": str(find_terraform(PROJECT / "build" / "terraform")),
            "CDKTF_LOG_FILE_DIRECTORY": str(workdir),
            "CI": "1",
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
            "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1",
            **(variables or {}),
        }

    def deploy(self, stack: str) -> dict[str, Any]:
        """Deploy a stack, and return its outputs."""
        outputs = self._workdir / "outputs.json"
        self._run("deploy", stack, "--outputs-file", str(outputs))
        return dict(json.loads(outputs.read_text())[stack])

    def deploy_again(self, stack: str) -> int:
        """Deploy a stack again, and return the number of changed resources.

        Raises:
            OperatorError: the deployment failed, or did not report the number.
        """
        counts = _CHANGES.findall(self._run("deploy", stack))
        if not counts:
            raise OperatorError(_("cdktf deploy did not report what it changed"))
        return sum(int(number) for numbers in counts for number in numbers)

    def destroy(self, stack: str) -> None:
        """Destroy a stack without synthesizing it again."""
        self._run("destroy", stack, "--skip-synth")

    def _run(self, verb: str, stack: str, *options: str) -> str:
        ours, theirs = os.pipe()
        process = subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", guardian.__file__),
                *("/usr/bin/env", "node", *NODE_FLAGS, str(self._binary)),
                *(verb, stack, *options),
                *("--auto-approve", "--skip-provider-lock", "--output", str(self._outdir)),
            ],
            cwd=self._project,
            env=self._environ,
            stdin=ours,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # Ctrl-C only reaches this process, which then stops cdktf
        )
        os.close(ours)
        try:
            coloured, _none = process.communicate()
        finally:
            os.close(theirs)  # ends remaining processes
            process.wait()
        text = _COLOURS.sub("", coloured)
        with (self._workdir / "cdktf.log").open("a") as file:
            file.write(text)
        if process.returncode != 0:
            raise OperatorError(_("cdktf {verb} failed:").format(verb=verb), *_errors(text))
        return text


def _errors(text: str) -> list[str]:
    """Extract the lines with the cause, from the app or with Terraform's bar."""
    app = text.partition("Command output on stderr:")[2].strip().splitlines()
    terraform = [line.partition("│")[2] for line in text.splitlines() if "│" in line]
    lines = [line.strip() for line in app or terraform or text.splitlines()]
    return [line for line in lines if line][-25:]
