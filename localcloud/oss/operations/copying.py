"""CopyObject, and reading a source, which it shares with UploadPartCopy."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import unquote_plus

from localcloud.errors import CloudError
from localcloud.http import Response
from localcloud.oss.call import Call, xml_response
from localcloud.oss.conditions import CONDITIONS, check_conditions
from localcloud.oss.damage import damage_copy
from localcloud.oss.errors import invalid_argument
from localcloud.oss.httptime import iso_date
from localcloud.oss.model import ObjectType, StoredObject
from localcloud.oss.operations.writing import (
    ATTRIBUTES,
    OVERWRITE,
    check_overwrite,
    read_headers,
    read_object_acl,
    read_tags,
    written_headers,
)
from localcloud.oss.route import SOURCE, object_route
from localcloud.oss.store import read_storage_class
from localcloud.oss.xml import element, text

SOURCE_CONDITIONS: Final = " ".join(f"{SOURCE}-{name}" for name in CONDITIONS.split())
_SOURCE: Final = re.compile(r"/([^/?]+)/([^?]+)(?:\?versionId=(.*))?")  # EC 0042-00000301
_ENCRYPTED: Final = "x-oss-meta-client-side-encryption-"
_FROZEN: Final = "0016-00000330"
_MOST_ELSEWHERE: Final = 5 * 1024**3  # docs copyobject, like the next
_MOST_TO_ANOTHER_CLASS: Final = 1024**3


@dataclass(frozen=True, slots=True)
class Source:
    """The source of a copy."""

    bucket_name: str
    key: str
    version_id: str | None
    stored: StoredObject

    def header(self, call: Call) -> dict[str, str]:
        """Return the header with the source's version, in a bucket that keeps versions."""
        current = call.store.get_bucket(self.bucket_name).current_id(self.key)
        version_id = self.version_id or current
        return {"x-oss-copy-source-version-id": version_id} if version_id else {}


def read_source(call: Call) -> Source:
    """Return the object in ``x-oss-copy-source``, which the caller must be able to read.

    A ``+`` stands for a blank, as in a query: the Go SDK encodes it this way.

    Raises:
        CloudError: ``InvalidArgument``, ``AccessDenied``, ``NoSuchBucket``, ``NoSuchKey``,
            ``PreconditionFailed``, ``NotModified``, ``InvalidObjectState``.
    """
    match = _SOURCE.fullmatch(call.header(SOURCE) or "")
    if match is None:
        raise invalid_argument(f"{SOURCE} must be /bucket/key[?versionId=ID].")
    bucket_name, version_id = match[1], match[3]
    key = unquote_plus(match[2], errors="surrogateescape")
    call.access.require("oss:GetObject", bucket_name, key)
    if version_id is not None:
        call.access.require("oss:GetObjectVersion", bucket_name, key)
    stored = call.store.get_object(bucket_name, key, version_id)
    check_conditions(call.request.headers, stored, f"{SOURCE}-")
    call.store.thawer.require_readable(stored, ec=_FROZEN)
    return Source(bucket_name, key, version_id, stored)


@object_route(
    "CopyObject",
    "PUT",
    action="oss:PutObject",
    headers=f"{ATTRIBUTES} {OVERWRITE} {SOURCE_CONDITIONS} {SOURCE}"
    " x-oss-metadata-directive x-oss-tagging-directive",
    # ali-oss sends every header of a copy twice, once prefixed with x-oss-copy-source-.
    ignored=f"{CONDITIONS} {SOURCE}-*",
    copies=True,
)
def copy_object(call: Call) -> Response:
    """CopyObject; onto itself it changes the class, and on request the metadata (oss2's tests)."""
    check_overwrite(call)
    replaces_headers = _directive(call, "x-oss-metadata-directive") == "REPLACE"
    replaces_tags = _directive(call, "x-oss-tagging-directive") == "REPLACE"
    source = read_source(call)
    stored = source.stored
    onto_itself = (source.bucket_name, source.key) == (call.bucket_name, call.key)
    storage_class = read_storage_class(
        call.header("x-oss-storage-class")
        or (stored.storage_class if onto_itself else call.bucket.storage_class)
    )
    if stored.size > _MOST_TO_ANOTHER_CLASS and storage_class is not stored.storage_class:
        raise _too_large(_MOST_TO_ANOTHER_CLASS, "into another storage class")
    if stored.size > _MOST_ELSEWHERE and source.bucket_name != call.bucket_name:
        raise _too_large(_MOST_ELSEWHERE, "into another bucket")
    copy = dataclasses.replace(
        stored,
        type=ObjectType.SYMLINK if stored.type is ObjectType.SYMLINK else ObjectType.NORMAL,
        storage_class=storage_class,
        modified=call.now,
        headers=_replaced_headers(call, stored) if replaces_headers else stored.headers,
        thaw=None,
        acl=read_object_acl(call),
        tags=read_tags(call) if replaces_tags else _copied_tags(call, source),
    )
    copy = damage_copy(call.fault, copy)
    source_header = source.header(
        call
    )  # before the copy becomes the current version, possibly of the same key
    call.bucket.write(call.key, copy, call.store.new_version_id)
    root = element("CopyObjectResult")
    text(root, "LastModified", iso_date(copy.modified))
    text(root, "ETag", copy.etag())
    return xml_response(root, written_headers(call, copy) | source_header)


def _directive(call: Call, name: str) -> Literal["COPY", "REPLACE"]:
    value = call.header(name) or "COPY"
    match value.upper():
        case "COPY" | "REPLACE" as directive:
            return directive
        case _:
            raise invalid_argument(f"{name} must be COPY or REPLACE, not {value!r}.")


def _replaced_headers(call: Call, stored: StoredObject) -> dict[str, str]:
    """Return the caller's headers, and those of the source that they do not replace.

    The tests of alibabacloud_oss_v2 show that the encryption is kept, as is a content type that is
    not replaced.
    """
    headers = read_headers(call)
    if call.header("content-type") is None and "content-type" in stored.headers:
        headers["content-type"] = stored.headers["content-type"]
    kept = {name: value for name, value in stored.headers.items() if name.startswith(_ENCRYPTED)}
    return kept | headers


def _copied_tags(call: Call, source: Source) -> dict[str, str]:
    """Return the source's tags; copying them requires additional permissions.

    Documented for requests that set tags; assumed for others.
    """
    tags = dict(source.stored.tags)
    if tags:
        version = "" if source.version_id is None else "Version"
        action = f"oss:GetObject{version}Tagging"
        call.access.require(action, source.bucket_name, source.key)
        call.require("oss:PutObjectTagging")
    return tags


def _too_large(most: int, where: str) -> CloudError:
    """400: too large for one copy, use UploadPartCopy (docs copyobject, http-status-code-400)."""
    return CloudError(
        "EntityTooLarge",
        f"The source is larger than the {most // 1024**3} GB that CopyObject copies {where}.",
        400,
    )
