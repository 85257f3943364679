"""The files of a manifest: a CSV, or those listed in the ``manifest.json`` of an OSS inventory."""

from __future__ import annotations

import codecs
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from thaw.errors import InvalidInput
from thaw.manifest.rows import CSV_SCHEMA
from thaw.run_input import ManifestInput
from thaw.store import Store

_LONGEST_LINE: Final = 1024 * 1024
_GZIP: Final = b"\x1f\x8b"
_GZIP_ONLY: Final = 31  # zlib's number for a gzip header and the longest window
_NEEDED: Final = ("Bucket", "Key")


@dataclass(frozen=True)
class ManifestFiles:
    """The files of a manifest.

    Attributes:
        keys: the keys of the files, in order.
        schema: the names of their columns.
    """

    keys: tuple[str, ...]
    schema: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return every field, under its JSON name."""
        return {"keys": list(self.keys), "schema": list(self.schema)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ManifestFiles:
        """Parse what :meth:`to_json` returned."""
        return cls(tuple(data["keys"]), tuple(data["schema"]))


def find_files(store: Store, manifest: ManifestInput) -> ManifestFiles:
    """Find the files of a manifest.

    Raises:
        InvalidInput: the manifest does not exist, or is not a valid inventory.
        RunError: as :func:`thaw.oss_errors.call`.
    """
    if not store.exists(manifest.key):
        raise InvalidInput(f"there is no manifest oss://{store.name}/{manifest.key}")
    if not manifest.is_inventory:
        return ManifestFiles((manifest.key,), CSV_SCHEMA)
    try:
        return _inventory(json.loads(store.get(manifest.key) or b""))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(
            f"oss://{store.name}/{manifest.key} is not the manifest.json of an OSS inventory:"
            f" {error!r}"
        ) from error


def _inventory(data: dict[str, Any]) -> ManifestFiles:
    if data["fileFormat"].upper() != "CSV":
        raise ValueError(f"fileFormat is {data['fileFormat']}, not CSV")
    schema = tuple(name.strip() for name in data["fileSchema"].split(","))
    for name in _NEEDED:
        if name not in schema:
            raise ValueError(f"fileSchema has no {name}")
    return ManifestFiles(tuple(file["key"] for file in data["files"]), schema)


def read_lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines of a file, plain or gzip; bytes that are not UTF-8 become lone surrogates.

    Raises:
        zlib.error: the file starts like gzip but is not.
        EOFError: the gzip data ends in the middle.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
    rest = ""
    for piece in _unzip(pieces):
        # splitlines would split at characters that are data in CSV.
        *lines, rest = (rest + decoder.decode(piece)).split("\n")
        for line in lines:
            yield line + "\n"
        if len(rest) > _LONGEST_LINE:  # not a CSV, which the reader of rows will report
            yield rest
            rest = ""
    rest += decoder.decode(b"", final=True)
    if rest:
        yield rest


def _unzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    pieces = iter(pieces)
    first = b""
    while len(first) < len(_GZIP):
        piece = next(pieces, b"")
        if not piece:
            break
        first += piece
    if first[: len(_GZIP)] != _GZIP:
        yield first
        yield from pieces
        return
    unzip = zlib.decompressobj(wbits=_GZIP_ONLY)
    for piece in chain([first], pieces):
        rest = piece
        while rest:
            if unzip.eof:  # a gzip file may have several members
                unzip = zlib.decompressobj(wbits=_GZIP_ONLY)
            yield unzip.decompress(rest)
            rest = unzip.unused_data
    if not unzip.eof:
        raise EOFError("the gzip data ends in the middle")
