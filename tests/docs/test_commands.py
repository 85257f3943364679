"""The documents' commands, run one after another by a reader, on a local cloud."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import oss2
import pytest
import yaml

from oss_restore.cli.rehearsal import scenario
from oss_restore.cli.rehearsal.cdktf import PROJECT
from oss_restore.cli.rehearsal.cloud_process import running_cloud
from oss_restore.clients.control_api import ControlClient
from oss_restore.clients.target import LocalEndpoints
from tests.docs.reader import README, Reader, ReaderOfReadme, commands, poll_rarely, to_run
from tests.docs.tables import DOCS
from tests.docs.test_documents import CHINESE_README, DOCUMENTS
from tests.oss_restore import shell
from tests.oss_restore.conftest import Cli, cli
from tests.terraform_deployer import TerraformDeployer

__all__ = ["cli"]

DEPLOYING = DOCS / "deploying.md"
PIPELINES = DOCS / "pipelines.md"
OPERATING = DOCS / "operating.md"
REPORTS = DOCS / "reports.md"
AFTER = DOCS / "after.md"
FIRST_HOUR = DOCS / "first-hour.md"
LOCAL_CLOUD = DOCS / "local-cloud.md"
# Each command continues where the previous one has ended.
SEQUENTIAL = {README, DEPLOYING, PIPELINES, OPERATING, REPORTS, AFTER}
SEQUENTIAL |= {FIRST_HOUR, LOCAL_CLOUD}


@pytest.fixture
def endpoints(tmp_path: Path) -> Iterator[LocalEndpoints]:
    with running_cloud(tmp_path) as endpoints:
        yield endpoints


@pytest.fixture
def archive(endpoints: LocalEndpoints) -> oss2.Bucket:
    """Fill the bucket of the example's environment with three archived objects."""
    auth = oss2.AuthV4(endpoints.access_key_id, endpoints.access_key_secret)
    bucket = oss2.Bucket(auth, endpoints.oss, "my-archive", region=endpoints.region)
    bucket.create_bucket()
    for number in range(3):
        bucket.put_object(f"{number}", b"x", headers={"x-oss-storage-class": "ColdArchive"})
    return bucket


def merged_settings(document: Path) -> dict[str, object]:
    """Merge the document's blocks of an environment's settings."""
    merged: dict[str, dict[str, dict[str, object]]] = {}
    for block in re.findall(r"^```yaml\n(.*?)^```", document.read_text(), re.DOTALL | re.MULTILINE):
        for field, entries in yaml.safe_load(block).items():
            for entry in entries:
                merged.setdefault(field, {}).setdefault(entry["name"], {}).update(entry)
    return {field: list(entries.values()) for field, entries in merged.items()}


def keys_of(endpoints: LocalEndpoints, account_id: str) -> oss2.AuthV4:
    """Return the keys of a new account."""
    answer = httpx.post(
        f"{endpoints.control}/accounts/{account_id}",
        json={},
        headers={"Authorization": f"Bearer {endpoints.control_token}"},
        trust_env=False,
    )
    keys = answer.raise_for_status().json()
    return oss2.AuthV4(keys["access_key_id"], keys["access_key_secret"])


@pytest.mark.long
def test_the_readmes_commands_work_in_their_order(
    tmp_path: Path, endpoints: LocalEndpoints, archive: oss2.Bucket, cli: Cli
) -> None:
    printed = ReaderOfReadme(tmp_path, endpoints, cli).follow(README)
    assert archive.get_object("0").read() == b"x"
    assert "Succeeded" in printed["oss-restore status dev"]
    assert re.search(r"requested +3$", printed["oss-restore status dev"], re.MULTILINE)


@pytest.mark.long
def test_a_deployment_works_as_documented(
    tmp_path: Path, endpoints: LocalEndpoints, archive: oss2.Bucket, cli: Cli
) -> None:
    reader, destroy = ReaderOfReadme(tmp_path, endpoints, cli), "cdktf destroy dev"
    assert destroy in to_run(README)  # and is run there
    printed = reader.follow(DEPLOYING, without=destroy)
    reader.empty_reports()
    reader.deployer.destroy("dev")
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


def test_an_account_is_bootstrapped_as_documented(
    tmp_path: Path, endpoints: LocalEndpoints, cli: Cli
) -> None:
    reader = ReaderOfReadme(tmp_path, endpoints, cli)
    (tmp_path / "pipelines").symlink_to(PROJECT / "pipelines")
    (block,) = re.findall(r"^```yaml\n(.*?)^```", PIPELINES.read_text(), re.DOTALL | re.MULTILINE)
    defaults = tmp_path / "environments" / "_defaults.yaml"
    defaults.write_text(block)
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


@pytest.mark.long
def test_a_thaw_and_what_follows_it_work_as_documented(
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
    reader = ReaderOfReadme(tmp_path, endpoints, cli)
    reader.configure(merged_settings(AFTER))
    reader.deployer.deploy("dev")
    theirs.put_bucket_policy(reader.run("oss-restore destination-policy dev their-bucket"))

    printed = reader.follow(OPERATING)
    assert "fail" not in printed["oss-restore doctor dev"]
    planned = printed["oss-restore plan dev --bucket my-archive"]
    assert re.search(r"ColdArchive +│ to thaw +│ +3 ", planned)
    assert "oss-restore start dev --bucket my-archive --tier Expedited" in planned
    assert archive.get_object("0").read() == b"x"

    printed = reader.follow(REPORTS)
    assert printed["oss-restore report dev"].startswith("All 3 objects are readable until ")
    assert (tmp_path / "report.html").read_text().startswith("<!DOCTYPE html>")
    assert len((tmp_path / "objects.csv").read_text().splitlines()) == 4
    refrozen = printed["oss-restore refreeze dev --bucket my-archive --yes"]
    assert refrozen.split() == ["refrozen", "3"]
    assert len((tmp_path / "manifest.csv").read_text().splitlines()) == 3

    reader.follow(AFTER)
    for number in range(3):
        assert destination.get_object(f"archive/{number}").read() == b"x"
        assert theirs.get_object(f"from-us/{number}").read() == b"x"
        assert archive.head_object(f"{number}").headers["x-oss-storage-class"] == "Standard"


@pytest.mark.long
def test_a_newcomer_gets_from_a_clone_to_a_rehearsal_of_their_own_environment(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(scenario, "Cdktf", TerraformDeployer)
    poll_rarely(tmp_path / "environments")
    output = ""
    for command in to_run(FIRST_HOUR):
        program, *arguments = shlex.split(command)
        assert program == "oss-restore"
        if arguments[0] == "rehearse":
            arguments += ["--objects", "20"]  # as many suffice
        finished = cli(*arguments)
        assert finished.status == 0, finished.err
        output = finished.out
    assert "of cloud time" in output
    assert output.splitlines()[-1] == "Next, in your own account: cdktf diff prod"


@pytest.mark.long
def test_an_environment_is_used_in_a_local_cloud_as_documented(tmp_path: Path, cli: Cli) -> None:
    (start,) = (one for one in commands(LOCAL_CLOUD) if "--environment" in one)
    poll_rarely(tmp_path / "environments")
    (tmp_path / "environments" / "dev.yaml").symlink_to(PROJECT / "environments" / "dev.yaml")
    with subprocess.Popen(
        [*shell.PROGRAM, *shlex.split(start)[1:]],
        cwd=tmp_path,
        env=shell.environment(),
        stderr=subprocess.PIPE,
        text=True,
    ) as cloud:
        assert cloud.stderr is not None
        exports = {}
        try:
            for line in cloud.stderr:
                if line.startswith("  export "):
                    name, _, value = line.removeprefix("  export ").partition("=")
                    (exports[name],) = shlex.split(value)
                if line.startswith("Then deploy"):
                    break
            printed = Reader(tmp_path, cli, exports).follow(LOCAL_CLOUD)
        finally:
            cloud.terminate()
            cloud.communicate()
    assert "objects are readable until" in printed["oss-restore report dev"]
    assert (tmp_path / "cloud.dev" / "terraform.tfstate").exists()


def test_the_commands_of_the_other_documents_work(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "environments").symlink_to(PROJECT / "environments")
    reader = Reader(tmp_path, cli, {})
    followed = [
        document
        for document in DOCUMENTS
        if document not in {*SEQUENTIAL, CHINESE_README}  # its commands are the README's
        and reader.follow(document)
    ]
    assert followed
