"""Every operation: when it is asked for, what it needs, and what it understands.

The actions are those of the pages of each operation and of the table of RAM policies for OSS
(docs 100680), which has actions of its own for calls that name a version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from localcloud.operation_row import OperationRow
from localcloud.oss.call import Operation
from localcloud.oss.operations import (
    acls,
    appending,
    buckets,
    copying,
    deleting,
    lists,
    multipart,
    objects,
    policies,
    retention,
    settings,
    statistics,
    symlinks,
    tags,
    thawing,
    versions,
)
from localcloud.oss.operations.settings import always, not_configured
from localcloud.oss.routing import Level, Route, Router


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NOTHING: Final[frozenset[str]] = frozenset()
_RESPONSE: Final = _names(
    """
    response-content-type response-content-language response-expires response-cache-control
    response-content-disposition response-content-encoding
    """
)
_CONDITIONS: Final = _names("if-match if-none-match if-modified-since if-unmodified-since")
_SOURCE_CONDITIONS: Final = frozenset(f"{copying.SOURCE}-{name}" for name in _CONDITIONS)
_OVERWRITE: Final = _names("x-oss-forbid-overwrite")
_ATTRIBUTES: Final = _names(
    """
    x-oss-storage-class x-oss-object-acl x-oss-tagging x-oss-server-side-encryption x-oss-meta-*
    """
)
# The resumable uploads of oss2 send what they begin with along with each of their calls.
_OF_THE_UPLOAD: Final = _ATTRIBUTES | _OVERWRITE | _names("x-oss-complete-all")

# ali-oss sends every header of a copy twice: as it is, and in front of it x-oss-copy-source-.
_OF_THE_COPY: Final = _CONDITIONS | _names("x-oss-copy-source-*")


def _bucket(
    name: str,
    method: str,
    sub_resource: str,
    run: Operation,
    *,
    action: str | None = None,
    parameters: str = "",
    headers: str = "",
) -> Route:
    """An operation on a bucket; its action is named after it unless another is given."""
    return Route(
        name,
        Level.BUCKET,
        method,
        sub_resource,
        run,
        f"oss:{name}" if action is None else action,
        parameters=_names(parameters),
        headers=_names(headers),
    )


def _object(
    name: str,
    method: str,
    sub_resource: str,
    run: Operation,
    action: str,
    *,
    version_action: str = "",
    parameters: str = "",
    headers: frozenset[str] = _NOTHING,
    ignored: frozenset[str] = _NOTHING,
    copies: bool = False,
) -> Route:
    """An operation on an object."""
    return Route(
        name,
        Level.OBJECT,
        method,
        sub_resource,
        run,
        action,
        version_action=version_action,
        parameters=_names(parameters),
        headers=headers,
        ignored=ignored,
        copies=copies,
    )


_SERVICE: Final = (
    Route(
        "ListBuckets",
        Level.SERVICE,
        "GET",
        "",
        buckets.list_buckets,
        "oss:ListBuckets",
        parameters=_names("prefix marker max-keys tag-key tag-value"),
    ),
    Route(
        "DescribeRegions",
        Level.SERVICE,
        "GET",
        "regions",
        statistics.describe_regions,
        "oss:DescribeRegions",
    ),
)

_BUCKETS: Final = (
    _bucket("PutBucket", "PUT", "", buckets.put_bucket, headers="x-oss-acl"),
    _bucket("DeleteBucket", "DELETE", "", buckets.delete_bucket),
    _bucket("GetBucketInfo", "GET", "bucketInfo", buckets.get_bucket_info),
    _bucket("GetBucketStat", "GET", "stat", statistics.get_bucket_stat),
    _bucket("GetBucketLocation", "GET", "location", buckets.get_bucket_location),
    _bucket("GetBucketAcl", "GET", "acl", buckets.get_bucket_acl),
    _bucket("PutBucketAcl", "PUT", "acl", buckets.put_bucket_acl, headers="x-oss-acl"),
    _bucket("GetBucketVersioning", "GET", "versioning", buckets.get_bucket_versioning),
    _bucket("PutBucketVersioning", "PUT", "versioning", buckets.put_bucket_versioning),
    _bucket(
        "GetBucketArchiveDirectRead",
        "GET",
        "bucketArchiveDirectRead",
        buckets.get_archive_direct_read,
    ),
    _bucket(
        "PutBucketArchiveDirectRead",
        "PUT",
        "bucketArchiveDirectRead",
        buckets.put_archive_direct_read,
    ),
    _bucket(
        "GetBucketPublicAccessBlock", "GET", "publicAccessBlock", buckets.get_public_access_block
    ),
    _bucket(
        "PutBucketPublicAccessBlock", "PUT", "publicAccessBlock", buckets.put_public_access_block
    ),
    _bucket(
        "DeleteBucketPublicAccessBlock",
        "DELETE",
        "publicAccessBlock",
        buckets.delete_public_access_block,
    ),
    _bucket("InitiateBucketWorm", "POST", "worm", retention.initiate_bucket_worm),
    _bucket("GetBucketWorm", "GET", "worm", retention.get_bucket_worm),
    _bucket("AbortBucketWorm", "DELETE", "worm", retention.abort_bucket_worm),
    _bucket("GetBucketTagging", "GET", "tagging", tags.get_bucket_tagging),
    _bucket("PutBucketTagging", "PUT", "tagging", tags.put_bucket_tagging),
    _bucket("DeleteBucketTagging", "DELETE", "tagging", tags.delete_bucket_tagging),
    _bucket("GetBucketLogging", "GET", "logging", always(settings.LOGGING)),
    _bucket("GetBucketReferer", "GET", "referer", always(settings.REFERER)),
    _bucket("GetBucketResourceGroup", "GET", "resourceGroup", always(settings.RESOURCE_GROUP)),
    _bucket("GetBucketRequestPayment", "GET", "requestPayment", always(settings.REQUEST_PAYMENT)),
    _bucket(
        "GetBucketCors", "GET", "cors", not_configured("NoSuchCORSConfiguration", "CORS rules")
    ),
    _bucket(
        "GetBucketLifecycle", "GET", "lifecycle", not_configured("NoSuchLifecycle", "lifecycle")
    ),
    _bucket("GetBucketPolicy", "GET", "policy", policies.get_bucket_policy),
    _bucket("PutBucketPolicy", "PUT", "policy", policies.put_bucket_policy),
    _bucket("DeleteBucketPolicy", "DELETE", "policy", policies.delete_bucket_policy),
    _bucket(
        "GetBucketWebsite",
        "GET",
        "website",
        not_configured("NoSuchWebsiteConfiguration", "website configuration"),
    ),
    _bucket(
        "GetBucketEncryption",
        "GET",
        "encryption",
        not_configured("NoSuchServerSideEncryptionRule", "encryption rule"),
    ),
    _bucket(
        "GetBucketTransferAcceleration",
        "GET",
        "transferAcceleration",
        not_configured("NoSuchTransferAccelerationConfiguration", "transfer acceleration"),
    ),
    _bucket(
        "ListLiveChannel",
        "GET",
        "live",
        buckets.list_live_channels,
        parameters="prefix marker max-keys",
    ),
)

_LISTS: Final = (
    _bucket(
        "ListObjects",
        "GET",
        "",
        lists.list_objects,
        parameters="prefix delimiter marker max-keys encoding-type",
    ),
    _bucket(
        "ListObjectsV2",
        "GET",
        "list-type",
        lists.list_objects_v2,
        action="oss:ListObjects",
        parameters="prefix delimiter continuation-token start-after max-keys fetch-owner"
        " encoding-type",
    ),
    _bucket(
        "ListObjectVersions",
        "GET",
        "versions",
        versions.list_object_versions,
        parameters="prefix delimiter key-marker version-id-marker max-keys encoding-type",
    ),
    _bucket(
        "ListMultipartUploads",
        "GET",
        "uploads",
        multipart.list_multipart_uploads,
        parameters="prefix delimiter key-marker upload-id-marker max-uploads encoding-type",
    ),
    _bucket(
        "DeleteMultipleObjects",
        "POST",
        "delete",
        deleting.delete_multiple_objects,
        action="",  # it asks about each key
        parameters="encoding-type",
    ),
)

_OBJECTS: Final = (
    _object(
        "PutObject",
        "PUT",
        "",
        objects.put_object,
        "oss:PutObject",
        headers=_ATTRIBUTES | _OVERWRITE,
    ),
    _object(
        "CopyObject",
        "PUT",
        "",
        copying.copy_object,
        "oss:PutObject",
        headers=_ATTRIBUTES
        | _OVERWRITE
        | _SOURCE_CONDITIONS
        | _names("x-oss-copy-source x-oss-metadata-directive x-oss-tagging-directive"),
        ignored=_OF_THE_COPY,
        copies=True,
    ),
    _object(
        "AppendObject",
        "POST",
        "append",
        appending.append_object,
        "oss:PutObject",
        parameters="position",
        headers=_ATTRIBUTES,
    ),
    Route(
        "GetObject",
        Level.OBJECT,
        "GET",
        "",
        objects.get_object,
        "oss:GetObject",
        "oss:GetObjectVersion",
        parameters=_RESPONSE,
        headers=_CONDITIONS | _names("range x-oss-range-behavior"),
        ignores_parameters=True,
    ),
    _object(
        "HeadObject",
        "HEAD",
        "",
        objects.head_object,
        "oss:GetObject",
        version_action="oss:GetObjectVersion",
        headers=_CONDITIONS,
    ),
    _object(
        "GetObjectMeta",
        "HEAD",
        "objectMeta",
        objects.get_object_meta,
        "oss:GetObject",
        version_action="oss:GetObjectVersion",
    ),
    _object(
        "DeleteObject",
        "DELETE",
        "",
        deleting.delete_object,
        "oss:DeleteObject",
        version_action="oss:DeleteObjectVersion",
    ),
    # Seen in oss2's tests, which delete with what they read the link with.
    _object(
        "DeleteObject",
        "DELETE",
        "symlink",
        deleting.delete_object,
        "oss:DeleteObject",
        version_action="oss:DeleteObjectVersion",
    ),
    _object(
        "PutSymlink",
        "PUT",
        "symlink",
        symlinks.put_symlink,
        "oss:PutObject",
        headers=_ATTRIBUTES | _OVERWRITE | _names("x-oss-symlink-target"),
    ),
    _object(
        "GetSymlink",
        "GET",
        "symlink",
        symlinks.get_symlink,
        "oss:GetObject",
        version_action="oss:GetObjectVersion",
    ),
    _object(
        "RestoreObject",
        "POST",
        "restore",
        thawing.restore_object,
        "oss:RestoreObject",
        version_action="oss:RestoreObjectVersion",
    ),
    _object(
        "CleanRestoredObject",
        "POST",
        "cleanRestoredObject",
        thawing.clean_restored_object,
        "oss:CleanRestoredObject",
        version_action="oss:CleanRestoredObjectVersion",
    ),
    _object(
        "PutObjectAcl",
        "PUT",
        "acl",
        acls.put_object_acl,
        "oss:PutObjectAcl",
        version_action="oss:PutObjectVersionAcl",
        headers=_names("x-oss-object-acl"),
    ),
    _object(
        "GetObjectAcl",
        "GET",
        "acl",
        acls.get_object_acl,
        "oss:GetObjectAcl",
        version_action="oss:GetObjectVersionAcl",
    ),
    _object(
        "PutObjectTagging",
        "PUT",
        "tagging",
        tags.put_object_tagging,
        "oss:PutObjectTagging",
        version_action="oss:PutObjectVersionTagging",
    ),
    _object(
        "GetObjectTagging",
        "GET",
        "tagging",
        tags.get_object_tagging,
        "oss:GetObjectTagging",
        version_action="oss:GetObjectVersionTagging",
    ),
    _object(
        "DeleteObjectTagging",
        "DELETE",
        "tagging",
        tags.delete_object_tagging,
        "oss:DeleteObjectTagging",
        version_action="oss:DeleteObjectVersionTagging",
    ),
)

_UPLOADS: Final = (
    _object(
        "InitiateMultipartUpload",
        "POST",
        "uploads",
        multipart.initiate_multipart_upload,
        "oss:PutObject",
        parameters="encoding-type sequential",
        headers=_ATTRIBUTES | _OVERWRITE,
    ),
    _object(
        "UploadPart",
        "PUT",
        "uploadId",
        multipart.upload_part,
        "oss:PutObject",
        parameters="partNumber",
        ignored=_OF_THE_UPLOAD,
    ),
    _object(
        "UploadPartCopy",
        "PUT",
        "uploadId",
        multipart.upload_part_copy,
        "oss:PutObject",
        parameters="partNumber versionId",  # oss2 also sends the source's version as a parameter
        headers=_SOURCE_CONDITIONS | _names("x-oss-copy-source x-oss-copy-source-range"),
        ignored=_OF_THE_UPLOAD,
        copies=True,
    ),
    _object(
        "CompleteMultipartUpload",
        "POST",
        "uploadId",
        multipart.complete_multipart_upload,
        "oss:PutObject",
        parameters="encoding-type",
        headers=_OVERWRITE | _names("x-oss-complete-all x-oss-object-acl"),
        ignored=_OF_THE_UPLOAD,
    ),
    _object(
        "AbortMultipartUpload",
        "DELETE",
        "uploadId",
        multipart.abort_multipart_upload,
        "oss:AbortMultipartUpload",
        ignored=_OF_THE_UPLOAD,
    ),
    _object(
        "ListParts",
        "GET",
        "uploadId",
        multipart.list_parts,
        "oss:ListParts",
        parameters="max-parts part-number-marker encoding-type",
        ignored=_OF_THE_UPLOAD,
    ),
)

ROUTES: Final = _SERVICE + _BUCKETS + _LISTS + _OBJECTS + _UPLOADS
ROUTER: Final = Router(ROUTES)

_SETTINGS: Final = "a setting of a bucket that is read above, and that nobody can make here"
# What the service has and the local cloud refuses.
LEFT_OUT: Final[Mapping[str, str]] = {
    "PutBucketCors": _SETTINGS,
    "PutBucketEncryption": _SETTINGS,
    "PutBucketLifecycle": _SETTINGS,
    "PutBucketLogging": _SETTINGS,
    "GetBucketPolicyStatus": "whether a policy is public: put one that is not",
    "PutBucketReferer": _SETTINGS,
    "PutBucketRequestPayment": _SETTINGS,
    "PutBucketTransferAcceleration": _SETTINGS,
    "PutBucketWebsite": _SETTINGS,
    "CompleteBucketWorm, ExtendBucketWorm": "a retention policy is never locked here",
    "every other parameter of a bucket": "inventories, replication and what is newer",
    "PostObject": "uploads by forms of browsers",
    "OptionObject": "cross-origin requests of browsers",
    "PutLiveChannel": "live channels; the list of them is empty",
    "SelectObject": "queries on objects' data",
    "AsyncFetch": "copies from elsewhere",
    "SealAppendObject": "makes appendable objects cold",
    "x-oss-process": "images and other data processed on the way",
    "x-oss-callback": "calls of others after an upload",
    "x-oss-traffic-limit": "no bandwidth is limited",
    "x-oss-server-side-encryption: KMS": "there is no KMS; AES256 is noted with the object",
}


def operation_rows() -> Iterator[OperationRow]:
    """Every operation, as rows of a table in the documentation."""
    for route in ROUTES:
        sub_resource = f"?{route.sub_resource}" if route.sub_resource else ""
        source = f" with {copying.SOURCE}" if route.copies else ""
        version = ["versionId"] if route.version_action else []
        yield OperationRow(
            route.name,
            f"{route.method} {route.level}{sub_resource}{source}",
            (*version, *sorted(route.parameters), *sorted(route.headers)),
        )
