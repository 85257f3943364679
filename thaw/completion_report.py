"""The completion report: one CSV line per object, with S3 Batch Operations' columns.

As in that report, keys are URL-encoded, so that no key breaks a line; in addition, the first line
names the columns. ``ResultMessage`` starts with the outcome.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from itertools import chain
from typing import BinaryIO, Final
from urllib.parse import quote

from thaw.ledger import Part
from thaw.outcomes import FAILURES

COLUMNS: Final = (
    "Bucket",
    "Key",
    "VersionId",
    "TaskStatus",
    "ErrorCode",
    "HTTPStatusCode",
    "ResultMessage",
)


def write_report(parts: Iterable[Part], bucket: str, file: BinaryIO) -> None:
    """Write the report of the objects in some of a ledger's parts; the file stays open.

    Args:
        parts: the records of the objects; only a few parts are in memory at a time.
        bucket: the bucket of the objects.
        file: the file to write to.
    """
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for record in chain.from_iterable(part.records for part in parts):
        message = f": {record.message}" if record.message else ""
        writer.writerow(
            (
                bucket,
                quote(record.key),
                record.version_id,
                "failed" if record.outcome in FAILURES else "succeeded",
                record.error_code,
                record.http_status or "",
                record.outcome.value + message,
            )
        )
    text.flush()
    text.detach()
