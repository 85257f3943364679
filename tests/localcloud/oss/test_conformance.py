"""The vendor's own tests, written for the real service, against the local one.

They are part of the source distribution of oss2, which is downloaded for the purpose, so this runs
on demand only: ``pytest -m soak tests/localcloud/oss/test_conformance.py``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import oss2
import pytest

from tests.localcloud.oss.running import RunningOss

FILES: Final = ("object", "list_objects_v2", "iterator", "exception_ec")
VERSIONED: Final = "not multipart and not part_copy and not tagging and not acl"
CHOSEN: Final = (
    "restore or list_objects or list_with or object_iterator or exception or head"
    " or object_exists or object_meta or bucket_iterator"
)


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked source of the oss2 that is installed."""
    folder = tmp_path_factory.mktemp("oss2")
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    source_only = ["--no-binary", ":all:", "--dest", str(folder)]
    subprocess.run([*download, *source_only, f"oss2=={oss2.__version__}"], check=True)
    [archive] = folder.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


@pytest.mark.soak
@pytest.mark.parametrize("version", ["v1", "v2", "v4"])
@pytest.mark.parametrize(
    ("names", "chosen", "passed"),
    [(FILES, CHOSEN, 22), (("object_versioning",), VERSIONED, 12)],
    ids=["objects", "versions"],
)
def test_the_vendors_tests_pass(
    oss: RunningOss, suite: Path, names: Sequence[str], chosen: str, passed: int, version: str
) -> None:
    files = [f"tests/test_{name}.py" for name in names]
    options = ["-q", "-p", "no:randomly", "-p", "no:logging", "-W", "default", "-k", chosen]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *files],
        cwd=suite,
        env=os.environ
        | {
            "OSS_TEST_ACCESS_KEY_ID": oss.root.access_key_id,
            "OSS_TEST_ACCESS_KEY_SECRET": oss.root.secret,
            "OSS_TEST_ENDPOINT": oss.url,
            "OSS_TEST_BUCKET": "conformance-",
            "OSS_TEST_REGION": oss.region,
            "OSS_TEST_AUTH_VERSION": version,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{passed} passed" in done.stdout
