"""Real Terraform and OpenTofu validate the synthesized stacks by the provider's real schema."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.environment_files import Environment
from infra.model.names import OutputKey
from infra.synthesis.app import build_app
from oss_restore.cli.rehearsal.terraform_binary import terraform_environment
from tests.infra.environments import full_environment, small_environment
from tests.infra.provider_versions import BOTH_PROVIDERS
from tests.localcloud.terraform.terraform import Terraform

Json = dict[str, Any]
Validate = Callable[[Json], list[Json]]


THREE = small_environment(
    name="three", backend={"local": {"path": "three"}}, generation=3, runtime="python3.12"
)

WATCHED = small_environment(
    alarms={"contacts": ["ann"]},
    logs={"dashboard": True},
    notify=[{"name": "ops", "webhook": {}}],
)


@pytest.fixture(scope="module")
def outdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    outdir = tmp_path_factory.mktemp("cdktf") / "cdktf.out"
    build_app([WATCHED, full_environment(), THREE], outdir).synth()
    return outdir


@pytest.fixture
def program(request: pytest.FixtureRequest) -> Path:
    """Terraform, or each program of a test with ``BOTH_PROGRAMS``."""
    return Path(request.getfixturevalue(getattr(request, "param", "binary")))


BOTH_PROGRAMS = pytest.mark.parametrize("program", ["binary", "opentofu"], indirect=True)


@pytest.fixture
def validate(program: Path, provider: str, tmp_path: Path) -> Validate:
    """Return the program's findings on a stack, without its backend."""

    def findings(stack: Json) -> list[Json]:
        terraform = Terraform(
            program, tmp_path, terraform_environment(os.environ, reattach=provider)
        )
        terraform.write_document({**stack, "terraform": {"required_providers": PROVIDERS}})
        return terraform.diagnostics()

    return findings


PROVIDERS = {"alicloud": {"source": "aliyun/alicloud", "version": "1.289.0"}}


def stack(outdir: Path, environment: Environment) -> Json:
    text = (outdir / "stacks" / environment.name / "cdk.tf.json").read_text()
    return dict(json.loads(text))


@BOTH_PROGRAMS
@BOTH_PROVIDERS
@pytest.mark.parametrize("environment", [WATCHED, full_environment()])
def test_a_stack_fits_the_providers_schema(
    outdir: Path, validate: Validate, environment: Environment
) -> None:
    findings = validate(stack(outdir, environment))
    # Function Compute 2.0 is deprecated as a whole; no single argument is.
    assert {finding["severity"] for finding in findings} <= {"warning"}
    assert {finding["summary"] for finding in findings} <= {
        "Deprecated Resource",
        "Deprecated resource used as value",
    }
    assert all("alicloud_fc_" in finding["address"] for finding in findings)


@BOTH_PROGRAMS
@BOTH_PROVIDERS
def test_a_stack_of_generation_3_has_nothing_deprecated(outdir: Path, validate: Validate) -> None:
    assert validate(stack(outdir, THREE)) == []


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("alicloud_fc_function", "memory"),
        ("alicloud_fnf_flow", "role"),
        ("alicloud_ram_policy", "policy_documents"),
        ("alicloud_log_store", "retention"),
    ],
)
def test_a_misspelt_attribute_is_refused(
    outdir: Path, validate: Validate, kind: str, wrong: str
) -> None:
    misspelt = stack(outdir, WATCHED)
    body = next(iter(misspelt["resource"][kind].values()))
    body[wrong] = "x"
    errors = [f for f in validate(misspelt) if f["severity"] == "error"]
    assert [error["summary"] for error in errors] == ["Extraneous JSON object property"]
    assert f'"{wrong}"' in errors[0]["detail"]


@BOTH_PROGRAMS
@pytest.mark.parametrize("provider", [2], indirect=True)
def test_an_attribute_removed_from_provider_2_is_refused(outdir: Path, validate: Validate) -> None:
    outdated = stack(outdir, WATCHED)
    next(iter(outdated["resource"]["alicloud_cms_alarm"].values()))["operator"] = ">"
    (error,) = (f for f in validate(outdated) if f["severity"] == "error")
    assert '"operator"' in error["detail"]


@BOTH_PROGRAMS
def test_a_stack_is_deployed_and_a_second_apply_changes_nothing(
    program: Path, reattach: str, tmp_path: Path
) -> None:
    build_app([small_environment()], tmp_path / "cdktf.out").synth()
    folder = tmp_path / "cdktf.out" / "stacks" / "dev"
    (tmp_path / "state").mkdir()
    terraform = Terraform(program, folder, terraform_environment(os.environ, reattach=reattach))
    terraform.applied()
    assert terraform.unchanged()
    outputs = json.loads(terraform.run("output", "-json").text)
    assert set(outputs) == set(OutputKey)
    role = "acs:ram::1234567890123456:role/oss-restore-flows-dev"
    assert outputs[OutputKey.FLOWS_ROLE_ARN]["value"] == role
    assert (tmp_path / "state" / "dev.tfstate").is_file()
    terraform.destroyed()
