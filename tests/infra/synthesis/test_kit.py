"""The app runs on cdktf and on its successor, unchanged."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from infra.bundle.build import FUNCTIONS
from infra.synthesis.kit import KITS
from tests.infra.environments import FULL, SMALL

# The exit code shows whether it has worked, and has loaded this kit and not the other.
_SYNTHESIZE = """
import sys
from infra.__main__ import main
sys.exit(main() or sorted({"cdktf", "cdktn"} & set(sys.modules)) != [sys.argv[1]])
"""
_VERSION = re.compile(r'"version": "\d+\.\d+\.\d+"')


@pytest.fixture(scope="module")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("environments")
    for environment in (SMALL, FULL):
        (folder / f"{environment['name']}.yaml").write_text(yaml.safe_dump(environment))
    return folder


def synthesized(kit: str, environments: Path, outdir: Path) -> Mapping[str, str]:
    """Return the files that a kit writes, by name."""
    places = {"OSS_RESTORE_ENVIRONMENTS": str(environments), "CDKTF_OUTDIR": str(outdir)}
    done = subprocess.run(
        [sys.executable, "-c", _SYNTHESIZE, kit],
        cwd=FUNCTIONS.parent,
        # Nothing is written to the home folder, since this is not one.
        env={**os.environ, **places, "OSS_RESTORE_CDK": kit, "HOME": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return {str(path.relative_to(outdir)): path.read_text() for path in outdir.rglob("cdk.tf.json")}


def test_both_kits_write_the_same_except_for_their_version(
    environments: Path, tmp_path: Path
) -> None:
    by_cdktf, by_cdktn = (synthesized(kit, environments, tmp_path / kit) for kit in KITS)
    assert set(by_cdktf) == {"stacks/dev/cdk.tf.json", "stacks/prod/cdk.tf.json"}
    versions = {
        json.loads(text)["//"]["metadata"]["version"]
        for text in (*by_cdktf.values(), *by_cdktn.values())
    }
    assert versions == {"0.21.0", "0.24.0"}
    assert _unversioned(by_cdktf) == _unversioned(by_cdktn)


def _unversioned(texts: Mapping[str, str]) -> Mapping[str, str]:
    """Remove the kit's version, which is the first one in each file."""
    return {name: _VERSION.sub("", text, count=1) for name, text in texts.items()}
