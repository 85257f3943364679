"""Operations on objects."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from localcloud.errors import CloudError
from localcloud.http import Response
from localcloud.oss.call import Call, xml_response
from localcloud.oss.errors import (
    invalid_argument,
    malformed_xml,
    not_implemented,
)
from localcloud.oss.httptime import http_date, iso_date
from localcloud.oss.model import ObjectType, StorageClass, StoredObject
from localcloud.oss.restore import read_restore_request, restore_info
from localcloud.oss.store import check_key, check_version_id, read_storage_class
from localcloud.oss.xml import MalformedXmlError, child, element, parse, render, text, url_encode

_FROZEN_READ: Final = "0016-00000404"
_FROZEN_COPY: Final = "0016-00000330"
_KEPT_HEADERS: Final = frozenset(
    {
        "content-type",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "expires",
        "x-oss-server-side-encryption",
    }
)
_DEFAULT_HEADERS: Final = {"content-type": "application/octet-stream"}
_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_COPY_SOURCE: Final = re.compile(r"/?([^/?]+)/([^?]+)(?:\?versionId=(.*))?")
_MADE_UP_AT_MOST: Final = 256 * 1024 * 1024
_DELETED_AT_MOST: Final = 1000  # docs deletemultipleobjects


def _kept_headers(call: Call) -> dict[str, str]:
    encryption = call.header("x-oss-server-side-encryption")
    if encryption not in {None, "AES256"}:
        raise not_implemented(f"encryption by {encryption}")
    return _DEFAULT_HEADERS | {
        name: value
        for name, value in call.request.headers.items()
        if name in _KEPT_HEADERS or name.startswith("x-oss-meta-")
    }


def _wanted_class(call: Call) -> StorageClass | None:
    text = call.header("x-oss-storage-class")
    return None if text is None else read_storage_class(text)


def _check_overwrite(call: Call) -> None:
    forbidden = call.header("x-oss-forbid-overwrite") == "true"
    if forbidden and call.bucket.objects.get(call.key) is not None:
        raise CloudError(
            "FileAlreadyExists", "The object you specified already exists and is not writable.", 409
        )


def put_object(call: Call) -> Response:
    """PutObject: a new version in a bucket that keeps them."""
    _check_overwrite(call)
    stored = call.store.put_object(
        call.bucket_name,
        call.key,
        call.request.body,
        storage_class=_wanted_class(call),
        headers=_kept_headers(call),
    )
    return Response(200, {"etag": stored.etag(), **call.version_header()})


def append_object(call: Call) -> Response:
    """AppendObject: only to objects that were made by it; makes no version (docs appendobject)."""
    stored = call.bucket.objects.get(call.key)
    position = call.query.get("position", "")
    if stored is not None and stored.type is not ObjectType.APPENDABLE:
        raise CloudError("ObjectNotAppendable", "The object is not appendable.", 409)
    length = 0 if stored is None else stored.size
    if position != str(length):
        raise CloudError(
            "PositionNotEqualToLength", f"Position {position!r} is not the length {length}.", 409
        )
    written = (
        call.store.put_object(
            call.bucket_name,
            call.key,
            call.request.body,
            headers=_kept_headers(call),
            kind=ObjectType.APPENDABLE,
        )
        if stored is None
        else _appended(call, stored)
    )
    headers = {"etag": written.etag(), "x-oss-next-append-position": str(written.size)}
    return Response(200, headers | call.version_header())


def _appended(call: Call, stored: StoredObject) -> StoredObject:
    body = stored.read(0, stored.size) + call.request.body
    longer = dataclasses.replace(
        stored, body=body, size=len(body), modified=int(call.store.now()), thaw=None
    )
    call.bucket.replace_current(call.key, longer)
    return longer


@dataclass(frozen=True, slots=True)
class _Found:
    """An object, and where its data is: a symlink stands for another one (docs headobject)."""

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
    data = found.data
    headers = {
        **data.headers,
        "etag": data.etag(),
        "last-modified": http_date(data.modified),
        "accept-ranges": "bytes",
        "x-oss-object-type": found.stored.type.value,
        "x-oss-storage-class": data.storage_class.value,
    }
    info = restore_info(data, call.store.now())
    if info:
        headers["x-oss-restore"] = info
    return headers | call.version_header()


def _requested_range(call: Call, size: int) -> tuple[int, int] | None:
    """The bytes asked for, as start and end; a range that makes no sense asks for all (docs)."""
    match = _RANGE.fullmatch(call.header("range") or "")
    if match is None or match.group() == "bytes=-":
        return None
    first, last = match.groups()
    if first:
        start, end = int(first), min(size, int(last or size) + 1)
    else:
        start, end = max(0, size - int(last)), size
    return (start, end) if start < end else None


def get_object(call: Call) -> Response:
    """GetObject, whole or one range."""
    found = _find(call)
    call.store.thawer.require_readable(
        found.data, ec=_FROZEN_READ, direct_read=call.bucket.archive_direct_read
    )
    size = found.data.size
    wanted = _requested_range(call, size)
    start, end = wanted or (0, size)
    if found.data.body is None and end - start > _MADE_UP_AT_MOST:
        raise not_implemented(
            f"a made-up body of {end - start} bytes; ask for ranges of {_MADE_UP_AT_MOST} at most"
        )
    headers = _object_headers(call, found)
    if wanted:
        headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
    return Response(206 if wanted else 200, headers, found.data.read(start, end))


def head_object(call: Call) -> Response:
    """HeadObject: needs no thaw."""
    found = _find(call)
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


def delete_object(call: Call) -> Response:
    """DeleteObject: what is not there is fine."""
    touched = call.store.delete_object(call.bucket_name, call.key, call.query.get("versionId"))
    if touched is None:
        return Response(204)
    headers = {"x-oss-version-id": touched.id}
    if touched.stored is None:
        headers["x-oss-delete-marker"] = "true"
    return Response(204, headers)


def delete_multiple_objects(call: Call) -> Response:
    """DeleteMultipleObjects: every key is authorized by itself; deletes all of them or none."""
    try:
        document = parse(call.request.body, root="Delete")
    except MalformedXmlError as error:
        raise malformed_xml(str(error)) from error
    wanted = [
        (node.findtext("Key") or "", node.findtext("VersionId"))
        for node in document.findall("Object")
    ]
    if not 1 <= len(wanted) <= _DELETED_AT_MOST:
        raise malformed_xml(f"There must be 1 to {_DELETED_AT_MOST} keys.")
    for key, version_id in wanted:
        if version_id is None:
            call.allow("oss:DeleteObject", call.bucket_name, key)
        else:
            call.allow("oss:DeleteObjectVersion", call.bucket_name, key)
            check_version_id(version_id)
    touched = [call.store.delete_object(call.bucket_name, *entry) for entry in wanted]
    if document.findtext("Quiet") == "true":
        return Response(200)
    root = element("DeleteResult")
    encoded = call.query.get("encoding-type") == "url"
    if encoded:
        text(root, "EncodingType", "url")
    for (key, version_id), version in zip(wanted, touched, strict=True):
        node = child(root, "Deleted")
        text(node, "Key", url_encode(key) if encoded else key)
        if version_id is not None:
            text(node, "VersionId", version_id)
        if version is not None and version.stored is None:
            text(node, "DeleteMarker", "true")
            text(node, "DeleteMarkerVersionId", version.id)
    return xml_response(render(root))


def copy_object(call: Call) -> Response:
    """CopyObject; onto itself it changes class, and metadata if told to (oss2's tests)."""
    _check_overwrite(call)
    match = _COPY_SOURCE.fullmatch(call.header("x-oss-copy-source") or "")
    if match is None:
        raise invalid_argument("x-oss-copy-source must be /bucket/key[?versionId=ID].")
    source_bucket, source_key, version_id = match[1], unquote(match[2]), match[3]
    call.allow("oss:GetObject", source_bucket, source_key)
    if version_id is not None:
        call.allow("oss:GetObjectVersion", source_bucket, source_key)
    source = call.store.get_object(source_bucket, source_key, version_id)
    source_id = version_id or call.store.get_bucket(source_bucket).current_id(source_key)
    call.store.thawer.require_readable(source, ec=_FROZEN_COPY)
    onto_itself = (source_bucket, source_key) == (call.bucket_name, call.key)
    replace = call.header("x-oss-metadata-directive") == "REPLACE"
    copy = dataclasses.replace(
        source,
        type=ObjectType.NORMAL if source.type is ObjectType.APPENDABLE else source.type,
        storage_class=_wanted_class(call)
        or (source.storage_class if onto_itself else call.bucket.storage_class),
        modified=int(call.store.now()),
        headers=_kept_headers(call) if replace else source.headers,
        thaw=None,
    )
    check_key(call.key)
    call.bucket.write(call.key, copy, call.store.new_version_id)
    root = element("CopyObjectResult")
    text(root, "LastModified", iso_date(copy.modified))
    text(root, "ETag", copy.etag())
    response = xml_response(render(root))
    source_header = {"x-oss-copy-source-version-id": source_id} if source_id else {}
    return dataclasses.replace(
        response, headers={**response.headers, **call.version_header(), **source_header}
    )


def put_symlink(call: Call) -> Response:
    """PutSymlink: that the target exists is not checked (docs putsymlink)."""
    target = unquote(call.header("x-oss-symlink-target") or "")
    check_key(target)
    stored = call.store.put_symlink(
        call.bucket_name,
        call.key,
        target,
        storage_class=_wanted_class(call),
        headers=_kept_headers(call),
    )
    return Response(200, {"etag": stored.etag(), **call.version_header()})


def get_symlink(call: Call) -> Response:
    """GetSymlink: where it points."""
    stored = call.object
    if stored.type is not ObjectType.SYMLINK:
        raise CloudError("NotSymlink", "The object is not a symlink.", 400)
    headers = {
        "x-oss-symlink-target": quote(stored.target, safe=""),
        "etag": stored.etag(),
        "last-modified": http_date(stored.modified),
        **call.version_header(),
    }
    return Response(200, headers)


def restore_object(call: Call) -> Response:
    """RestoreObject."""
    stored = call.object
    request = read_restore_request(call.request.body)
    accepted = call.store.thawer.restore(stored, request, owner=call.bucket.owner)
    headers = {"x-oss-object-restore-priority": accepted.tier.value} if accepted.tier else {}
    return Response(accepted.status, headers | call.version_header())


def clean_restored_object(call: Call) -> Response:
    """CleanRestoredObject."""
    return Response(call.store.thawer.clean(call.object), call.version_header())
