"""Checks a function's zip at upload, so that it can be unpacked later."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import Final

from localcloud.errors import CloudError

PACKAGE_BYTES: Final = (
    500 * 2**20
)  # docs quotas: 500 MB through OSS; 100 MB through the API, see api.py
_UNPACKED_BYTES: Final = 2**30  # assumed, like the next one
_ENTRIES: Final = 100_000
_NAME_BYTES: Final = 255  # file systems' limit for each part of a name
_ENCRYPTED: Final = 0x1
_CHUNK: Final = 2**20


def check_package(code: bytes) -> None:
    """Refuse a zip that cannot be unpacked safely.

    Raises:
        CloudError: ``InvalidArgument``, naming the entry and the problem.
    """
    if len(code) > PACKAGE_BYTES:
        raise _refusal(f"is over {PACKAGE_BYTES} bytes")
    try:
        with zipfile.ZipFile(io.BytesIO(code)) as archive:
            entries = archive.infolist()
            _check_size(entries)
            _check_names(entries)
            for entry in entries:
                _read_through(archive, entry)
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        NotImplementedError,
        OSError,
        ValueError,
    ) as error:
        raise _refusal(f"is not a zip file that can be unpacked: {error}") from error


def _check_size(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > _ENTRIES:
        raise _refusal(f"has over {_ENTRIES} entries")
    # zipfile never reads more of an entry than it declares, and verifies the checksum.
    if sum(entry.file_size for entry in entries) > _UNPACKED_BYTES:
        raise _refusal(f"unpacks to over {_UNPACKED_BYTES} bytes")


def _check_names(entries: list[zipfile.ZipInfo]) -> None:
    files: set[PurePosixPath] = set()
    folders: set[PurePosixPath] = set()
    for entry in entries:
        path = PurePosixPath(entry.filename)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            raise _refusal(f"has the entry {entry.filename!r}, which is outside of the code")
        if any(len(part.encode(errors="replace")) > _NAME_BYTES for part in path.parts):
            raise _refusal(f"has an entry whose name is over {_NAME_BYTES} bytes")
        if entry.flag_bits & _ENCRYPTED:
            raise _refusal(f"has the encrypted entry {entry.filename!r}")
        if entry.is_dir():
            folders.add(path)
        elif path in files:
            raise _refusal(f"has the entry {entry.filename!r} twice")
        else:
            files.add(path)
        folders.update(path.parents)
    if both := files & folders:
        raise _refusal(f"has {str(min(both))!r} both as a file and as a folder")


def _read_through(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    with archive.open(entry) as content:
        while content.read(_CHUNK):
            pass


def _refusal(reason: str) -> CloudError:
    return CloudError("InvalidArgument", f"The function's code {reason}.")
