"""Frozen releases, as what they deployed: an environment, its stack, and the functions' sources.

They are never edited: ``make freeze`` writes one on release.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from infra.bundle.build import FUNCTIONS, THAW, build_bundle, zip_files
from infra.model.environment import Environment
from infra.synthesis.app import build_app
from localcloud.settings import Settings
from tests.site import BUCKET

RELEASES: Final = Path(__file__).parent
LOCKS: Final = ("requirements.lock", "build.lock")

# In a release's files, a placeholder for the endpoint of a cloud that does not exist yet.
_ENDPOINT: Final = "https://oss.release.example"
_ENVIRONMENT: Final[dict[str, Any]] = {
    "name": "upgrade",
    "account": Settings().account_id,
    "region": Settings().region,
    "buckets": [{"name": BUCKET}],
    "backend": {"local": {"path": "terraform.tfstate"}},
    "report": {"endpoint": _ENDPOINT},
    # A run of a few pages continues in a relay.
    "limits": {"relay_at_event": 40},
    # Waiting executions stay in place while a cloud whose clock is held is upgraded.
    "retry": {"interval": 3600, "max_interval": 3600},
}


@dataclass(frozen=True)
class Release:
    """A release, in its folder."""

    folder: Path

    @property
    def version(self) -> str:
        return self.folder.name

    def environment(self, endpoint: str, **changes: Any) -> Environment:
        """Return the environment it was deployed for, on a cloud whose OSS is at the endpoint."""
        text = (self.folder / "environment.yaml").read_text().replace(_ENDPOINT, endpoint)
        return Environment.model_validate({**yaml.safe_load(text), **changes})

    def write(self, outdir: Path, endpoint: str) -> Path:
        """Write its synthesized stack; return the stack's folder."""
        text = (self.folder / "cdk.tf.json").read_text().replace(_ENDPOINT, endpoint)
        stack = json.loads(text)
        environment = self.environment(endpoint)
        folder = outdir / "stacks" / environment.name
        folder.mkdir(parents=True)
        with tempfile.TemporaryDirectory() as sources:
            with zipfile.ZipFile(self.folder / "functions.zip") as archive:
                archive.extractall(sources)
            if (stand_ins := Path(sources, "stand_ins")).exists():  # their names in 0.1.0
                stand_ins.rename(Path(sources, "stubs"))
            core = kept if (kept := Path(sources, "thaw")).exists() else THAW  # 0.1.0 had none
            functions = stack["resource"]["alicloud_fc_function"].values()
            for filename in {function["filename"] for function in functions}:
                target = (folder / filename).resolve()
                bundle = build_bundle(environment.runtime, target, source=Path(sources), core=core)
                for function in functions:
                    if function["filename"] == filename:
                        function["code_checksum"] = bundle.checksum
        (folder / "cdk.tf.json").write_text(json.dumps(stack, indent=2))
        return folder


def releases() -> list[Release]:
    """Return the frozen releases."""
    return [Release(found.parent) for found in sorted(RELEASES.glob("*/environment.yaml"))]


def freeze(folder: Path) -> None:
    """Freeze what the current code deploys, replacing an earlier attempt at the same release."""
    with tempfile.TemporaryDirectory() as scratch:
        environment = Environment.model_validate(_ENVIRONMENT)
        build_app([environment], Path(scratch)).synth()
        stack = (Path(scratch) / "stacks" / environment.name / "cdk.tf.json").read_text()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "environment.yaml").write_text(yaml.safe_dump(_ENVIRONMENT, sort_keys=False))
    (folder / "cdk.tf.json").write_text(stack)
    (folder / "functions.zip").write_bytes(zip_files(_sources()))


def _sources() -> dict[str, Path]:
    """Return all sources of a bundle."""
    files = [*FUNCTIONS.rglob("*.py"), *(FUNCTIONS / lock for lock in LOCKS)]
    functions = {path.relative_to(FUNCTIONS).as_posix(): path for path in files}
    core = {
        f"thaw/{path.relative_to(THAW).as_posix()}": path
        for kind in ("*.py", "*.json")
        for path in THAW.rglob(kind)
    }
    return {**functions, **core}
