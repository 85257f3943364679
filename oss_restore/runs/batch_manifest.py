"""A manifest for OSS Batch Operations: bucket, key and, if given, version.

Keys are percent-encoded. There is no header, which Batch Operations would treat as an invalid row.
A run of this project accepts the same file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import TextIO
from urllib.parse import quote

from thaw.lookup import ObjectName


def write(rows: Iterable[ObjectName], bucket: str, file: TextIO, *, versions: bool) -> int:
    """Write a manifest, and return its number of rows.

    Args:
        rows: the objects.
        bucket: name of their bucket.
        file: file to write to.
        versions: whether to write version ids as a third column.
    """
    writer, count = csv.writer(file, lineterminator="\n"), 0
    for key, version in rows:
        writer.writerow((bucket, quote(key), version) if versions else (bucket, quote(key)))
        count += 1
    return count
