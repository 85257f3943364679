"""The completion report: one CSV line per object, with S3 Batch Operations' columns.

As in that report, keys are URL-encoded, so that no key breaks a line; in addition, the first line
names the columns. ``ResultMessage`` starts with the outcome.
"""

from __future__ import annotations

import csv
import io
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


class Report:
    """Writes lines for a bucket's objects.

    Args:
        bucket: the bucket whose objects they are.
        file: where the lines go.
    """

    def __init__(self, bucket: str, file: BinaryIO) -> None:
        self._bucket = bucket
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
        self._csv = csv.writer(self._text, lineterminator="\n")
        self._csv.writerow(COLUMNS)

    def add(self, part: Part) -> None:
        """Add the objects of one part."""
        for record in part.records:
            message = f": {record.message}" if record.message else ""
            self._csv.writerow(
                (
                    self._bucket,
                    quote(record.key),
                    record.version_id,
                    "failed" if record.outcome in FAILURES else "succeeded",
                    record.error_code,
                    record.http_status or "",
                    record.outcome.value + message,
                )
            )

    def close(self) -> None:
        """Write out what is buffered; the file stays open."""
        self._text.flush()
        self._text.detach()
