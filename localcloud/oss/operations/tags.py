"""Tags of objects and of buckets."""

from __future__ import annotations

from localcloud.http import Response
from localcloud.oss.call import Call, xml_response
from localcloud.oss.route import bucket_route, object_route
from localcloud.oss.tagging import BUCKET_LIMITS, OBJECT_LIMITS, read_document, write_document


@object_route("PutObjectTagging", "PUT", "tagging", has_versions=True)
def put_object_tagging(call: Call) -> Response:
    """PutObjectTagging: replaces all tags; the object counts as unmodified."""
    tags = read_document(call.document("Tagging"), OBJECT_LIMITS)
    call.object.tags = tags
    return Response(200, call.version_header())


@object_route("GetObjectTagging", "GET", "tagging", has_versions=True)
def get_object_tagging(call: Call) -> Response:
    """GetObjectTagging."""
    return xml_response(write_document(call.object.tags), call.version_header())


@object_route("DeleteObjectTagging", "DELETE", "tagging", has_versions=True)
def delete_object_tagging(call: Call) -> Response:
    """DeleteObjectTagging."""
    call.object.tags = {}
    return Response(204, call.version_header())


@bucket_route("PutBucketTagging", "PUT", "tagging")
def put_bucket_tagging(call: Call) -> Response:
    """PutBucketTags: replaces all tags."""
    call.bucket.tags = read_document(call.document("Tagging"), BUCKET_LIMITS)
    return Response(200)


@bucket_route("GetBucketTagging", "GET", "tagging")
def get_bucket_tagging(call: Call) -> Response:
    """GetBucketTags."""
    return xml_response(write_document(call.bucket.tags))


@bucket_route("DeleteBucketTagging", "DELETE", "tagging")
def delete_bucket_tagging(call: Call) -> Response:
    """DeleteBucketTags: the tags in ``tagging``, or all of them."""
    tagging = call.query["tagging"]
    names = tagging.split(",") if tagging else list(call.bucket.tags)
    call.bucket.tags = {k: v for k, v in call.bucket.tags.items() if k not in names}
    return Response(204)
