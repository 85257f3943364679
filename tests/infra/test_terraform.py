"""Real Terraform takes what is synthesized, by the provider's exact schema."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.model import Environment
from localcloud.ram.credentials import root_principal
from oss_restore.terraform import find_terraform, terraform_environment
from tests.infra.environments import ACCOUNT, environment
from tests.infra.synthesis import resources, synthesize, text
from tests.infra.test_stack import FULL
from tests.localcloud.terraform.conftest import RunningCloud
from tests.localcloud.terraform.terraform import Terraform


@pytest.fixture(scope="module")
def reattach() -> Iterator[str]:
    cloud = RunningCloud()
    cloud.start()
    yield cloud.serve(root_principal(ACCOUNT))
    cloud.stop()


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return find_terraform(tmp_path_factory.mktemp("terraform"))


@pytest.fixture
def terraform(binary: Path, reattach: str, tmp_path: Path) -> Terraform:
    """A Terraform in the folder of the environment named ``dev``."""
    folder = tmp_path / "stacks" / "dev"
    return Terraform(binary, folder, terraform_environment(os.environ, reattach=reattach))


def errors(terraform: Terraform) -> list[str]:
    """What Terraform finds wrong, each with the place."""
    return [
        f"{found['summary']}: {found['detail']}"
        for found in terraform.diagnostics()
        if found["severity"] == "error"
    ]


KINDS = (
    "fc_function",
    "fc_service",
    "fnf_flow",
    "log_project",
    "log_store",
    "log_store_index",
    "oss_bucket",
    "ram_policy",
    "ram_role",
    "ram_role_policy_attachment",
)
FULL_DEV = FULL.model_copy(update={"name": "dev", "backend": environment().backend})


@pytest.mark.parametrize("env", [environment(), FULL_DEV], ids=["shortest", "full"])
def test_terraform_finds_no_error(tmp_path: Path, terraform: Terraform, env: Environment) -> None:
    synthesize(tmp_path, [env])
    assert errors(terraform) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_misspelt_argument_is_found_by_its_name(
    tmp_path: Path, terraform: Terraform, kind: str
) -> None:
    env = environment()
    synthesize(tmp_path, [env])
    found = json.loads(text(tmp_path, env))
    body = next(body for type_, _, body in resources(found) if type_ == f"alicloud_{kind}")
    body["misspelt"] = "x"
    (terraform.directory / "cdk.tf.json").write_text(json.dumps(found))
    assert errors(terraform) == [
        'Extraneous JSON object property: No argument or block type is named "misspelt".'
    ]


def test_no_kind_of_resource_is_left_out_above(tmp_path: Path) -> None:
    env = environment()
    synthesize(tmp_path, [env])
    found = json.loads(text(tmp_path, env))
    assert {f"alicloud_{kind}" for kind in KINDS} == found["resource"].keys()


def test_a_misspelt_handler_is_found_with_what_was_meant(
    tmp_path: Path, terraform: Terraform
) -> None:
    env = environment()
    synthesize(tmp_path, [env])
    found = json.loads(text(tmp_path, env))
    body = found["resource"]["alicloud_fc_function"]["restore"]
    body["handlr"] = body.pop("handler")
    (terraform.directory / "cdk.tf.json").write_text(json.dumps(found))
    said = " ".join(errors(terraform))
    assert '"handlr"' in said
    assert '"handler" is required' in said
