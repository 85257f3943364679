"""AppendObject."""

from __future__ import annotations

import dataclasses
from typing import Final

from localcloud.errors import CloudError
from localcloud.http import Response
from localcloud.oss.call import Call
from localcloud.oss.checksums import combine
from localcloud.oss.content import Literal, join
from localcloud.oss.errors import PositionNotEqualToLengthError, missing_argument
from localcloud.oss.model import ObjectType, StorageClass, StoredObject, etag_of
from localcloud.oss.operations.writing import (
    ATTRIBUTES,
    read_attributes,
    write_object,
    written_headers,
)
from localcloud.oss.route import object_route

# Classes without appendable objects (docs appendobject; the error code is assumed).
_COLD: Final = frozenset({StorageClass.COLD_ARCHIVE, StorageClass.DEEP_COLD_ARCHIVE})


@object_route(
    "AppendObject",
    "POST",
    "append",
    action="oss:PutObject",
    parameters="position",
    headers=ATTRIBUTES,
)
def append_object(call: Call) -> Response:
    """AppendObject: only to appendable objects; creates no version (docs appendobject)."""
    stored = call.bucket.objects.get(call.key)
    position = call.query.get("position")
    if position is None:
        raise missing_argument("position")
    if stored is not None and stored.type is not ObjectType.APPENDABLE:
        raise CloudError("ObjectNotAppendable", "The object is not appendable.", 409)
    length = 0 if stored is None else stored.size
    if position != str(length):
        raise PositionNotEqualToLengthError(position, length)
    written = _begin(call) if stored is None else _append(call, stored)
    headers = {
        **written_headers(call, written),
        "x-oss-next-append-position": str(written.size),
    }
    return Response(200, headers)


def _begin(call: Call) -> StoredObject:
    attributes = read_attributes(call)
    if attributes.storage_class in _COLD:
        raise CloudError(
            "OperationNotSupported",
            f"{attributes.storage_class} does not support appendable objects.",
            400,
        )
    begun = write_object(call, attributes, call.request.body, kind=ObjectType.APPENDABLE)
    begun.content_md5 = ""
    return begun


def _append(call: Call, stored: StoredObject) -> StoredObject:
    more = Literal(call.request.body)
    content = join([stored.data, more])
    longer = dataclasses.replace(
        stored,
        content=content,
        size=content.size,
        modified=call.now,
        thaw=None,
        written_etag=etag_of(content.md5()),
        crc64=combine(stored.crc(), more.crc64(), more.size),
    )
    call.bucket.replace_current(call.key, longer)
    return longer
