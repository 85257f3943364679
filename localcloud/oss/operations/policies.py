"""Policies of buckets: put, read and deleted as they were written."""

from __future__ import annotations

from localcloud.errors import CloudError
from localcloud.http import Response
from localcloud.oss.bucket_policy import check_policy, read_policy
from localcloud.oss.call import Call


def put_bucket_policy(call: Call) -> Response:
    """PutBucketPolicy: in the place of the one before; none that is public where that is blocked.

    That the latter is refused is documented (docs putbucketpublicaccessblock), how is assumed.
    """
    text = check_policy(call.request.body)
    if call.bucket.blocks_public_access and read_policy(text).is_public:
        raise CloudError(
            "AccessDenied", f"{call.bucket_name} blocks public access, and so this policy.", 403
        )
    call.bucket.policy = text
    return Response(200)


def get_bucket_policy(call: Call) -> Response:
    """GetBucketPolicy: its text (seen in the tests of alibabacloud_oss_v2)."""
    if not call.bucket.policy:
        raise CloudError(
            "NoSuchBucketPolicy",
            f"The bucket {call.bucket_name} has no policy.",
            404,
            ec="0030-00000006",
        )
    return Response(200, {"content-type": "application/json"}, call.bucket.policy.encode())


def delete_bucket_policy(call: Call) -> Response:
    """DeleteBucketPolicy: a bucket without one is fine (assumed)."""
    call.bucket.policy = ""
    return Response(204)
