"""ali-oss, the vendor's client for Node.js, works with the local OSS."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from localcloud.oss import GeneratedObject
from tests.localcloud.oss.running import RunningOss
from tests.localcloud.oss.vendors.install import NODE_MODULES

TESTS: Final = Path(__file__).parent / "ali_oss" / "operations.test.cjs"
HUGE: Final = 12 * 1024**3


@pytest.mark.skipif(not shutil.which("node"), reason="node is not on this machine")
def test_the_client_for_node_works(oss: RunningOss) -> None:
    assert NODE_MODULES.exists(), "run `make vendors` first"
    bucket = oss.bucket("frozen-assets")
    bucket.create_bucket()
    oss.do(lambda: oss.storage.seed(bucket.bucket_name, [GeneratedObject("huge", HUGE)]))
    done = subprocess.run(
        ["node", "--test", str(TESTS)],
        env=os.environ
        | {
            "NODE_PATH": str(NODE_MODULES),
            "OSS_URL": oss.url,
            "OSS_REGION": oss.region,
            "OSS_KEY": oss.root.access_key_id,
            "OSS_SECRET": oss.root.secret,
            "OSS_HUGE": str(HUGE),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"^# pass 18$", done.stdout, re.MULTILINE), done.stdout
