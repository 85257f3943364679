"""Deploys with Terraform what this process synthesizes.

This is faster than the cdktf command, which each time starts Node, and a Python for the synthesis.
``oss-restore rehearse`` deploys with that command, and has its own tests.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from infra.environment_files import load_environments
from oss_restore.cli.rehearsal.cdktf import Cdktf
from tests.localcloud.terraform.terraform import Terraform

_VERBS: Final = {"deploy": "apply", "destroy": "destroy"}


class TerraformDeployer(Cdktf):
    """Does in a local cloud what ``Cdktf`` does, without the cdktf command."""

    def deploy(self, stack: str) -> dict[str, Any]:
        self._run("deploy", stack)
        shown = json.loads(self._terraform(stack).run("output", "-json").text)
        return {name: output["value"] for name, output in shown.items()}

    def _run(self, verb: str, stack: str, *_options: str) -> str:
        if verb == "deploy":
            from infra.synthesis.app import build_app  # noqa: PLC0415 - starts Node, which few tests need

            environments = Path(self._environ["OSS_RESTORE_ENVIRONMENTS"])
            build_app(load_environments(environments, [stack]), self._outdir).synth()
        done = self._terraform(stack).run(
            _VERBS[verb], "-auto-approve", "-input=false", "-no-color"
        )
        assert done.code == 0, done.text
        with (self._workdir / "terraform.log").open("a") as log:
            log.write(done.text)
        return done.text

    @cache  # noqa: B019 - few, each initialized once
    def _terraform(self, stack: str) -> Terraform:
        binary = Path(self._environ["TERRAFORM_BINARY_NAME"])
        return Terraform(binary, self._outdir / "stacks" / stack, self._environ)
