"""Access for others: policies of buckets and ACLs of objects."""

from __future__ import annotations

from localcloud.errors import CloudError
from localcloud.http import Response
from localcloud.oss.bucket_policy import check_policy, read_policy
from localcloud.oss.call import Call, xml_response
from localcloud.oss.operations.buckets import write_owner
from localcloud.oss.operations.writing import check_public_access, read_acl
from localcloud.oss.route import bucket_route, object_route
from localcloud.oss.xml import child, element, text


@bucket_route("PutBucketPolicy", "PUT", "policy")
def put_bucket_policy(call: Call) -> Response:
    """PutBucketPolicy: replaces the policy; refuses a public one if public access is blocked.

    The refusal is documented (docs putbucketpublicaccessblock), its error code is assumed.
    """
    policy = check_policy(call.request.body)
    if call.bucket.blocks_public_access and read_policy(policy).is_public:
        raise CloudError(
            "AccessDenied",
            f"{call.bucket_name} blocks public access, which this policy would grant.",
            403,
        )
    call.bucket.policy = policy
    return Response(200)


@bucket_route("GetBucketPolicy", "GET", "policy")
def get_bucket_policy(call: Call) -> Response:
    """GetBucketPolicy: returns the text (as in the tests of alibabacloud_oss_v2)."""
    if not call.bucket.policy:
        raise CloudError(
            "NoSuchBucketPolicy",
            f"The bucket {call.bucket_name} has no policy.",
            404,
            ec="0030-00000006",
        )
    return Response(200, {"content-type": "application/json"}, call.bucket.policy.encode())


@bucket_route("DeleteBucketPolicy", "DELETE", "policy")
def delete_bucket_policy(call: Call) -> Response:
    """DeleteBucketPolicy: a missing policy is not an error (assumed)."""
    call.bucket.policy = ""
    return Response(204)


@object_route("PutObjectAcl", "PUT", "acl", has_versions=True, headers="x-oss-object-acl")
def put_object_acl(call: Call) -> Response:
    """PutObjectAcl."""
    acl = read_acl(call.header("x-oss-object-acl"), of_object=True)
    check_public_access(call.bucket, acl)
    call.object.acl = acl
    return Response(200, call.version_header())


@object_route("GetObjectAcl", "GET", "acl", has_versions=True)
def get_object_acl(call: Call) -> Response:
    """GetObjectAcl."""
    root = element("AccessControlPolicy")
    write_owner(root, call.bucket.owner)
    text(child(root, "AccessControlList"), "Grant", call.object.acl)
    return xml_response(root, call.version_header())
