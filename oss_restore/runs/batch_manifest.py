"""A manifest for OSS Batch Operations: bucket, key and, if given, version.

Keys are percent-encoded. There is no header, which Batch Operations would treat as an invalid row.
A run of this project accepts the same file.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator
from typing import TextIO
from urllib.parse import quote

from oss_restore.runs.scope_listing import objects_in
from thaw.classification import State
from thaw.ledger import Ledger
from thaw.ledger_reading import walk
from thaw.lookup import ObjectName
from thaw.outcomes import Outcome
from thaw.run_input import RunInput
from thaw.store import Store


def rows_of_run(ledger: Ledger, outcomes: Collection[Outcome]) -> Iterator[ObjectName]:
    """Yield the objects of a run with these outcomes.

    Raises:
        RunError: as the ledger's calls.
    """
    for part in walk(ledger):
        for record in part.records:
            if record.outcome in outcomes:
                yield record.name


def frozen_objects(store: Store, run: RunInput) -> Iterator[ObjectName]:
    """Yield the archived objects of a bucket that are neither readable nor thawing.

    Args:
        store: the bucket.
        run: input of a run, for its scope.

    Raises:
        RunError: as the store's calls.
    """
    for listed in objects_in(store, run, State.FROZEN):
        yield listed.key, listed.version_id


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
