"""Terraform's own backend for OSS, an independent client written in Go."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from oss_restore.cli.rehearsal.terraform_binary import find_terraform
from tests.localcloud.gateway.clients import RealNames

BACKEND = {"oss": {"bucket": "states", "prefix": "env", "region": "cn-hangzhou"}}


pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere Go does not read SSL_CERT_FILE"
)


@pytest.fixture
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return find_terraform(tmp_path_factory.mktemp("terraform"))


def test_terraform_keeps_its_state_in_a_bucket_that_it_finds_by_region(
    clients: RealNames, terraform: Path, tmp_path: Path
) -> None:
    bucket = clients.bucket("states")
    bucket.create_bucket()
    document = {"terraform": {"backend": BACKEND}, "output": {"kept": {"value": "here"}}}
    (tmp_path / "main.tf.json").write_text(json.dumps(document))
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TF_")},
        "ALICLOUD_ACCESS_KEY": clients.endpoints.access_key_id,
        "ALICLOUD_SECRET_KEY": clients.endpoints.access_key_secret,
        "CHECKPOINT_DISABLE": "1",
        "HOME": str(tmp_path),
    }
    for arguments in (["init", "-input=false"], ["apply", "-auto-approve", "-input=false"]):
        subprocess.run([terraform, *arguments], cwd=tmp_path, env=environ, check=True)
    state = json.loads(bucket.get_object("env/terraform.tfstate").read())
    assert state["outputs"]["kept"]["value"] == "here"
