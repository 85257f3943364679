"""The routes of operations on objects and multipart uploads."""

from __future__ import annotations

from typing import Final

from localcloud.oss.call import Operation
from localcloud.oss.operations import (
    acls,
    appending,
    copying,
    deleting,
    multipart,
    objects,
    symlinks,
    tags,
    thawing,
)
from localcloud.oss.routing import Level, Route, names

_NOTHING: Final[frozenset[str]] = frozenset()
_RESPONSE: Final = names(
    """
    response-content-type response-content-language response-expires response-cache-control
    response-content-disposition response-content-encoding
    """
)
_CONDITIONS: Final = names("if-match if-none-match if-modified-since if-unmodified-since")
_SOURCE_CONDITIONS: Final = frozenset(f"{copying.SOURCE}-{name}" for name in _CONDITIONS)
_OVERWRITE: Final = names("x-oss-forbid-overwrite")
_ATTRIBUTES: Final = names(
    """
    x-oss-storage-class x-oss-object-acl x-oss-tagging x-oss-server-side-encryption x-oss-meta-*
    """
)
# oss2's resumable uploads repeat the first request's headers in all other requests.
_IGNORED_BY_UPLOADS: Final = _ATTRIBUTES | _OVERWRITE | names("x-oss-complete-all")

# ali-oss sends every header of a copy twice, once prefixed with x-oss-copy-source-.
_IGNORED_BY_COPIES: Final = _CONDITIONS | names("x-oss-copy-source-*")


def _object(
    name: str,
    method: str,
    sub_resource: str,
    run: Operation,
    *,
    action: str = "",
    has_versions: bool = False,
    parameters: frozenset[str] = _NOTHING,
    headers: frozenset[str] = _NOTHING,
    ignored: frozenset[str] = _NOTHING,
    copies: bool = False,
    ignores_parameters: bool = False,
) -> Route:
    """Make the route of an object operation, whose action by default has the operation's name."""
    action = action or f"oss:{name}"
    return Route(
        name,
        Level.OBJECT,
        method,
        sub_resource,
        run,
        action,
        version_action=action.replace("Object", "ObjectVersion") if has_versions else "",
        parameters=parameters,
        headers=headers,
        ignored=ignored,
        copies=copies,
        ignores_parameters=ignores_parameters,
    )


OBJECTS: Final = (
    _object("PutObject", "PUT", "", objects.put_object, headers=_ATTRIBUTES | _OVERWRITE),
    _object(
        "CopyObject",
        "PUT",
        "",
        copying.copy_object,
        action="oss:PutObject",
        headers=_ATTRIBUTES
        | _OVERWRITE
        | _SOURCE_CONDITIONS
        | names("x-oss-copy-source x-oss-metadata-directive x-oss-tagging-directive"),
        ignored=_IGNORED_BY_COPIES,
        copies=True,
    ),
    _object(
        "AppendObject",
        "POST",
        "append",
        appending.append_object,
        action="oss:PutObject",
        parameters=names("position"),
        headers=_ATTRIBUTES,
    ),
    _object(
        "GetObject",
        "GET",
        "",
        objects.get_object,
        has_versions=True,
        parameters=_RESPONSE,
        headers=_CONDITIONS | names("range x-oss-range-behavior"),
        ignores_parameters=True,
    ),
    _object(
        "HeadObject",
        "HEAD",
        "",
        objects.head_object,
        action="oss:GetObject",
        has_versions=True,
        headers=_CONDITIONS,
    ),
    _object(
        "GetObjectMeta",
        "HEAD",
        "objectMeta",
        objects.get_object_meta,
        action="oss:GetObject",
        has_versions=True,
    ),
    _object("DeleteObject", "DELETE", "", deleting.delete_object, has_versions=True),
    # oss2's tests delete a link with the parameters for reading it.
    _object("DeleteObject", "DELETE", "symlink", deleting.delete_object, has_versions=True),
    _object(
        "PutSymlink",
        "PUT",
        "symlink",
        symlinks.put_symlink,
        action="oss:PutObject",
        headers=_ATTRIBUTES | _OVERWRITE | names("x-oss-symlink-target"),
    ),
    _object(
        "GetSymlink",
        "GET",
        "symlink",
        symlinks.get_symlink,
        action="oss:GetObject",
        has_versions=True,
    ),
    _object("RestoreObject", "POST", "restore", thawing.restore_object, has_versions=True),
    _object(
        "CleanRestoredObject",
        "POST",
        "cleanRestoredObject",
        thawing.clean_restored_object,
        has_versions=True,
    ),
    _object(
        "PutObjectAcl",
        "PUT",
        "acl",
        acls.put_object_acl,
        has_versions=True,
        headers=names("x-oss-object-acl"),
    ),
    _object("GetObjectAcl", "GET", "acl", acls.get_object_acl, has_versions=True),
    _object("PutObjectTagging", "PUT", "tagging", tags.put_object_tagging, has_versions=True),
    _object("GetObjectTagging", "GET", "tagging", tags.get_object_tagging, has_versions=True),
    _object(
        "DeleteObjectTagging", "DELETE", "tagging", tags.delete_object_tagging, has_versions=True
    ),
)

UPLOADS: Final = (
    _object(
        "InitiateMultipartUpload",
        "POST",
        "uploads",
        multipart.initiate_multipart_upload,
        action="oss:PutObject",
        parameters=names("encoding-type sequential"),
        headers=_ATTRIBUTES | _OVERWRITE,
    ),
    _object(
        "UploadPart",
        "PUT",
        "uploadId",
        multipart.upload_part,
        action="oss:PutObject",
        parameters=names("partNumber"),
        ignored=_IGNORED_BY_UPLOADS,
    ),
    _object(
        "UploadPartCopy",
        "PUT",
        "uploadId",
        multipart.upload_part_copy,
        action="oss:PutObject",
        # oss2 also sends the source's version as a parameter.
        parameters=names("partNumber versionId"),
        headers=_SOURCE_CONDITIONS | names("x-oss-copy-source x-oss-copy-source-range"),
        ignored=_IGNORED_BY_UPLOADS,
        copies=True,
    ),
    _object(
        "CompleteMultipartUpload",
        "POST",
        "uploadId",
        multipart.complete_multipart_upload,
        action="oss:PutObject",
        parameters=names("encoding-type"),
        headers=_OVERWRITE | names("x-oss-complete-all x-oss-object-acl"),
        ignored=_IGNORED_BY_UPLOADS,
    ),
    _object(
        "AbortMultipartUpload",
        "DELETE",
        "uploadId",
        multipart.abort_multipart_upload,
        ignored=_IGNORED_BY_UPLOADS,
    ),
    _object(
        "ListParts",
        "GET",
        "uploadId",
        multipart.list_parts,
        parameters=names("max-parts part-number-marker encoding-type"),
        ignored=_IGNORED_BY_UPLOADS,
    ),
)
