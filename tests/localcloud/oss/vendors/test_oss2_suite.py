"""oss2's own tests, written for the real service, against the local one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from tests.localcloud.oss.running import RunningOss
from tests.localcloud.oss.vendors.install import OSS2_SUITE

QUICK: Final = (
    "bucket_archive_direct_read",
    "bucket_versioning",
    "crc64_combine",
    "exception_ec",
    "headers",
    "iterator",
    "list_objects_v2",
    "multipart",
    "object",
    "object_versioning",
    "sign",
)
ALL: Final = (*QUICK, "chinese", "download", "upload")

# By name, with the reason. They include no test of restore, listing, copy, multipart or
# conditions that could run here.
_REAL: Final = "has the name of a real endpoint in it"
_PROCESSED: Final = "the local cloud does not process objects"
_PICTURE: Final = "needs a picture that the published package lacks"
_TOO_QUICK: Final = "counts on a server too slow for a time-out of a millisecond"
UNSUPPORTED: Final = {
    "TestMultipart::test_multipart_sequential": _REAL,
    "TestUpload::test_upload_sequenial": _REAL,
    "TestObject::test_async_process_object": _PROCESSED,
    "TestObject::test_process_object": _PROCESSED,
    "TestObject::test_put_object_with_sign_url": _PICTURE,
    "TestObject::test_default_timeout": _TOO_QUICK,
    "TestObject::test_timeout": _TOO_QUICK,
    "TestObject::test_sign_url_with_callback": "the local cloud has no callbacks",
    "TestIterator::test_live_channel_iterator": "the local cloud has no live channels",
    "TestSign::test_sign_v4_x_oss_date_url": "sends x-oss-user, which no operation has",
    "TestSign::test_sign_v2_additional_headers": "reads with headers that only writing has",
    "TestSign::test_sign_v4_additional_headers": "reads with headers that only writing has",
    "TestUpload::test_concurrency": "hundreds of threads that upload: many seconds, nothing new",
}


@pytest.mark.long
@pytest.mark.parametrize(
    ("version", "names", "passed"),
    [
        ("v4", QUICK, 112),
        pytest.param("v1", ALL, 161, marks=pytest.mark.soak),
        pytest.param("v2", ALL, 161, marks=pytest.mark.soak),
        pytest.param("v4", ALL, 161, marks=pytest.mark.soak),
    ],
)
def test_oss2s_own_tests_pass(
    oss: RunningOss, version: str, names: Sequence[str], passed: int
) -> None:
    assert OSS2_SUITE.exists(), "run `make vendors` first"
    files = [f"tests/test_{name}.py" for name in names]
    wanted = " and ".join(f"not {name.split('::')[1]}" for name in UNSUPPORTED)
    plugins = ["-c", "setup.cfg", "-p", "oss2_plugin", "-p", "no:randomly"]
    options = ["-q", "-p", "no:logging", "-p", "no:cacheprovider", "-W", "default", "-k", wanted]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, *options, *files],
        cwd=OSS2_SUITE,
        env=os.environ
        | {
            "PYTHONPATH": str(Path(__file__).parent),
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
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    count = re.search(r"([0-9]+) passed", done.stdout)
    assert count
    assert int(count[1]) == passed


def test_the_skipped_tests_of_oss2_exist() -> None:
    files = [OSS2_SUITE / "tests" / f"test_{name}.py" for name in ALL]
    text = "\n".join(file.read_text() for file in files)
    assert [name for name in UNSUPPORTED if f"def {name.split('::')[1]}(" not in text] == []
