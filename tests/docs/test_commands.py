"""The commands of the documents, run one after another as a reader would, against a local cloud."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import oss2
import pytest
import yaml

from oss_restore.cli.rehearsal.cdktf import PROJECT
from oss_restore.cli.rehearsal.cloud_process import running_cloud
from oss_restore.cli.rehearsal.terraform_binary import find_terraform
from oss_restore.clients.control_api import ControlClient
from oss_restore.clients.target import LocalEndpoints
from oss_restore.errors import ExitStatus
from tests.docs.test_documents import CHINESE_README, DOCUMENTS
from tests.e2e.test_rehearse import DOCUMENTED as REHEARSAL
from tests.oss_restore import shell
from tests.oss_restore.conftest import Cli, cli
from tests.terraform_deployer import TerraformDeployer

__all__ = ["cli"]

# Run by continuous integration itself, or by a test of its own that looks at what they print.
ELSEWHERE = {"make rehearse", "make test", "make setup", REHEARSAL}
# They run in the foreground until they are stopped.
FOREGROUND = ("oss-restore cloud ", "oss-restore console ")
README = PROJECT / "README.md"
DEPLOYING = PROJECT / "docs" / "deploying.md"
PIPELINES = PROJECT / "docs" / "pipelines.md"
OPERATING = PROJECT / "docs" / "operating.md"
REPORTS = PROJECT / "docs" / "reports.md"
AFTER = PROJECT / "docs" / "after.md"
FIRST_HOUR = PROJECT / "docs" / "first-hour.md"
LOCAL_CLOUD = PROJECT / "docs" / "local-cloud.md"
# One command goes on where the one before it has ended.
IN_THEIR_ORDER = {README, DEPLOYING, PIPELINES, OPERATING, REPORTS, AFTER}
IN_THEIR_ORDER |= {FIRST_HOUR, LOCAL_CLOUD}


def commands(document: Path) -> list[str]:
    """The lines of a document's shell blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", document.read_text(), re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def to_follow(document: Path) -> list[str]:
    """Its commands, but for those that are run elsewhere or never end."""
    return [
        command
        for command in commands(document)
        if command not in ELSEWHERE and not command.startswith((*FOREGROUND, "export "))
    ]


@pytest.fixture
def endpoints(tmp_path: Path) -> Iterator[LocalEndpoints]:
    with running_cloud(tmp_path) as endpoints:
        yield endpoints


class Reader:
    """Somebody who has followed the README so far, on a machine where the local cloud is the cloud.

    Their environment is the example's, with the endpoints of the local cloud, which is what the
    README tells them to do with account, region and buckets.
    """

    def __init__(self, workdir: Path, endpoints: LocalEndpoints, cli: Cli) -> None:
        self.workdir = workdir
        self.endpoints = endpoints
        self._cli = cli
        self._environment = workdir / "environments" / "dev.yaml"
        self._write_environment(endpoints)
        self._write_wrappers()
        (run_input,) = re.findall(
            r"^```json\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE
        )
        text = re.sub(r"https://oss-[a-z-]+\.aliyuncs\.com", endpoints.oss, run_input)
        (workdir / "run.json").write_text(text)
        terraform = find_terraform(PROJECT / "build" / "terraform")
        environ = {
            name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"
        }
        self._environ = environ | {
            "PATH": os.pathsep.join(
                map(
                    str,
                    (workdir, Path(sys.executable).parent, terraform.parent, os.environ["PATH"]),
                )
            ),
            "OSS_RESTORE_ENVIRONMENTS": str(workdir / "environments"),
            "OSS_RESTORE_CLOUD": str(workdir / "endpoints.json"),
            "TF_REATTACH_PROVIDERS": endpoints.tf_reattach_providers,
            "TERRAFORM_BINARY_NAME": str(terraform),
            "CDKTF_LOG_FILE_DIRECTORY": str(workdir),
            "CI": "1",
            "CHECKPOINT_DISABLE": "1",
        }

    def run(self, command: str) -> str:
        """Runs a command where its files are: cdktf in the project, the others beside run.json.

        The project's own commands run in this process, which has imported what they need.
        """
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
        if arguments[0] == "start":
            arguments.append("--yes")  # nobody is there to say it
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

    def deploy(self) -> None:
        """Deploys the environment, where a document goes on from there."""
        TerraformDeployer(
            self.workdir,
            environments=self._environment.parent,
            reattach=self.endpoints.tf_reattach_providers,
        ).deploy("dev")

    def configure(self, fields: dict[str, object]) -> None:
        """Sets fields of the environment."""
        document = yaml.safe_load(self._environment.read_text())
        self._environment.write_text(yaml.safe_dump(document | fields))

    def _write_environment(self, endpoints: LocalEndpoints) -> None:
        document = yaml.safe_load((PROJECT / "environments" / "dev.yaml").read_text())
        document["report"] = {"endpoint": endpoints.oss}
        document["backend"] = {"local": {"path": str(self.workdir / "terraform.tfstate")}}
        self._environment.parent.mkdir()
        self._environment.write_text(yaml.safe_dump(document))

    def _write_wrappers(self) -> None:
        """The registry of Terraform is out of reach."""
        binary = shlex.quote(str(PROJECT / "node_modules" / ".bin" / "cdktf"))
        output = shlex.quote(str(self.workdir / "cdktf.out"))
        self._write(
            "cdktf",
            "case $1 in\n"
            f'synth) exec {binary} "$@" --output {output};;\n'
            f'diff) exec {binary} "$@" --skip-provider-lock --output {output};;\n'
            "esac\n"
            f'exec {binary} "$@" --skip-provider-lock --auto-approve --output {output}\n',
        )

    def _write(self, name: str, script: str) -> None:
        wrapper = self.workdir / name
        wrapper.write_text(f"#!/bin/sh\n{script}")
        wrapper.chmod(0o755)


@pytest.fixture
def archive(endpoints: LocalEndpoints) -> oss2.Bucket:
    """The bucket of the example's environment, with three archived objects."""
    auth = oss2.AuthV4(endpoints.access_key_id, endpoints.access_key_secret)
    bucket = oss2.Bucket(auth, endpoints.oss, "my-archive", region=endpoints.region)
    bucket.create_bucket()
    for number in range(3):
        bucket.put_object(f"{number}", b"x", headers={"x-oss-storage-class": "ColdArchive"})
    return bucket


def all_said(document: Path) -> dict[str, object]:
    """What the document's blocks say of an environment, all of it at once."""
    said: dict[str, dict[str, dict[str, object]]] = {}
    for block in re.findall(r"^```yaml\n(.*?)^```", document.read_text(), re.DOTALL | re.MULTILINE):
        for field, entries in yaml.safe_load(block).items():
            for entry in entries:
                said.setdefault(field, {}).setdefault(entry["name"], {}).update(entry)
    return {field: list(entries.values()) for field, entries in said.items()}


def keys_of(endpoints: LocalEndpoints, account_id: str) -> oss2.AuthV4:
    """The keys of a new account."""
    answer = httpx.post(
        f"{endpoints.control}/accounts/{account_id}",
        json={},
        headers={"Authorization": f"Bearer {endpoints.control_token}"},
        trust_env=False,
    )
    keys = answer.raise_for_status().json()
    return oss2.AuthV4(keys["access_key_id"], keys["access_key_secret"])


def followed(document: Path, reader: Reader) -> dict[str, str]:
    """Follows a document from its top to its end; what each command has printed."""
    printed: dict[str, str] = {}
    for command in to_follow(document):
        if command.startswith("cdktf destroy"):
            _empty_reports(reader.endpoints)
        printed[command] = reader.run(command)
    return printed


def test_the_readmes_commands_work_in_their_order(
    tmp_path: Path, endpoints: LocalEndpoints, archive: oss2.Bucket, cli: Cli
) -> None:
    printed = followed(README, Reader(tmp_path, endpoints, cli))
    assert archive.get_object("0").read() == b"x"
    assert "Succeeded" in printed["oss-restore status dev"]
    assert re.search(r"requested +3$", printed["oss-restore status dev"], re.MULTILINE)


def test_a_deployment_goes_as_its_document_says(
    tmp_path: Path, endpoints: LocalEndpoints, archive: oss2.Bucket, cli: Cli
) -> None:
    printed = followed(DEPLOYING, Reader(tmp_path, endpoints, cli))
    terraform = "terraform -chdir=cdktf.out/stacks/dev"
    applied = printed[f"{terraform} apply -input=false tfplan"]
    planned = re.sub(r"\x1b\[[0-9;]*m", "", printed[f"{terraform} plan -input=false -out=tfplan"])
    (resources,) = re.findall(r"Plan: (\d+) to add, 0 to change, 0 to destroy", planned)
    assert f"Apply complete! Resources: {resources} added, 0 changed, 0 destroyed" in applied
    assert "No changes" in printed[f"{terraform} plan -input=false -detailed-exitcode"]
    assert json.loads((tmp_path / "deployer.json").read_text())["Version"] == "1"
    with pytest.raises(oss2.exceptions.ServerError):
        archive.get_object("0")  # a dry run thaws nothing
    assert ControlClient(endpoints).resources() == {"buckets": ["my-archive"]}


def test_an_account_is_bootstrapped_as_its_document_says(
    tmp_path: Path, endpoints: LocalEndpoints, cli: Cli
) -> None:
    reader = Reader(tmp_path, endpoints, cli)
    (tmp_path / "pipelines").symlink_to(PROJECT / "pipelines")
    (said,) = re.findall(r"^```yaml\n(.*?)^```", PIPELINES.read_text(), re.DOTALL | re.MULTILINE)
    defaults = tmp_path / "environments" / "_defaults.yaml"
    defaults.write_text(said)
    dev = defaults.with_name("dev.yaml")
    document = yaml.safe_load(dev.read_text())
    del document["backend"]
    dev.write_text(yaml.safe_dump(document))
    printed = {command: reader.run(command) for command in commands(PIPELINES)}
    plan = "terraform -chdir=bootstrap/1234567890123456 plan -input=false -out=tfplan"
    made = {"oss_bucket.state", "ots_table.locks", "ims_oidc_provider.pipeline"}
    made |= {"ram_role.pipeline", "ram_role.deployer_oss-restore-deployer"}
    plain = re.sub(r"\x1b\[[0-9;]*m", "", printed[plan])
    assert made <= set(re.findall(r"# alicloud_(\S+) will be created", plain))
    copied = {path.name for path in (tmp_path / ".github" / "workflows").iterdir()}
    assert copied == {"plan.yml", "apply.yml", "wave.yml", "drift.yml"}


def test_a_first_thaw_and_what_follows_go_as_their_documents_say(
    tmp_path: Path, endpoints: LocalEndpoints, archive: oss2.Bucket, cli: Cli
) -> None:
    reader = Reader(tmp_path, endpoints, cli)
    reader.deploy()
    printed = followed(OPERATING, reader)
    assert "fail" not in printed["oss-restore doctor dev"]
    planned = printed["oss-restore plan dev --bucket my-archive"]
    assert re.search(r"ColdArchive +│ to thaw +│ +3 ", planned)
    assert "oss-restore start dev --bucket my-archive --tier Expedited" in planned
    assert archive.get_object("0").read() == b"x"

    printed = followed(REPORTS, reader)
    assert printed["oss-restore report dev"].startswith("All 3 objects are readable until ")
    assert (tmp_path / "report.html").read_text().startswith("<!DOCTYPE html>")
    assert len((tmp_path / "objects.csv").read_text().splitlines()) == 4
    refrozen = printed["oss-restore refreeze dev --bucket my-archive --yes"]
    assert refrozen.split() == ["refrozen", "3"]
    assert len((tmp_path / "manifest.csv").read_text().splitlines()) == 3


def test_copies_and_promotions_go_as_their_document_says(
    tmp_path: Path, endpoints: LocalEndpoints, archive: oss2.Bucket, cli: Cli
) -> None:
    destination = oss2.Bucket(archive.auth, endpoints.oss, "my-new-bucket", region=archive.region)
    theirs = oss2.Bucket(
        keys_of(endpoints, "2000000000000002"),
        endpoints.oss,
        "their-bucket",
        region=archive.region,
    )
    for bucket in (destination, theirs):
        bucket.create_bucket()
        bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    reader = Reader(tmp_path, endpoints, cli)
    reader.configure(all_said(AFTER))
    reader.deploy()
    theirs.put_bucket_policy(reader.run("oss-restore destination-policy dev their-bucket"))
    followed(AFTER, reader)
    for number in range(3):
        assert destination.get_object(f"archive/{number}").read() == b"x"
        assert theirs.get_object(f"from-us/{number}").read() == b"x"
        assert archive.head_object(f"{number}").headers["x-oss-storage-class"] == "Standard"


def test_a_newcomer_gets_from_a_clone_to_a_rehearsal_of_their_own_environment(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = ""
    for command in to_follow(FIRST_HOUR):
        program, *arguments = shlex.split(command)
        assert program == "oss-restore"
        if arguments[0] == "rehearse":
            arguments += ["--objects", "20"]  # as many show the same
        finished = cli(*arguments)
        assert finished.status == 0, finished.err
        said = finished.out
    assert "of cloud time" in said
    assert said.splitlines()[-1] == "Next: your own account: cdktf diff prod"


def test_an_environment_is_used_in_a_local_cloud_as_its_document_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (start,) = (one for one in commands(LOCAL_CLOUD) if "--environment" in one)
    (tmp_path / "environments").symlink_to(PROJECT / "environments")
    wrapper = tmp_path / "cdktf"
    binary = PROJECT / "node_modules" / ".bin" / "cdktf"
    wrapper.write_text(
        f'#!/bin/sh\ncd {PROJECT}\nexec {binary} "$@" --output {tmp_path}/cdktf.out\n'
    )
    wrapper.chmod(0o755)
    terraform = find_terraform(PROJECT / "build" / "terraform")
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", str(terraform))
    monkeypatch.setenv("CDKTF_LOG_FILE_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("CI", "1")
    folders = map(str, (tmp_path, Path(sys.executable).parent, os.environ["PATH"]))
    monkeypatch.setenv("PATH", os.pathsep.join(folders))
    environ = shell.environment()
    with subprocess.Popen(
        shlex.split(start), cwd=tmp_path, env=environ, stderr=subprocess.PIPE, text=True
    ) as cloud:
        assert cloud.stderr is not None
        exports = []
        try:
            for line in cloud.stderr:
                exports += [line] if line.startswith("  export ") else []
                if line.startswith("Then deploy"):
                    break
            recipe = [one for one in to_follow(LOCAL_CLOUD) if not one.startswith("make ")]
            script = "".join([*exports, *(f"{one}\n" for one in recipe)])
            finished = subprocess.run(
                ["bash", "-euc", script],
                cwd=tmp_path,
                env=environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            cloud.terminate()
            cloud.communicate()
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "objects are readable until" in finished.stdout
    assert (tmp_path / "cloud.dev" / "terraform.tfstate").exists()


def _empty_reports(endpoints: LocalEndpoints) -> None:
    auth = oss2.AuthV4(endpoints.access_key_id, endpoints.access_key_secret)
    service = oss2.Service(auth, endpoints.oss, region=endpoints.region)
    for found in oss2.BucketIterator(service):
        if found.name != "my-archive":
            bucket = oss2.Bucket(auth, endpoints.oss, found.name, region=endpoints.region)
            keys = [item.key for item in bucket.list_objects_v2(max_keys=1000).object_list]
            bucket.batch_delete_objects(keys)


@pytest.mark.parametrize(
    "document",
    [
        document
        for document in DOCUMENTS
        if document not in {*IN_THEIR_ORDER, CHINESE_README}  # its commands are the README's
        and to_follow(document)
    ],
    ids=lambda document: str(document.name),
)
def test_the_commands_of_the_other_documents_work(
    document: Path, tmp_path: Path, endpoints: LocalEndpoints, cli: Cli
) -> None:
    followed(document, Reader(tmp_path, endpoints, cli))
