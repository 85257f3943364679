"""Deploys and destroys with the real cdktf command and the real Terraform."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from oss_restore.errors import OperatorError
from oss_restore.terraform import find_terraform

PROJECT: Path = Path(__file__).resolve().parents[2]
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_CHANGES = re.compile(r"Resources: (\d+) added, (\d+) changed, (\d+) destroyed")


class Cdktf:
    """The cdktf command, pointed at a local cloud.

    Args:
        workdir: for its output, the Terraform state and its log.
        environments: folder of the environment files to deploy.
        reattach: value of TF_REATTACH_PROVIDERS.
    """

    def __init__(self, workdir: Path, *, environments: Path, reattach: str) -> None:
        self._workdir = workdir
        self._binary = PROJECT / "node_modules" / ".bin" / "cdktf"
        if not self._binary.exists():
            raise OperatorError("cdktf is not installed in this folder", hint="run: make setup")
        environ = dict(os.environ)
        # Terraform fails loudly where this names a file that is not there.
        environ.pop("TF_CLI_CONFIG_FILE", None)
        bin_folder = Path(sys.executable).parent
        self._environ = environ | {
            "PATH": f"{bin_folder}{os.pathsep}{environ.get('PATH', '')}",
            "OSS_RESTORE_ENVIRONMENTS": str(environments),
            "TERRAFORM_BINARY_NAME": str(find_terraform(PROJECT / "build" / "terraform")),
            "TF_REATTACH_PROVIDERS": reattach,
            "CI": "1",
            "CHECKPOINT_DISABLE": "1",
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
            "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1",
        }

    def deploy(self, stack: str) -> dict[str, Any]:
        """Deploys a stack; returns its outputs."""
        outputs = self._workdir / "outputs.json"
        self._run("deploy", stack, "--auto-approve", "--outputs-file", str(outputs))
        return dict(json.loads(outputs.read_text())[stack])

    def deploy_again(self, stack: str) -> int:
        """Deploys a stack that is deployed already; returns how many resources changed."""
        text = self._run("deploy", stack, "--auto-approve")
        return sum(int(n) for counts in _CHANGES.findall(text) for n in counts)

    def destroy(self, stack: str) -> None:
        """Destroys a stack."""
        self._run("destroy", stack, "--auto-approve")

    def _run(self, verb: str, *arguments: str) -> str:
        log = self._workdir / "cdktf.log"
        finished = subprocess.run(
            [
                str(self._binary),
                verb,
                *arguments,
                "--skip-provider-lock",
                "--output",
                str(self._workdir / "cdktf.out"),
            ],
            cwd=PROJECT,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        with log.open("a") as file:
            file.write(finished.stdout)
        if finished.returncode != 0:
            raise OperatorError(
                f"cdktf {verb} failed:\n" + "\n".join(_errors(finished.stdout)),
                hint=f"everything it printed is in {log}",
            )
        return finished.stdout


def _errors(text: str) -> list[str]:
    """The lines that tell the cause: those of the app, or those beside Terraform's bar."""
    app = text.partition("Command output on stderr:")[2].strip().splitlines()
    terraform = [line.partition("│")[2] for line in text.splitlines() if "│" in line]
    lines = [_COLOURS.sub("", line).strip() for line in app or terraform or text.splitlines()]
    return [line for line in lines if line][-25:]
