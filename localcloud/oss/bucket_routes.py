"""The routes of operations on buckets, including listings of their contents."""

from __future__ import annotations

from typing import Final

from localcloud.oss.call import Operation
from localcloud.oss.operations import (
    buckets,
    deleting,
    lists,
    multipart,
    policies,
    retention,
    settings,
    statistics,
    tags,
    versions,
)
from localcloud.oss.operations.settings import always, not_configured
from localcloud.oss.routing import Level, Route, names


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
    """Make the route of a bucket operation, whose action by default has the operation's name."""
    return Route(
        name,
        Level.BUCKET,
        method,
        sub_resource,
        run,
        f"oss:{name}" if action is None else action,
        parameters=names(parameters),
        headers=names(headers),
    )


SERVICE: Final = (
    Route(
        "ListBuckets",
        Level.SERVICE,
        "GET",
        "",
        buckets.list_buckets,
        "oss:ListBuckets",
        parameters=names("prefix marker max-keys tag-key tag-value"),
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

SETTINGS: Final = (
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

LISTS: Final = (
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
        action="",  # authorizes each key
        parameters="encoding-type",
    ),
)
