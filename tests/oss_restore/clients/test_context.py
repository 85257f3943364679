"""Finding a deployment."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import oss2
import pytest
import yaml

from infra.model.terraform_access import Endpoints
from oss_restore.clients.context import DeploymentContext
from oss_restore.clients.target import cloud_target
from oss_restore.errors import OperatorError
from tests.oss_restore.conftest import Cli
from tests.site import ENVIRONMENT, Site


def changed(site: Site, folder: Path, **fields: object) -> Path:
    """Write the environment's file with other fields to a separate folder."""
    document = yaml.safe_load((site.environments / f"{ENVIRONMENT}.yaml").read_text())
    (folder / f"{ENVIRONMENT}.yaml").write_text(yaml.safe_dump({**document, **fields}))
    return folder


def context(site: Site, folder: Path) -> DeploymentContext:
    return DeploymentContext(environment=ENVIRONMENT, folder=folder, cloud=site.endpoints_file)


def test_outputs_in_the_state_take_precedence_over_the_changed_file(
    site: Site, tmp_path: Path
) -> None:
    found = context(site, changed(site, tmp_path, suffix="renamed")).deployment
    assert found.main_flow == site.outputs["main_flow"]
    assert found.outputs is not None
    assert found.environment is not None


def test_names_are_derived_from_the_file_if_there_is_no_state(site: Site, tmp_path: Path) -> None:
    backend = {"local": {"path": str(tmp_path / "nosuch.tfstate")}}
    found = context(site, changed(site, tmp_path, suffix="renamed", backend=backend)).deployment
    assert found.main_flow == "oss-restore-mainRestoreFlow-renamed"
    assert found.outputs is None


def test_a_state_in_oss_is_read_from_the_backends_bucket(
    site: Site, tmp_path: Path, bucket: oss2.Bucket
) -> None:
    outputs = {name: {"value": value} for name, value in site.outputs.items()}
    state = {"version": 4, "terraform_version": "1.11.4", "outputs": outputs}
    bucket.put_object(f"oss-restore/{ENVIRONMENT}/terraform.tfstate", json.dumps(state))
    backend = {"oss": {"bucket": bucket.bucket_name}}
    folder = changed(site, tmp_path, suffix="renamed", backend=backend)
    assert context(site, folder).deployment.main_flow == site.outputs["main_flow"]
    bucket.delete_object(f"oss-restore/{ENVIRONMENT}/terraform.tfstate")
    assert context(site, folder).deployment.outputs is None


def test_an_outputs_file_is_sufficient(site: Site, tmp_path: Path, cli: Cli) -> None:
    path = tmp_path / "outputs.json"
    path.write_text(json.dumps({ENVIRONMENT: site.outputs}))
    place = ("--outputs", str(path), "--cloud", str(site.endpoints_file))
    found = cli("status", *place, "--environments", str(tmp_path / "none"), "--run", "nosuch")
    assert "ExecutionNotExists" in found.err
    assert DeploymentContext(outputs=path, cloud=site.endpoints_file).reported.report_bucket


def test_a_flow_alone_is_not_enough_to_find_the_report_bucket(site: Site) -> None:
    by_flow = DeploymentContext(flow="f", cloud=site.endpoints_file)
    with pytest.raises(OperatorError, match="needs the report bucket"):
        _ = by_flow.reported


def test_the_arguments_are_reconstructed_for_further_commands(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OSS_RESTORE_ENVIRONMENTS", raising=False)
    given = DeploymentContext(
        environment="dev", folder=Path("elsewhere"), cloud=site.endpoints_file
    )
    assert given.arguments() == [
        "dev", "--environments", "elsewhere", "--cloud", str(site.endpoints_file)
    ]  # fmt: skip
    assert DeploymentContext(environment="dev").arguments() == ["dev"]
    monkeypatch.setenv("OSS_RESTORE_ENVIRONMENTS", "elsewhere")
    monkeypatch.setenv("OSS_RESTORE_CLOUD", str(site.endpoints_file))
    assert given.arguments() == ["dev"]


def test_hosts_named_by_the_environment_are_used() -> None:
    own = Endpoints(fnf="eu-central-1.fnf.aliyuncs.com", sts="http://127.0.0.1:8080")
    target = cloud_target("eu-central-1", "1234567890123456", own)
    assert target.fnf == "https://eu-central-1.fnf.aliyuncs.com"
    assert target.sts == "http://127.0.0.1:8080"
    assert target.oss == "https://oss-eu-central-1.aliyuncs.com"
    assert target.oss_of("archive") == target.oss


def test_a_bucket_in_another_region_has_its_regions_public_endpoint() -> None:
    here = cloud_target("cn-hangzhou", "1234567890123456")
    target = replace(here, bucket_regions={"far": "us-east-1"})
    assert target.oss_for_functions_of("far") == "https://oss-us-east-1.aliyuncs.com"
    assert target.oss_for_functions_of("near") == "https://oss-cn-hangzhou-internal.aliyuncs.com"
    assert target.region_of("far") == "us-east-1"
