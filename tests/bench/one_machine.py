"""The alternative to this product: ``python -m tests.bench.one_machine``.

A program on one machine near the bucket: one thread lists, a hundred send, failures are retried,
and then it lists until everything is readable. It keeps no record, and starts again after a crash.
Arguments: the endpoints file, the bucket, the prefix. It begins at a line on its standard input.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import oss2

from oss_restore.clients.control_api import ControlClient
from oss_restore.clients.target import read_endpoints

SENDERS: Final = 100
TRIES: Final = 5
# Seconds between two full listings.
POLL_SECONDS: Final = {"Archive": 10, "ColdArchive": 300, "DeepColdArchive": 1800}
_IN_PROGRESS: Final = 409


def thaw(bucket: oss2.Bucket, prefix: str, control: ControlClient) -> int:
    """Thaw all archived objects under a prefix; return their number."""
    with ThreadPoolExecutor(SENDERS) as pool:
        sent = list(pool.map(lambda item: _send(bucket, item.key), _archived(bucket, prefix)))
    while slowest := [item for item in _archived(bucket, prefix) if not _is_readable(item)]:
        # time.sleep, on the cloud's clock
        control.advance(max(POLL_SECONDS[item.storage_class] for item in slowest))
    return len(sent)


def _archived(bucket: oss2.Bucket, prefix: str) -> Iterator[oss2.models.SimplifiedObjectInfo]:
    for item in oss2.ObjectIterator(bucket, prefix=prefix, max_keys=1000):
        if item.storage_class in POLL_SECONDS:
            yield item


def _is_readable(item: oss2.models.SimplifiedObjectInfo) -> bool:
    return 'ongoing-request="false"' in (item.restore_info or "")


def _send(bucket: oss2.Bucket, key: str) -> None:
    for attempt in range(TRIES):
        try:
            bucket.restore_object(key).resp.read()
        except oss2.exceptions.OssError as error:
            if error.status == _IN_PROGRESS:
                return
            if attempt + 1 == TRIES:
                raise
            time.sleep(2**attempt / 10)
        else:
            return


def main(endpoints_file: str, bucket: str, prefix: str) -> None:
    """Open the bucket as an oss2 user does, and thaw it."""
    endpoints = read_endpoints(Path(endpoints_file))
    auth = oss2.AuthV4(endpoints.access_key_id, endpoints.access_key_secret)
    opened = oss2.Bucket(
        auth,
        endpoints.oss,
        bucket,
        region=endpoints.region,
        session=oss2.Session(pool_size=SENDERS),
    )
    control = ControlClient(endpoints)
    print("ready", flush=True)  # noqa: T201 - to whoever measures, and says when to begin
    sys.stdin.readline()
    thaw(opened, prefix, control)


if __name__ == "__main__":
    main(*sys.argv[1:])
