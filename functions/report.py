"""The completion report: one CSV line per object, with S3 Batch Operations' columns.

As in that report keys are URL-encoded, so that no key breaks a line; unlike it, the first line
names the columns. ``ResultMessage`` starts with the outcome's word.
"""

from __future__ import annotations

import csv
import io
from typing import BinaryIO, Final
from urllib.parse import quote

from functions.contract import FAILURES, OutcomeRecord

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
    """Writes a report of every object, and one of the failures.

    Args:
        bucket: the bucket whose objects they are.
        every: where all lines go.
        failures: where the lines of failed objects go.
    """

    def __init__(self, bucket: str, *, every: BinaryIO, failures: BinaryIO) -> None:
        self._bucket = bucket
        self._every = _Csv(every)
        self._failures = _Csv(failures)

    def add(self, record: OutcomeRecord) -> None:
        """Adds one object."""
        failed = record.outcome in FAILURES
        message = record.outcome.value + (f": {record.message}" if record.message else "")
        row = (
            self._bucket,
            quote(record.key),
            record.version_id,
            "failed" if failed else "succeeded",
            record.error_code,
            str(record.http_status or ""),
            message,
        )
        self._every.write(row)
        if failed:
            self._failures.write(row)

    def close(self) -> None:
        """Writes out what is buffered; the files stay open."""
        self._every.close()
        self._failures.close()


class _Csv:
    def __init__(self, file: BinaryIO) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
        self._writer = csv.writer(self._text, lineterminator="\n")
        self.write(COLUMNS)

    def write(self, row: tuple[str, ...]) -> None:
        self._writer.writerow(row)

    def close(self) -> None:
        self._text.flush()
        self._text.detach()
