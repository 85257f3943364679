"""PutObject, GetObject, HeadObject, RestoreObject and CleanRestoredObject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from localcloud.errors import CloudError
from localcloud.http import Response
from localcloud.oss.access import ANONYMOUS
from localcloud.oss.call import Call
from localcloud.oss.compression import compress, compresses
from localcloud.oss.conditions import CONDITIONS, check_conditions
from localcloud.oss.content import chunks
from localcloud.oss.errors import invalid_argument
from localcloud.oss.httptime import http_date
from localcloud.oss.model import ObjectType, StoredObject
from localcloud.oss.operations.writing import (
    ATTRIBUTES,
    OVERWRITE,
    check_overwrite,
    read_attributes,
    write_object,
    written,
)
from localcloud.oss.ranges import requested_range
from localcloud.oss.restore import read_restore_request
from localcloud.oss.route import object_route

_FROZEN_READ: Final = "0016-00000404"
_HELD_AT_MOST: Final = 8 * 1024 * 1024  # bytes; longer bodies are sent in chunks
_RESPONSE: Final = "response-"  # prefix of parameters that override a response header
_OVERRIDES: Final = " ".join(
    f"{_RESPONSE}{header}"
    for header in (
        *("content-type", "content-language", "expires", "cache-control"),
        *("content-disposition", "content-encoding"),
    )
)


@object_route("PutObject", "PUT", headers=f"{ATTRIBUTES} {OVERWRITE}")
def put_object(call: Call) -> Response:
    """PutObject: creates a new version in a bucket that keeps versions."""
    check_overwrite(call)
    return written(call, write_object(call, read_attributes(call), call.request.body))


@dataclass(frozen=True, slots=True)
class _Resolved:
    """An object, and the object with its data: for a symlink, the target (docs headobject)."""

    stored: StoredObject
    data: StoredObject


def _resolve(call: Call) -> _Resolved:
    stored = call.object
    if stored.type is not ObjectType.SYMLINK:
        return _Resolved(stored, stored)
    data = call.bucket.objects.get(stored.target)
    if data is None:
        raise CloudError("SymlinkTargetNotExist", "The symlink's target does not exist.", 404)
    if data.type is ObjectType.SYMLINK:
        raise CloudError("InvalidTargetType", "The symlink's target is a symlink.", 400)
    return _Resolved(stored, data)


def _object_headers(call: Call, resolved: _Resolved) -> dict[str, str]:
    """Return an object's headers: a symlink's metadata with its target's data (docs headobject)."""
    stored, data = resolved.stored, resolved.data
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
    """Return the overridden response headers, which require a signature (assumed, as in S3)."""
    overrides = {
        name.removeprefix(_RESPONSE): value
        for name, value in call.query.items()
        if name.startswith(_RESPONSE)
    }
    for name, value in overrides.items():
        if not value.isprintable():  # could inject another header
            raise invalid_argument(
                f"{_RESPONSE}{name} contains characters that are not allowed in a header."
            )
    if overrides and call.access.principal is ANONYMOUS:
        raise CloudError(
            "InvalidRequest", f"{_RESPONSE}{next(iter(overrides))} requires a signed request.", 400
        )
    return overrides


@object_route(
    "GetObject",
    "GET",
    has_versions=True,
    parameters=_OVERRIDES,
    headers=f"{CONDITIONS} range x-oss-range-behavior",
    ignores_parameters=True,
)
def get_object(call: Call) -> Response:
    """GetObject: the whole object or a range."""
    behavior = call.header("x-oss-range-behavior") or ""
    if behavior not in {"", "standard"}:
        raise invalid_argument(f"x-oss-range-behavior can only be 'standard', not {behavior!r}.")
    overrides = _overrides(call)
    resolved = _resolve(call)
    check_conditions(call.request.headers, resolved.data)
    call.store.thawer.require_readable(
        resolved.data, ec=_FROZEN_READ, direct_read=call.bucket.archive_direct_read
    )
    size = resolved.data.size
    byte_range = requested_range(call.header("range") or "", size, standard=bool(behavior))
    start, end = byte_range or (0, size)
    headers = _object_headers(call, resolved) | overrides
    if byte_range:
        headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
        headers.pop("content-md5", None)  # covers the whole object
    elif compresses(call.header("accept-encoding") or "", headers, size):
        headers["content-encoding"] = "gzip"
        headers.pop("content-md5", None)  # covers the uncompressed object
        content = chunks(resolved.data.data, 0, size)
        return Response(200, headers, chunks=compress(content), chunked=True)
    status = 206 if byte_range else 200
    if end - start <= _HELD_AT_MOST:
        return Response(status, headers, resolved.data.read(start, end))
    content = chunks(resolved.data.data, start, end)
    return Response(status, headers, chunks=content, content_length=end - start)


@object_route("HeadObject", "HEAD", action="oss:GetObject", has_versions=True, headers=CONDITIONS)
def head_object(call: Call) -> Response:
    """HeadObject: needs no thaw."""
    resolved = _resolve(call)
    check_conditions(call.request.headers, resolved.data)
    return Response(200, _object_headers(call, resolved), content_length=resolved.data.size)


@object_route("GetObjectMeta", "HEAD", "objectMeta", action="oss:GetObject", has_versions=True)
def get_object_meta(call: Call) -> Response:
    """GetObjectMeta: needs no thaw."""
    resolved = _resolve(call)
    headers = {
        "etag": resolved.data.etag(),
        "last-modified": http_date(resolved.data.modified),
        **call.version_header(),
    }
    return Response(200, headers, content_length=resolved.data.size)


@object_route("RestoreObject", "POST", "restore", has_versions=True)
def restore_object(call: Call) -> Response:
    """RestoreObject."""
    stored = call.object
    request = read_restore_request(call.request.body)
    accepted = call.store.thawer.restore(stored, request, owner=call.bucket.owner)
    headers = {"x-oss-object-restore-priority": accepted.tier.value} if accepted.tier else {}
    return Response(accepted.status, headers | call.version_header())


@object_route("CleanRestoredObject", "POST", "cleanRestoredObject", has_versions=True)
def clean_restored_object(call: Call) -> Response:
    """CleanRestoredObject."""
    return Response(call.store.thawer.clean(call.object), call.version_header())
