"""Bucket statistics, and the list of regions."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from localcloud.http import Response
from localcloud.oss.call import Call, xml_response
from localcloud.oss.errors import invalid_argument
from localcloud.oss.model import StorageClass
from localcloud.oss.route import Level, bucket_route
from localcloud.oss.xml import child, element, text

_SMALLEST_BILLED: Final = 64 * 1024  # bytes, for every class but Standard (docs storage-fees)
# Prefixes of each class's fields (oss2, get_bucket_stat).
_NAMES: Final = {
    StorageClass.STANDARD: "Standard",
    StorageClass.IA: "InfrequentAccess",
    StorageClass.ARCHIVE: "Archive",
    StorageClass.COLD_ARCHIVE: "ColdArchive",
    StorageClass.DEEP_COLD_ARCHIVE: "DeepColdArchive",
}


@bucket_route("GetBucketStat", "GET", "stat")
def get_bucket_stat(call: Call) -> Response:
    """GetBucketStat: current numbers; those of the service are at least an hour old (docs)."""
    bucket = call.bucket
    count: defaultdict[StorageClass, int] = defaultdict(int)
    real: defaultdict[StorageClass, int] = defaultdict(int)
    billed: defaultdict[StorageClass, int] = defaultdict(int)
    latest = bucket.created_at
    for stored in bucket.all_objects():
        count[stored.storage_class] += 1
        real[stored.storage_class] += stored.size
        billed[stored.storage_class] += max(stored.size, _SMALLEST_BILLED)
        latest = max(latest, stored.modified)
    root = element("BucketStat")
    text(root, "Storage", str(sum(real.values())))
    text(root, "ObjectCount", str(sum(count.values())))
    text(root, "MultipartUploadCount", str(len(bucket.uploads)))
    parts = sum(len(upload.parts) for upload in bucket.uploads.values())
    text(root, "MultipartPartCount", str(parts))
    text(root, "LiveChannelCount", "0")
    text(root, "LastModifiedTime", str(int(latest)))
    text(root, "DeleteMarkerCount", str(bucket.delete_markers()))
    for storage_class, name in _NAMES.items():
        if storage_class is StorageClass.STANDARD:
            text(root, f"{name}Storage", str(real[storage_class]))
        else:
            text(root, f"{name}Storage", str(billed[storage_class]))
            text(root, f"{name}RealStorage", str(real[storage_class]))
        text(root, f"{name}ObjectCount", str(count[storage_class]))
    return xml_response(root)


@bucket_route("DescribeRegions", "GET", "regions", level=Level.SERVICE)
def describe_regions(call: Call) -> Response:
    """DescribeRegions: the local cloud has one."""
    own = call.store.location
    requested = call.query["regions"]
    if requested not in ("", own):
        raise invalid_argument(f"The local cloud has only the region {own}, not {requested}.")
    root = element("RegionInfoList")
    node = child(root, "RegionInfo")
    text(node, "Region", own)
    text(node, "InternetEndpoint", f"{own}.aliyuncs.com")
    text(node, "InternalEndpoint", f"{own}-internal.aliyuncs.com")
    text(node, "AccelerateEndpoint", "oss-accelerate.aliyuncs.com")
    return xml_response(root)
