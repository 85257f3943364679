"""Deploys by Terraform what this process synthesizes.

That is sooner done than with the cdktf command, which starts Node, and a Python for the synthesis,
every time. With that one ``oss-restore rehearse`` deploys, which has tests of its own.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.environment_files import load_environments
from infra.synthesis.app import build_app
from oss_restore.cli.rehearsal.cdktf import PROJECT
from oss_restore.cli.rehearsal.terraform_binary import find_terraform, terraform_environment
from tests.localcloud.terraform.terraform import Terraform


class TerraformDeployer:
    """Takes the place of ``Cdktf``, in a local cloud."""

    def __init__(
        self,
        workdir: Path,
        *,
        environments: Path,
        reattach: str,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self._outdir = workdir / "cdktf.out"
        self._environments = environments
        self._binary = find_terraform(PROJECT / "build" / "terraform")
        surroundings = terraform_environment(os.environ, reattach=reattach)
        self._variables = {**surroundings, **(variables or {})}

    def deploy(self, stack: str) -> dict[str, Any]:
        """Deploys a stack, and returns its outputs."""
        terraform = self._synthesized(stack)
        terraform.applied()
        shown = json.loads(terraform.run("output", "-json").text)
        return {name: output["value"] for name, output in shown.items()}

    def deploy_again(self, stack: str) -> int:
        """Deploys a stack again, and returns how many resources changed."""
        told = self._synthesized(stack).applied().text
        (counts,) = re.findall(r"Resources: (\d+) added, (\d+) changed, (\d+) destroyed", told)
        return sum(map(int, counts))

    def destroy(self, stack: str) -> None:
        """Destroys a stack, as it was last synthesized."""
        self._terraform(stack).destroyed()

    def _synthesized(self, stack: str) -> Terraform:
        build_app(load_environments(self._environments, [stack]), self._outdir).synth()
        return self._terraform(stack)

    def _terraform(self, stack: str) -> Terraform:
        return Terraform(self._binary, self._outdir / "stacks" / stack, self._variables)
