"""aliyun-sdk-oss, the vendor's client for Java, works with the local OSS."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from localcloud.oss import GeneratedObject
from tests.localcloud.oss.running import RunningOss
from tests.localcloud.oss.vendors.install import JARS

SOURCE: Final = Path(__file__).parent / "java" / "Operations.java"


@pytest.mark.skipif(not shutil.which("mvn"), reason="Maven is not on this machine")
def test_the_client_for_java_works(oss: RunningOss) -> None:
    assert JARS.exists(), "run `make vendors` first"
    bucket = oss.bucket("frozen-assets")
    bucket.create_bucket()
    oss.do(lambda: oss.storage.seed(bucket.bucket_name, [GeneratedObject("huge", 12 * 1024**3)]))
    quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dfile.encoding=UTF-8"]
    done = subprocess.run(
        ["java", *quick, "--class-path", f"{JARS}/*", str(SOURCE)],
        env=os.environ
        | {
            "OSS_URL": oss.url,
            "OSS_REGION": oss.region,
            "OSS_KEY": oss.root.access_key_id,
            "OSS_SECRET": oss.root.secret,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.endswith("24 passed\n"), done.stderr[-10_000:]
