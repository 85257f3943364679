"""PutObject, GetObject and HeadObject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from localcloud.errors import CloudError
from localcloud.http import Response
from localcloud.oss.access import ANONYMOUS
from localcloud.oss.call import Call
from localcloud.oss.compression import compressed, compresses
from localcloud.oss.conditions import check_conditions
from localcloud.oss.content import chunks
from localcloud.oss.errors import invalid_argument
from localcloud.oss.httptime import http_date
from localcloud.oss.model import ObjectType, StoredObject
from localcloud.oss.operations.writing import (
    check_overwrite,
    read_attributes,
    write_object,
    written,
)
from localcloud.oss.ranges import requested_range

_FROZEN_READ: Final = "0016-00000404"
_HELD_AT_MOST: Final = 8 * 1024 * 1024  # bytes; longer bodies are sent in chunks
_RESPONSE: Final = "response-"  # in front of a header's name: the answer's own value of it


def put_object(call: Call) -> Response:
    """PutObject: creates a new version in a bucket that keeps versions."""
    check_overwrite(call)
    return written(call, write_object(call, read_attributes(call), call.request.body))


@dataclass(frozen=True, slots=True)
class _Found:
    """An object, and the one with its data: for a symlink, its target (docs headobject)."""

    stored: StoredObject
    data: StoredObject


def _find(call: Call) -> _Found:
    stored = call.object
    if stored.type is not ObjectType.SYMLINK:
        return _Found(stored, stored)
    data = call.bucket.objects.get(stored.target)
    if data is None:
        raise CloudError("SymlinkTargetNotExist", "The symlink's target does not exist.", 404)
    if data.type is ObjectType.SYMLINK:
        raise CloudError("InvalidTargetType", "The symlink's target is a symlink.", 400)
    return _Found(stored, data)


def _object_headers(call: Call, found: _Found) -> dict[str, str]:
    """The headers of an object: a symlink's own metadata, its target's data (docs headobject)."""
    stored, data = found.stored, found.data
    headers = {
        **stored.headers,
        "etag": data.etag(),
        "last-modified": http_date(max(stored.modified, data.modified)),
        "accept-ranges": "bytes",
        "x-oss-object-type": stored.type.value,
        "x-oss-storage-class": data.storage_class.value,
        "x-oss-hash-crc64ecma": str(data.crc()),
        **call.store.thawer.header(data),
        **call.version_header(),
    }
    if data.content_md5:
        headers["content-md5"] = data.content_md5
    if stored.type is ObjectType.APPENDABLE:
        headers["x-oss-next-append-position"] = str(stored.size)
    if stored.tags:
        headers["x-oss-tagging-count"] = str(len(stored.tags))
    return headers


def _overrides(call: Call) -> dict[str, str]:
    """Response headers that the caller overrides; needs a signature (assumed, as in S3)."""
    overrides = {
        name.removeprefix(_RESPONSE): value
        for name, value in call.query.items()
        if name.startswith(_RESPONSE)
    }
    for name, value in overrides.items():
        if not value.isprintable():  # it would end the header, and begin another
            raise invalid_argument(f"{_RESPONSE}{name} holds characters that no header can.")
    if overrides and call.access.principal is ANONYMOUS:
        raise CloudError(
            "InvalidRequest", f"{_RESPONSE}{next(iter(overrides))} needs a signed request.", 400
        )
    return overrides


def get_object(call: Call) -> Response:
    """GetObject, whole or one range."""
    behavior = call.header("x-oss-range-behavior") or ""
    if behavior not in {"", "standard"}:
        raise invalid_argument(f"x-oss-range-behavior can only be 'standard', not {behavior!r}.")
    overrides = _overrides(call)
    found = _find(call)
    check_conditions(call.request.headers, found.data)
    call.store.thawer.require_readable(
        found.data, ec=_FROZEN_READ, direct_read=call.bucket.archive_direct_read
    )
    size = found.data.size
    wanted = requested_range(call.header("range") or "", size, standard=bool(behavior))
    start, end = wanted or (0, size)
    headers = _object_headers(call, found) | overrides
    if wanted:
        headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
        headers.pop("content-md5", None)  # it is the whole object's
    elif compresses(call.header("accept-encoding") or "", headers, size):
        headers["content-encoding"] = "gzip"
        headers.pop("content-md5", None)  # it is the object's as it is stored
        content = chunks(found.data.data, 0, size)
        return Response(200, headers, chunks=compressed(content), chunked=True)
    status = 206 if wanted else 200
    if end - start <= _HELD_AT_MOST:
        return Response(status, headers, found.data.read(start, end))
    content = chunks(found.data.data, start, end)
    return Response(status, headers, chunks=content, content_length=end - start)


def head_object(call: Call) -> Response:
    """HeadObject: needs no thaw."""
    found = _find(call)
    check_conditions(call.request.headers, found.data)
    return Response(200, _object_headers(call, found), content_length=found.data.size)


def get_object_meta(call: Call) -> Response:
    """GetObjectMeta: needs no thaw."""
    found = _find(call)
    headers = {
        "etag": found.data.etag(),
        "last-modified": http_date(found.data.modified),
        **call.version_header(),
    }
    return Response(200, headers, content_length=found.data.size)
