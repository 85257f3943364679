"""``python -m infra``, as the cdktf command line runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from infra.bundle.build import FUNCTIONS
from tests.infra.environments import SMALL

STATE = {"oss": {"bucket": "states"}}


def synthesize(
    environments: Path, outdir: Path, *, project: Path = FUNCTIONS.parent, **variables: str
) -> subprocess.CompletedProcess[str]:
    places = {"OSS_RESTORE_ENVIRONMENTS": str(environments), "CDKTF_OUTDIR": str(outdir)}
    return subprocess.run(
        [sys.executable, "-m", "infra"],
        cwd=project,
        env={**os.environ, **places, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_synthesizes_the_named_folder(tmp_path: Path) -> None:
    (tmp_path / "dev.yaml").write_text(yaml.safe_dump(SMALL))
    done = synthesize(tmp_path, tmp_path / "out")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "out" / "stacks" / "dev" / "cdk.tf.json").is_file()


def test_the_output_contains_no_secret_of_the_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI5tKeyIdOfThisTest0000",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "theSecretOfThisTest0123456789",
        "ALIBABA_CLOUD_SECURITY_TOKEN": "CAISthe+token/of+this/test0123456789",
        "TF_VAR_notify_ops_url": "https://hook.example/the-secret-of-ops",
    }
    notify = [{"name": "ops", "webhook": {}}]
    (tmp_path / "dev.yaml").write_text(yaml.safe_dump({**SMALL, "notify": notify}))
    for variable, secret in secrets.items():
        monkeypatch.setenv(variable, secret)
    done = synthesize(tmp_path, tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    written = [path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert any(b"notify_ops_url" in content for content in written)
    for secret in secrets.values():
        assert all(secret.encode() not in content for content in written)


def test_it_synthesizes_only_the_selected_environments(tmp_path: Path) -> None:
    (tmp_path / "_defaults.yaml").write_text(yaml.safe_dump({**SMALL, "backend": STATE}))
    for name in ("dev", "prod-cn", "prod-eu"):
        (tmp_path / f"{name}.yaml").write_text(f"name: {name}")
    done = synthesize(tmp_path, tmp_path / "out", OSS_RESTORE_ENV="prod-cn,prod-e*")
    assert (done.returncode, done.stderr) == (0, "")
    stacks = {folder.name for folder in (tmp_path / "out" / "stacks").iterdir()}
    assert stacks == {"prod-cn", "prod-eu"}
    done = synthesize(tmp_path, tmp_path / "none", OSS_RESTORE_ENV="prd-cn")
    assert done.returncode == 1
    assert done.stderr == f"{tmp_path}: no file has the name 'prd-cn'; did you mean 'prod-cn'?\n"
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"regoin": "x"}, "dev.yaml:9: regoin: unknown field; did you mean 'region'?"),
        (
            {"run_defaults": {"max_keys": 500, "group_size": 1}},
            "dev.yaml:10: run_defaults.max_keys: 500 keys with",
        ),
    ],
)
def test_an_invalid_environment_is_reported_in_one_line_and_nothing_is_written(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    (tmp_path / "dev.yaml").write_text(yaml.safe_dump({**SMALL, **changes}, sort_keys=False))
    done = synthesize(tmp_path, tmp_path / "out")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{tmp_path}/{message}")
    assert not (tmp_path / "out").exists()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project's files for a synthesis, to be broken, with one valid environment."""
    (tmp_path / "dev.yaml").write_text(yaml.safe_dump(SMALL))
    for package in ("infra", "functions", "thaw", "flow_templates", "fdl"):
        shutil.copytree(FUNCTIONS.parent / package, tmp_path / "project" / package)
    return tmp_path / "project"


def test_a_broken_template_is_reported_in_one_line_and_nothing_is_written(
    tmp_path: Path, project: Path
) -> None:
    template = project / "flow_templates" / "restoreFlow.yaml.j2"
    template.write_text(template.read_text().replace("type: foreach", "type: forall"))
    done = synthesize(tmp_path, tmp_path / "out", project=project)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("restoreFlow.yaml.j2, rendered line ")
    assert not (tmp_path / "out").exists()


def test_packages_that_cannot_be_installed_are_reported_and_nothing_is_written(
    tmp_path: Path, project: Path
) -> None:
    nothing_yet = str(tmp_path / "uv")
    done = synthesize(
        tmp_path, tmp_path / "out", project=project, UV_OFFLINE="1", UV_CACHE_DIR=nothing_yet
    )
    assert done.returncode == 1
    assert "cannot be installed for python3.10. The package index must be reach" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_nothing_but_the_stack_imports_cdktf() -> None:
    """The command line imports these; cdktf takes half a second and needs Node."""
    modules = (
        "environment_files blueprint.deployment blueprint.flows bundle.build synthesis.ros_template"
    )
    code = f"import sys\nfor m in {modules!r}.split(): __import__('infra.' + m)\n"
    code += "assert not {'cdktf', 'cdktn', 'jsii', 'constructs'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=FUNCTIONS.parent, check=True)


def test_an_unknown_development_kit_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "dev.yaml").write_text(yaml.safe_dump(SMALL))
    done = synthesize(tmp_path, tmp_path / "out", OSS_RESTORE_CDK="cdk")
    assert done.returncode == 1
    assert done.stderr == "OSS_RESTORE_CDK is 'cdk'; use cdktf or cdktn\n"
