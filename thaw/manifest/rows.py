"""Read the rows of a manifest: a CSV of objects, or the files of an OSS inventory.

Keys are percent-encoded, as in the manifests of batch operations and in inventories. A ``+`` is a
plus (assumed: the documentation only says "URL-encoded"). Rows that name no object of the run are
recorded: one wrong row must not keep a million objects frozen.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from thaw.json_reader import MAX_KEY_BYTES
from thaw.run_input import RunInput

CSV_SCHEMA: Final = ("Bucket", "Key", "VersionId")

_FIELD_CHARACTERS: Final = 64 * 1024  # the longest key, encoded, has 3 * 1023
_TEXT_CHARACTERS: Final = 200  # characters of a wrong row that are recorded


class Row(NamedTuple):
    """An object that a manifest names.

    Attributes:
        version_id: the object's version; empty for the current one.
    """

    key: str
    version_id: str = ""


@dataclass(frozen=True)
class WrongRow:
    """A row that names no object of the run.

    Attributes:
        row: the row's number in its file, from 1.
        problem: the problem, one of a few texts.
        text: the beginning of the row.
        harmless: whether no object is missed because of it, as with a header.
        advice: what to do; empty if that is obvious.
    """

    row: int
    problem: str
    text: str
    harmless: bool = False
    advice: str = ""


class _RowRefusedError(Exception):
    """A row names no object of the run."""

    def __init__(self, problem: str, *, harmless: bool = False, advice: str = "") -> None:
        super().__init__(problem)
        self.harmless = harmless
        self.advice = advice


@dataclass(frozen=True)
class RowReader:
    """Reads the rows of one run.

    Args:
        bucket: the run's bucket.
        schema: names of the columns, spelled as in an inventory; further columns are ignored.
        versions: whether the run includes older versions.
        prefix: the prefix of the run's keys.
    """

    bucket: str
    schema: Sequence[str] = CSV_SCHEMA
    versions: bool = False
    prefix: str = ""

    @classmethod
    def of(cls, run: RunInput, schema: Sequence[str]) -> RowReader:
        """Make a reader of a run's rows with these columns."""
        return cls(run.bucket_name, schema, run.versions == "all", run.prefix)

    def read(self, lines: Iterable[str]) -> Iterator[Row | WrongRow]:
        """Yield the rows of a file.

        Args:
            lines: the lines of the file; bytes that are not UTF-8 are lone surrogates.
        """
        csv.field_size_limit(_FIELD_CHARACTERS)
        reader = csv.reader(lines)
        number = 0
        while True:
            number += 1
            try:
                fields = next(reader)
                if fields:
                    yield self._row(dict(zip(self.schema, fields, strict=False)))
            except StopIteration:
                return
            except _RowRefusedError as refused:
                text = ",".join(fields).encode("utf-8", "backslashreplace").decode()
                yield WrongRow(
                    number,
                    str(refused),
                    text[:_TEXT_CHARACTERS],
                    refused.harmless,
                    refused.advice,
                )
            except csv.Error as error:
                yield WrongRow(number, "is no CSV", str(error)[:_TEXT_CHARACTERS])

    def _row(self, fields: dict[str, str]) -> Row:
        if fields.get("Bucket", "").lower() == "bucket" and fields.get("Key", "").lower() == "key":
            raise _RowRefusedError("is a header", harmless=True)
        if fields.get("Bucket") != self.bucket:
            raise _RowRefusedError(f"is of another bucket than {self.bucket}")
        if fields.get("IsDeleteMarker", "").lower() == "true":
            raise _RowRefusedError("is a delete marker", harmless=True)
        key = _key(fields.get("Key", ""))
        if not key.startswith(self.prefix):
            raise _RowRefusedError("is not below the prefix of the run", harmless=True)
        return Row(key, self._version_id(fields))

    def _version_id(self, fields: dict[str, str]) -> str:
        is_latest, version_id = fields.get("IsLatest", "").lower(), fields.get("VersionId", "")
        if is_latest == "true" and not self.versions:
            return ""
        if is_latest == "false" and not (self.versions and version_id):
            raise _RowRefusedError("is not the current version", harmless=True)
        if version_id and not self.versions:
            raise _RowRefusedError(
                "names a version, and the run is about current versions",
                advice="thaw versions with `versions: all`, on the command line --versions all",
            )
        return version_id


def _key(encoded: str) -> str:
    try:
        key = unquote_to_bytes(encoded.encode("utf-8", "surrogateescape")).decode()
    except UnicodeDecodeError:
        raise _RowRefusedError("has a key that is not UTF-8") from None
    if not 1 <= len(key.encode()) <= MAX_KEY_BYTES or key[0] in "/\\":
        raise _RowRefusedError("has a key that no object can have")
    return key
