"""Readers of the documents, who run the commands in them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import oss2
import pytest
import yaml

from oss_restore.cli.rehearsal.cdktf import NODE_FLAGS, PROJECT
from oss_restore.cli.rehearsal.terraform_binary import find_terraform
from oss_restore.clients.target import LocalEndpoints
from oss_restore.errors import ExitStatus
from tests.docs.test_documents import ROOT
from tests.e2e.test_rehearse import DOCUMENTED as REHEARSAL
from tests.oss_restore.conftest import Cli
from tests.terraform_deployer import TerraformDeployer

README: Final = ROOT / "README.md"
# Run by continuous integration itself, or by a separate test that checks their output.
ELSEWHERE: Final = {"make rehearse", "make test", "make setup", REHEARSAL}
# They run in the foreground until they are stopped.
FOREGROUND: Final = ("oss-restore cloud ", "oss-restore console ")
# Run defaults of a reader's environment, for few status checks in two days of cloud time.
FEW_CHECKS: Final = {"poll_interval": 21_600}


def commands(document: Path) -> list[str]:
    """Return the lines of a document's shell blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", document.read_text(), re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def to_run(document: Path) -> list[str]:
    """Return its commands, except those that are run elsewhere or never end."""
    return [
        command
        for command in commands(document)
        if command not in ELSEWHERE and not command.startswith((*FOREGROUND, "export "))
    ]


def poll_rarely(environments: Path) -> None:
    """Set a long poll interval, since each check takes real time, and a thaw days of cloud time."""
    environments.mkdir()
    (environments / "_defaults.yaml").write_text(yaml.safe_dump({"run_defaults": FEW_CHECKS}))


class Reader:
    """A reader at a shell.

    Args:
        workdir: the folder for the output of cdktf, where other programs run, too.
        cli: runs the project's own commands in this process, which has already imported their
            modules.
        environ: the shell's variables, in addition to those that find the programs.
    """

    def __init__(self, workdir: Path, cli: Cli, environ: Mapping[str, str]) -> None:
        self.workdir = workdir
        self._cli = cli
        terraform = find_terraform(PROJECT / "build" / "terraform")
        folders = (workdir, Path(sys.executable).parent, terraform.parent, os.environ["PATH"])
        kept = {name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"}
        self._environ = {
            **kept,
            "PATH": os.pathsep.join(map(str, folders)),
            "TERRAFORM_BINARY_NAME": str(terraform),
            "CDKTF_LOG_FILE_DIRECTORY": str(workdir),
            "CI": "1",
            "CHECKPOINT_DISABLE": "1",
            **environ,
        }
        self._write_wrapper()

    def follow(self, document: Path, *, without: str = "") -> dict[str, str]:
        """Follow a document from top to end; return the output of each command."""
        return {line: self.run(line) for line in to_run(document) if line != without}

    def run(self, command: str) -> str:
        """Run a command in its folder: cdktf in the project, the others next to run.json."""
        program, *arguments = shlex.split(command)
        if program == "oss-restore":
            return self._operate(arguments)
        finished = subprocess.run(
            ["bash", "-euc", command],
            cwd=PROJECT if re.match(r"(\w+=\S+ )*cdktf ", command) else self.workdir,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, f"{command}\n{finished.stdout}{finished.stderr}"
        return finished.stdout

    def _operate(self, arguments: list[str]) -> str:
        target = arguments[-1] if ">" in arguments else ""
        if target:
            arguments = arguments[:-2]
        if arguments[0] == "start" and "--yes" not in arguments:
            arguments.append("--yes")  # nobody is there to confirm
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.workdir)
            for name, value in self._environ.items():
                patch.setenv(name, value)
            finished = self._cli(*arguments)
        assert finished.status in {0, ExitStatus.UNFINISHED}, (
            f"{arguments}\n{finished.out}{finished.err}"
        )
        if target:
            (self.workdir / target).write_text(finished.out)
        return finished.out

    def _write_wrapper(self) -> None:
        """Write a cdktf command for a machine that cannot reach the registry of Terraform.

        Where a variable is set for the app, it runs the app as the real command would, without it.
        """
        binary = shlex.join(["node", *NODE_FLAGS, str(PROJECT / "node_modules" / ".bin" / "cdktf")])
        output = shlex.quote(str(self.workdir / "cdktf.out"))
        wrapper = self.workdir / "cdktf"
        wrapper.write_text(
            "#!/bin/sh\n"
            'case "${OSS_RESTORE_ENV:-}${OSS_RESTORE_CDK:-} $1" in\n'
            f'" synth") exec {binary} "$@" --output {output};;\n'
            f'*" synth") CDKTF_OUTDIR={output} exec python -m infra;;\n'
            f'*" diff") exec {binary} "$@" --skip-provider-lock --output {output};;\n'
            "esac\n"
            f'exec {binary} "$@" --skip-provider-lock --auto-approve --output {output}\n'
        )
        wrapper.chmod(0o755)


class ReaderOfReadme(Reader):
    """A reader who has followed the README so far, with the local cloud in place of the cloud.

    Their environment is the example's, with the endpoints of the local cloud; the README tells them
    to change account, region and buckets in the same way.
    """

    def __init__(self, workdir: Path, endpoints: LocalEndpoints, cli: Cli) -> None:
        self.endpoints = endpoints
        self._environment = workdir / "environments" / "dev.yaml"
        super().__init__(
            workdir,
            cli,
            {
                "OSS_RESTORE_ENVIRONMENTS": str(self._environment.parent),
                "OSS_RESTORE_CLOUD": str(workdir / "endpoints.json"),
                "TF_REATTACH_PROVIDERS": endpoints.tf_reattach_providers,
            },
        )
        self._write_environment()
        (run_input,) = re.findall(
            r"^```json\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE
        )
        text = re.sub(r"https://oss-[a-z-]+\.aliyuncs\.com", endpoints.oss, run_input)
        (workdir / "run.json").write_text(text)

    def run(self, command: str) -> str:
        if command.startswith("cdktf destroy"):
            self.empty_reports()
        return super().run(command)

    @property
    def deployer(self) -> TerraformDeployer:
        """Return a deployer of the environment, for a document that starts there."""
        return TerraformDeployer(
            self.workdir,
            environments=self._environment.parent,
            reattach=self.endpoints.tf_reattach_providers,
        )

    def configure(self, fields: dict[str, object]) -> None:
        """Set fields of the environment."""
        document = yaml.safe_load(self._environment.read_text())
        self._environment.write_text(yaml.safe_dump(document | fields))

    def _write_environment(self) -> None:
        document = yaml.safe_load((PROJECT / "environments" / "dev.yaml").read_text())
        document["report"] = {"endpoint": self.endpoints.oss}
        document["backend"] = {"local": {"path": str(self.workdir / "terraform.tfstate")}}
        poll_rarely(self._environment.parent)
        self._environment.write_text(yaml.safe_dump(document))

    def empty_reports(self) -> None:
        """Empty the report bucket, which is not destroyed otherwise."""
        endpoints = self.endpoints
        auth = oss2.AuthV4(endpoints.access_key_id, endpoints.access_key_secret)
        service = oss2.Service(auth, endpoints.oss, region=endpoints.region)
        for found in oss2.BucketIterator(service):
            if found.name != "my-archive":
                bucket = oss2.Bucket(auth, endpoints.oss, found.name, region=endpoints.region)
                keys = [item.key for item in bucket.list_objects_v2(max_keys=1000).object_list]
                bucket.batch_delete_objects(keys)
