"""What one would write without this product: ``python -m tests.bench.loop``.

It lists a prefix, asks for one object after the other, then looks at one after the other until it
is readable. Arguments: the endpoints file, the bucket, the prefix. It begins at a line on its
standard input.
"""

from __future__ import annotations

import sys
from pathlib import Path

import oss2

from oss_restore.clients.control_api import ControlClient
from oss_restore.clients.target import read_endpoints

# Seconds between two looks at the same object: patient enough not to look thousands of times.
POLL_SECONDS = {"Archive": 10, "ColdArchive": 300, "DeepColdArchive": 900}


def thaw(bucket: oss2.Bucket, prefix: str, control: ControlClient) -> int:
    """Thaws everything that is archived under a prefix; returns how many objects that is."""
    archived = [
        (item.key, item.storage_class)
        for item in oss2.ObjectIterator(bucket, prefix=prefix, max_keys=1000)
        if item.storage_class in POLL_SECONDS
    ]
    for key, _ in archived:
        bucket.restore_object(key).resp.read()
    for key, storage_class in archived:
        while 'ongoing-request="false"' not in bucket.head_object(key).headers["x-oss-restore"]:
            control.advance(POLL_SECONDS[storage_class])  # time.sleep, on the cloud's clock
    return len(archived)


def main(endpoints_file: str, bucket: str, prefix: str) -> None:
    """Opens the bucket as an oss2 user does, and thaws it."""
    endpoints = read_endpoints(Path(endpoints_file))
    auth = oss2.AuthV4(endpoints.access_key_id, endpoints.access_key_secret)
    opened = oss2.Bucket(auth, endpoints.oss, bucket, region=endpoints.region)
    control = ControlClient(endpoints)
    print("ready", flush=True)  # noqa: T201 - to whoever measures, and says when to begin
    sys.stdin.readline()
    thaw(opened, prefix, control)


if __name__ == "__main__":
    main(*sys.argv[1:])
