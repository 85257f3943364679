"""Operations on the service and on buckets."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element

from localcloud.http import Response
from localcloud.oss.bucket import Bucket, Versioning
from localcloud.oss.call import Call, xml_response
from localcloud.oss.errors import malformed_xml, not_implemented
from localcloud.oss.httptime import iso_date
from localcloud.oss.model import Acl, StorageClass
from localcloud.oss.operations.settings import DEFAULT_RESOURCE_GROUP
from localcloud.oss.operations.writing import check_public_access, read_acl
from localcloud.oss.route import Level, bucket_route
from localcloud.oss.store import read_storage_class
from localcloud.oss.xml import child, element, text

_MAX_BUCKETS: Final = 1000
_DEFAULT_BUCKETS: Final = 100


def write_owner(parent: Element, account_id: str) -> None:
    """Write ``<Owner>``, whose name and id are both the account's id."""
    owner = child(parent, "Owner")
    text(owner, "ID", account_id)
    text(owner, "DisplayName", account_id)


def _write_bucket(parent: Element, bucket: Bucket, endpoint: str) -> Element:
    node = child(parent, "Bucket")
    text(node, "Name", bucket.name)
    text(node, "Location", bucket.location)
    text(node, "Region", bucket.location.removeprefix("oss-"))
    text(node, "CreationDate", iso_date(bucket.created_at))
    # Clients connect to these hosts, so they must be those that the client uses.
    text(node, "ExtranetEndpoint", endpoint)
    text(node, "IntranetEndpoint", endpoint)
    text(node, "StorageClass", bucket.storage_class)
    return node


@bucket_route(
    "ListBuckets", "GET", level=Level.SERVICE, parameters="prefix marker max-keys tag-key tag-value"
)
def list_buckets(call: Call) -> Response:
    """ListBuckets: a page of the caller's buckets, optionally only those with a tag."""
    prefix, marker = call.name("prefix"), call.name("marker")
    most = call.number("max-keys", default=_DEFAULT_BUCKETS, most=_MAX_BUCKETS)
    matches = [
        bucket
        for bucket in call.store.buckets_of(call.account_id)
        if bucket.name.startswith(prefix) and bucket.name > marker and _has_tag(call, bucket)
    ]
    page, following = matches[:most], matches[most:]
    root = element("ListAllMyBucketsResult")
    write_owner(root, call.account_id)
    text(root, "Prefix", prefix)
    text(root, "Marker", marker)
    text(root, "MaxKeys", str(most))
    text(root, "IsTruncated", "true" if following else "false")
    if following:
        text(root, "NextMarker", page[-1].name)
    buckets = child(root, "Buckets")
    for bucket in page:
        _write_bucket(buckets, bucket, call.endpoint)
    return xml_response(root)


_REDUNDANCY: Final = ("LRS", "ZRS")


def _has_tag(call: Call, bucket: Bucket) -> bool:
    """Return whether the bucket has the requested tag, if one is requested."""
    key, value = call.query.get("tag-key"), call.query.get("tag-value")
    if key is None:
        return True
    return key in bucket.tags and value in {None, bucket.tags[key]}


@bucket_route("PutBucket", "PUT", headers="x-oss-acl")
def put_bucket(call: Call) -> Response:
    """PutBucket: creates a bucket, or changes the ACL of the caller's bucket."""
    storage_class, redundancy = StorageClass.STANDARD, _REDUNDANCY[0]
    for node in call.document("CreateBucketConfiguration") if call.request.body else ():
        if node.tag == "StorageClass":
            storage_class = read_storage_class(node.text or "")
        elif node.tag == "DataRedundancyType" and node.text in _REDUNDANCY:
            redundancy = node.text
        else:
            raise not_implemented(f"<{node.tag}>{node.text}</{node.tag}> of a new bucket")
    acl = read_acl(call.header("x-oss-acl") or Acl.PRIVATE, of_object=False)
    existing = call.store.find_bucket(call.bucket_name)
    if existing is not None and existing.owner == call.account_id:
        check_public_access(existing, acl)
        existing.acl = acl
    else:
        call.store.create_bucket(
            call.bucket_name, call.account_id, storage_class, acl=acl, redundancy=redundancy
        )
    return Response(200, {"location": f"/{call.bucket_name}"})


@bucket_route("DeleteBucket", "DELETE")
def delete_bucket(call: Call) -> Response:
    """DeleteBucket: only if the bucket is empty."""
    call.store.delete_bucket(call.bucket_name)
    return Response(204)


@bucket_route("GetBucketInfo", "GET", "bucketInfo")
def get_bucket_info(call: Call) -> Response:
    """GetBucketInfo."""
    bucket = call.bucket
    root = element("BucketInfo")
    node = _write_bucket(root, bucket, call.endpoint)
    for setting in ("AccessMonitor", "CrossRegionReplication", "TransferAcceleration"):
        text(node, setting, "Disabled")
    text(node, "BlockPublicAccess", "true" if bucket.blocks_public_access else "false")
    text(node, "ResourceGroupId", DEFAULT_RESOURCE_GROUP)
    text(node, "Comment", "")
    write_owner(node, bucket.owner)
    text(child(node, "AccessControlList"), "Grant", bucket.acl)
    text(node, "DataRedundancyType", bucket.redundancy)
    if bucket.versioning:
        text(node, "Versioning", bucket.versioning)
    text(child(node, "ServerSideEncryptionRule"), "SSEAlgorithm", "None")
    return xml_response(root)


@bucket_route("GetBucketLocation", "GET", "location")
def get_bucket_location(call: Call) -> Response:
    """GetBucketLocation."""
    root = element("LocationConstraint")
    root.text = call.bucket.location
    return xml_response(root)


@bucket_route("GetBucketAcl", "GET", "acl")
def get_bucket_acl(call: Call) -> Response:
    """GetBucketAcl."""
    bucket = call.bucket
    root = element("AccessControlPolicy")
    write_owner(root, bucket.owner)
    text(child(root, "AccessControlList"), "Grant", bucket.acl)
    return xml_response(root)


@bucket_route("PutBucketAcl", "PUT", "acl", headers="x-oss-acl")
def put_bucket_acl(call: Call) -> Response:
    """PutBucketAcl: without an ACL nothing changes (accepted in aliyun-sdk-oss's tests)."""
    if (requested := call.header("x-oss-acl")) is not None:
        acl = read_acl(requested, of_object=False)
        check_public_access(call.bucket, acl)
        call.bucket.acl = acl
    return Response(200)


@bucket_route("GetBucketVersioning", "GET", "versioning")
def get_bucket_versioning(call: Call) -> Response:
    """GetBucketVersioning: without a status if it was never enabled."""
    root = element("VersioningConfiguration")
    if call.bucket.versioning:
        text(root, "Status", call.bucket.versioning)
    return xml_response(root)


@bucket_route("PutBucketVersioning", "PUT", "versioning")
def put_bucket_versioning(call: Call) -> Response:
    """PutBucketVersioning: enables or suspends, never disables (docs putbucketversioning)."""
    status = call.document("VersioningConfiguration").findtext("Status")
    if status not in {Versioning.ENABLED, Versioning.SUSPENDED}:
        raise malformed_xml("Status must be Enabled or Suspended.")
    call.bucket.versioning = Versioning(status)
    return Response(200)


@bucket_route("GetBucketArchiveDirectRead", "GET", "bucketArchiveDirectRead")
def get_archive_direct_read(call: Call) -> Response:
    """GetBucketArchiveDirectRead."""
    root = element("ArchiveDirectReadConfiguration")
    text(root, "Enabled", "true" if call.bucket.archive_direct_read else "false")
    return xml_response(root)


@bucket_route("PutBucketArchiveDirectRead", "PUT", "bucketArchiveDirectRead")
def put_archive_direct_read(call: Call) -> Response:
    """PutBucketArchiveDirectRead: lets Archive objects be read without a thaw."""
    enabled = call.document("ArchiveDirectReadConfiguration").findtext("Enabled")
    if enabled not in {"true", "false"}:
        raise malformed_xml("Enabled must be true or false.")
    call.bucket.archive_direct_read = enabled == "true"
    return Response(200)


@bucket_route("GetBucketPublicAccessBlock", "GET", "publicAccessBlock")
def get_public_access_block(call: Call) -> Response:
    """GetBucketPublicAccessBlock."""
    root = element("PublicAccessBlockConfiguration")
    text(root, "BlockPublicAccess", "true" if call.bucket.blocks_public_access else "false")
    return xml_response(root)


@bucket_route("PutBucketPublicAccessBlock", "PUT", "publicAccessBlock")
def put_public_access_block(call: Call) -> Response:
    """PutBucketPublicAccessBlock: public ACLs have no effect and cannot be set."""
    blocks = call.document("PublicAccessBlockConfiguration").findtext("BlockPublicAccess", "")
    if blocks.lower() not in {"true", "false"}:  # oss2 writes Python's True and False
        raise malformed_xml("BlockPublicAccess must be true or false.")
    call.bucket.blocks_public_access = blocks.lower() == "true"
    return Response(200)


@bucket_route("DeleteBucketPublicAccessBlock", "DELETE", "publicAccessBlock")
def delete_public_access_block(call: Call) -> Response:
    """DeleteBucketPublicAccessBlock."""
    call.bucket.blocks_public_access = False
    return Response(204)


@bucket_route("ListLiveChannel", "GET", "live", parameters="prefix marker max-keys")
def list_live_channels(call: Call) -> Response:
    """ListLiveChannel: always empty."""
    root = element("ListLiveChannelResult")
    text(root, "Prefix", call.name("prefix"))
    text(root, "Marker", call.name("marker"))
    text(root, "MaxKeys", call.query.get("max-keys", "100"))
    text(root, "IsTruncated", "false")
    return xml_response(root)
