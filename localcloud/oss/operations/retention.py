"""Bucket retention policies: initiate, get, and abort before they are locked."""

from __future__ import annotations

from typing import Final

from localcloud.errors import CloudError
from localcloud.http import Response
from localcloud.oss.call import Call, xml_response
from localcloud.oss.checksums import md5
from localcloud.oss.errors import malformed_xml
from localcloud.oss.httptime import iso_date
from localcloud.oss.route import bucket_route
from localcloud.oss.xml import element, text

_LONGEST_DAYS: Final = 70 * 365  # docs initiatebucketworm


@bucket_route("InitiateBucketWorm", "POST", "worm")
def initiate_bucket_worm(call: Call) -> Response:
    """InitiateBucketWorm: protects the bucket's objects from then on."""
    days = call.document("InitiateWormConfiguration").findtext("RetentionPeriodInDays") or ""
    if not days.isdecimal() or not 1 <= int(days) <= _LONGEST_DAYS:
        raise malformed_xml(f"RetentionPeriodInDays must be 1 to {_LONGEST_DAYS}.")
    if call.bucket.retention_days:
        raise CloudError("WORMConfigurationLocked", "The bucket has a retention policy.", 409)
    call.bucket.retention_days, call.bucket.retained_since = int(days), call.now
    return Response(200, {"x-oss-worm-id": _id(call)})


@bucket_route("GetBucketWorm", "GET", "worm")
def get_bucket_worm(call: Call) -> Response:
    """GetBucketWorm."""
    if not call.bucket.retention_days:
        raise CloudError(
            "NoSuchWORMConfiguration",
            f"The bucket {call.bucket_name} has no retention policy.",
            404,
        )
    root = element("WormConfiguration")
    text(root, "WormId", _id(call))
    text(root, "State", "InProgress")
    text(root, "RetentionPeriodInDays", str(call.bucket.retention_days))
    text(root, "CreationDate", iso_date(call.bucket.retained_since))
    return xml_response(root)


@bucket_route("AbortBucketWorm", "DELETE", "worm")
def abort_bucket_worm(call: Call) -> Response:
    """AbortBucketWorm."""
    call.bucket.retention_days = call.bucket.retained_since = 0
    return Response(204)


def _id(call: Call) -> str:
    return md5(f"{call.bucket_name}/{call.bucket.retained_since}".encode()).hex().upper()
