"""Measures how many RestoreObject calls a second the local OSS serves.

``python -m tests.localcloud.oss.load`` prints a JSON object. The requests are signed in advance,
with version 4 and a role's temporary keys, and sent by a separate process over persistent
connections, so that only the server is measured.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, urlsplit

import oss2

from localcloud.oss import GeneratedObject
from localcloud.oss.model import StorageClass
from tests.localcloud.oss.running import RunningOss, running_oss

BUCKET: Final = "load"
POLICY: Final = json.dumps(
    {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["oss:ListObjects", "oss:GetObject", "oss:RestoreObject"],
                "Resource": [f"acs:oss:*:*:{BUCKET}", f"acs:oss:*:*:{BUCKET}/archive/*"],
            },
            {
                "Effect": "Allow",
                "Action": ["oss:PutObject"],
                "Resource": ["acs:oss:*:*:reports/ledger/*"],
            },
        ],
    }
)
_BODY: Final = (
    b"<RestoreRequest><Days>2</Days><JobParameters><Tier>Bulk</Tier></JobParameters>"
    b"</RestoreRequest>"
)


def signed_restores(oss: RunningOss, keys: Sequence[str]) -> list[bytes]:
    """Return a RestoreObject request for each key, as bytes to send."""
    auth = oss.bucket(BUCKET, credential=oss.role_credential(POLICY)).auth
    signed = []
    for key in keys:
        path = f"/{BUCKET}/{quote(key, safe='')}"
        request = oss2.http.Request(
            "POST", oss.url + path, params={"restore": ""}, region=oss.region, product="oss"
        )
        auth._sign_request(request, BUCKET, key)
        lines = [
            f"POST {path}?restore= HTTP/1.1",
            f"Host: {urlsplit(oss.url).netloc}",
            f"Content-Length: {len(_BODY)}",
            *(f"{name}: {value}" for name, value in request.headers.items() if value),
        ]
        signed.append("\r\n".join([*lines, "", ""]).encode() + _BODY)
    return signed


async def _send(host: str, port: int, requests_: Sequence[bytes]) -> dict[bytes, int]:
    reader, writer = await asyncio.open_connection(host, port)
    statuses: dict[bytes, int] = {}
    for request in requests_:
        writer.write(request)
        answer = await reader.readuntil(b"\r\n\r\n")  # the whole request: there is no body
        status = answer[9:12]
        statuses[status] = statuses.get(status, 0) + 1
    writer.close()
    return statuses


def send_all(
    host: str, port: int, requests_: Sequence[bytes], connections: int
) -> tuple[float, dict[bytes, int]]:
    """Send the requests over so many connections; return seconds, and responses by status."""

    async def run() -> tuple[float, dict[bytes, int]]:
        started = time.perf_counter()
        shares = [requests_[i::connections] for i in range(connections)]
        totals: dict[bytes, int] = {}
        for statuses in await asyncio.gather(*(_send(host, port, share) for share in shares)):
            for status, count in statuses.items():
                totals[status] = totals.get(status, 0) + count
        return time.perf_counter() - started, totals

    return asyncio.run(run())


def restores_per_second(objects: int = 10_000, connections: int = 16) -> float:
    """Measure; raise ``RuntimeError`` if any call was not accepted."""
    with running_oss() as oss:
        keys = [f"archive/2024/{i:07d}.tar.gz" for i in range(objects)]

        def seed() -> None:
            oss.storage.create_bucket(BUCKET, oss.core.settings.account_id)
            oss.storage.seed(
                BUCKET, (GeneratedObject(key, 1_000_000, StorageClass.COLD_ARCHIVE) for key in keys)
            )

        oss.do(seed)
        signed = signed_restores(oss, keys)
        url = urlsplit(oss.url)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            seconds, statuses = pool.apply(send_all, (url.hostname, url.port, signed, connections))
    if statuses != {b"202": objects}:
        raise RuntimeError(f"not every call was accepted: {statuses}")
    return objects / seconds


if __name__ == "__main__":
    print(json.dumps({"restores_per_second": round(restores_per_second())}))  # noqa: T201 - a script
