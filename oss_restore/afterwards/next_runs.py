"""Runs that follow from a run: the same again, for what failed, for longer, or faster."""

from __future__ import annotations

import os.path
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from io import TextIOWrapper
from typing import Any, BinaryIO, Final

from functions.contract import RunInput
from functions.ledger import Ledger, LostRange, Part
from functions.store import Store
from oss_restore.afterwards import batch_manifest
from oss_restore.afterwards.batch_manifest import Row
from oss_restore.afterwards.scope import objects_in

RETRIED: Final = "retry.csv"  # in the new run's folder: what it is to thaw

# What a listing needs, and a manifest refuses.
_OF_LISTINGS: Final = ("marker", "until", "prefixes", "shards")


@dataclass(frozen=True)
class Retried:
    """What a manifest names.

    Attributes:
        objects: rows.
        ranges: ranges of keys that were lost, and whose objects were listed for it.
    """

    objects: int
    ranges: int


def again(given: Mapping[str, Any], **changes: object) -> dict[str, Any]:
    """A run's input with changes, by JSON names; what is None in it is left to the defaults."""
    return {name: value for name, value in {**given, **changes}.items() if value is not None}


def over_manifest(given: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A run's input over a manifest in the report bucket, in place of what it listed."""
    kept = {name: value for name, value in given.items() if name not in _OF_LISTINGS}
    if prefixes := given.get("prefixes"):
        kept["prefix"] = os.path.commonprefix(prefixes)  # noqa: RUF071 - keys are no paths
    return again(kept, manifest={"bucket": "", "key": key, "format": "csv"})


def write_retried(parts: Iterable[Part], run: RunInput, source: Store, ledger: Ledger) -> Retried:
    """Writes the manifest of what failed into a new run's folder.

    Args:
        parts: of the ledger of the run before.
        run: its input.
        source: its bucket: what is in a range that was lost is listed there.
        ledger: the new run's.

    Raises:
        RunError: as the calls of ``source`` and ``ledger``.
    """
    with tempfile.TemporaryFile() as file:
        written = _write(parts, run, source, file)
        if written.objects:
            ledger.write(RETRIED, file)
    return written


def _write(parts: Iterable[Part], run: RunInput, source: Store, file: BinaryIO) -> Retried:
    ranges = 0

    def rows() -> Iterator[Row]:
        nonlocal ranges
        for part in parts:
            yield from ((record.key, record.version_id) for record in part.records)
            if part.lost is not None:
                ranges += 1
                yield from _rows_in(part.lost, run, source)

    text = TextIOWrapper(file, encoding="ascii", newline="")
    objects = batch_manifest.write(rows(), run.bucket_name, text, versions=run.versions == "all")
    text.flush()
    text.detach()
    return Retried(objects, ranges)


def _rows_in(lost: LostRange, run: RunInput, source: Store) -> Iterator[Row]:
    within = replace(run, prefixes=(), marker=lost.after, until=lost.until)
    for sighted in objects_in(source, within):
        yield sighted.listed.key, sighted.listed.version_id
