"""Which operation a request asks for: its level, its method, and its sub-resource.

The actions are those of the pages of each operation and of the table of RAM policies for OSS
(docs 100680), which has actions of its own for calls that name a version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from localcloud.oss import bucket_operations as buckets
from localcloud.oss import list_operations as lists
from localcloud.oss import object_operations as objects
from localcloud.oss import version_operations as versions
from localcloud.oss.call import Operation
from localcloud.oss.errors import not_implemented


class Level(Enum):
    """What a request's path names."""

    SERVICE = auto()
    BUCKET = auto()
    OBJECT = auto()


@dataclass(frozen=True, slots=True)
class Route:
    """One operation.

    Attributes:
        name: as the API spells it; meters and fault rules go by it.
        action: what RAM must allow; empty where the operation asks RAM itself.
        version_action: what it must allow instead if the call names a version; empty if none can
            be named.
    """

    name: str
    action: str
    run: Operation
    version_action: str = ""


_VERSION: Final = "versionId"
_COPY: Final = "x-oss-copy-source"
_ROUTES: Final[Mapping[tuple[Level, str, str], Route]] = {
    (Level.SERVICE, "GET", ""): Route("ListBuckets", "oss:ListBuckets", buckets.list_buckets),
    (Level.BUCKET, "PUT", ""): Route("PutBucket", "oss:PutBucket", buckets.put_bucket),
    (Level.BUCKET, "DELETE", ""): Route("DeleteBucket", "oss:DeleteBucket", buckets.delete_bucket),
    (Level.BUCKET, "GET", ""): Route("ListObjects", "oss:ListObjects", lists.list_objects),
    (Level.BUCKET, "GET", "list-type"): Route(
        "ListObjectsV2", "oss:ListObjects", lists.list_objects_v2
    ),
    (Level.BUCKET, "GET", "bucketInfo"): Route(
        "GetBucketInfo", "oss:GetBucketInfo", buckets.get_bucket_info
    ),
    (Level.BUCKET, "GET", "location"): Route(
        "GetBucketLocation", "oss:GetBucketLocation", buckets.get_bucket_location
    ),
    (Level.BUCKET, "GET", "acl"): Route("GetBucketAcl", "oss:GetBucketAcl", buckets.get_bucket_acl),
    (Level.BUCKET, "PUT", "acl"): Route("PutBucketAcl", "oss:PutBucketAcl", buckets.put_bucket_acl),
    (Level.BUCKET, "GET", "versioning"): Route(
        "GetBucketVersioning", "oss:GetBucketVersioning", buckets.get_bucket_versioning
    ),
    (Level.BUCKET, "PUT", "versioning"): Route(
        "PutBucketVersioning", "oss:PutBucketVersioning", buckets.put_bucket_versioning
    ),
    (Level.BUCKET, "GET", "versions"): Route(
        "ListObjectVersions", "oss:ListObjectVersions", versions.list_object_versions
    ),
    (Level.BUCKET, "GET", "bucketArchiveDirectRead"): Route(
        "GetBucketArchiveDirectRead",
        "oss:GetBucketArchiveDirectRead",
        buckets.get_archive_direct_read,
    ),
    (Level.BUCKET, "PUT", "bucketArchiveDirectRead"): Route(
        "PutBucketArchiveDirectRead",
        "oss:PutBucketArchiveDirectRead",
        buckets.put_archive_direct_read,
    ),
    (Level.BUCKET, "GET", "uploads"): Route(
        "ListMultipartUploads", "oss:ListMultipartUploads", buckets.list_multipart_uploads
    ),
    (Level.BUCKET, "GET", "live"): Route(
        "ListLiveChannel", "oss:ListLiveChannel", buckets.list_live_channels
    ),
    (Level.BUCKET, "POST", "delete"): Route(
        "DeleteMultipleObjects", "", objects.delete_multiple_objects
    ),
    (Level.OBJECT, "PUT", ""): Route("PutObject", "oss:PutObject", objects.put_object),
    (Level.OBJECT, "PUT", _COPY): Route("CopyObject", "oss:PutObject", objects.copy_object),
    (Level.OBJECT, "GET", ""): Route(
        "GetObject", "oss:GetObject", objects.get_object, "oss:GetObjectVersion"
    ),
    (Level.OBJECT, "HEAD", ""): Route(
        "HeadObject", "oss:GetObject", objects.head_object, "oss:GetObjectVersion"
    ),
    (Level.OBJECT, "HEAD", "objectMeta"): Route(
        "GetObjectMeta", "oss:GetObject", objects.get_object_meta, "oss:GetObjectVersion"
    ),
    (Level.OBJECT, "DELETE", ""): Route(
        "DeleteObject", "oss:DeleteObject", objects.delete_object, "oss:DeleteObjectVersion"
    ),
    # Seen in oss2's tests, which delete with what they read the link with.
    (Level.OBJECT, "DELETE", "symlink"): Route(
        "DeleteObject", "oss:DeleteObject", objects.delete_object, "oss:DeleteObjectVersion"
    ),
    (Level.OBJECT, "POST", "append"): Route("AppendObject", "oss:PutObject", objects.append_object),
    (Level.OBJECT, "PUT", "symlink"): Route("PutSymlink", "oss:PutObject", objects.put_symlink),
    (Level.OBJECT, "GET", "symlink"): Route(
        "GetSymlink", "oss:GetObject", objects.get_symlink, "oss:GetObjectVersion"
    ),
    (Level.OBJECT, "POST", "restore"): Route(
        "RestoreObject",
        "oss:RestoreObject",
        objects.restore_object,
        "oss:RestoreObjectVersion",
    ),
    (Level.OBJECT, "POST", "cleanRestoredObject"): Route(
        "CleanRestoredObject",
        "oss:CleanRestoredObject",
        objects.clean_restored_object,
        "oss:CleanRestoredObjectVersion",
    ),
}
_SUB_RESOURCES: Final = frozenset(sub_resource for _, _, sub_resource in _ROUTES)
_PARAMETERS: Final = frozenset(
    """
    prefix delimiter marker max-keys encoding-type continuation-token start-after fetch-owner
    key-marker version-id-marker upload-id-marker max-uploads position
    Expires OSSAccessKeyId Signature security-token
    x-oss-signature-version x-oss-expires x-oss-access-key-id x-oss-additional-headers
    x-oss-signature x-oss-date x-oss-credential x-oss-security-token
    """.split()  # noqa: SIM905 - words read better than a list of strings
)


def find_route(
    level: Level, method: str, query: Mapping[str, str], headers: Mapping[str, str]
) -> Route:
    """The operation that is asked for.

    Raises:
        CloudError: ``NotImplemented`` for an operation or parameter that is not known here, so
            that nothing is ignored in silence.
    """
    sub_resource = _COPY if method == "PUT" and _COPY in headers else ""
    for name in query:
        if name in _SUB_RESOURCES:
            sub_resource = name
        elif name not in _PARAMETERS and name != _VERSION:
            raise not_implemented(f"the parameter {name!r}")
    route = _ROUTES.get((level, method, sub_resource))
    if route is None:
        raise not_implemented(f"{method} of {level.name.lower()} with {sub_resource!r}")
    if _VERSION in query and not route.version_action:
        raise not_implemented(f"{route.name} of a version")
    return route
