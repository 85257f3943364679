"""PutSymlink and GetSymlink."""

from __future__ import annotations

from urllib.parse import quote, unquote_plus

from localcloud.errors import CloudError
from localcloud.http import Response
from localcloud.oss.call import Call
from localcloud.oss.errors import missing_argument
from localcloud.oss.httptime import http_date
from localcloud.oss.model import ObjectType
from localcloud.oss.operations.writing import (
    ATTRIBUTES,
    OVERWRITE,
    check_overwrite,
    read_attributes,
    write_object,
    written_headers,
)
from localcloud.oss.route import object_route
from localcloud.oss.store import check_key

_TARGET = "x-oss-symlink-target"


@object_route(
    "PutSymlink",
    "PUT",
    "symlink",
    action="oss:PutObject",
    headers=f"{ATTRIBUTES} {OVERWRITE} {_TARGET}",
)
def put_symlink(call: Call) -> Response:
    """PutSymlink: does not check that the target exists (docs putsymlink)."""
    target = call.header(_TARGET)
    if not target:
        raise missing_argument(_TARGET)
    target = unquote_plus(target, errors="surrogateescape")
    check_key(target)
    check_overwrite(call)
    attributes = read_attributes(call)
    stored = write_object(call, attributes, b"", kind=ObjectType.SYMLINK, target=target)
    return Response(200, written_headers(call, stored))


@object_route("GetSymlink", "GET", "symlink", action="oss:GetObject", has_versions=True)
def get_symlink(call: Call) -> Response:
    """GetSymlink: returns the target and the symlink's metadata."""
    stored = call.object
    if stored.type is not ObjectType.SYMLINK:
        raise CloudError("NotSymlink", "The object is not a symlink.", 400)
    headers = {
        **stored.headers,
        _TARGET: quote(stored.target, safe="", errors="surrogateescape"),
        "etag": stored.etag(),
        "last-modified": http_date(stored.modified),
        **call.version_header(),
    }
    return Response(200, headers)
