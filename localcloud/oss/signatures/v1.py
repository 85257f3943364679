"""Signature version 1: HMAC-SHA1 over a few headers and the sub-resources."""

from __future__ import annotations

import base64
import hashlib
import hmac
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final

from localcloud.oss.signatures.claim import (
    SECONDS,
    Claim,
    Signed,
    check_fresh,
    check_not_expired,
    malformed_authorization,
)

SCHEME: Final = "OSS "

# Source: oss2 2.19.1. The last two come from alibabacloud_oss_v2, whose tests with version 1 show
# that the service includes cleanRestoredObject.
_SUB_RESOURCES: Final = frozenset(
    """
    accessPoint accessPointPolicy acl append asyncFetch bucketArchiveDirectRead bucketInfo callback
    callback-var cname comp continuation-token cors delete encryption endTime group httpsConfig
    inventory inventoryId lifecycle link live location logging metaQuery objectInfo objectMeta
    partNumber policy position publicAccessBlock qos qosInfo qosRequester redundancyTransition
    referer regionList replication replicationLocation replicationProgress requestPayment
    requesterQosInfo resourceGroup resourcePool resourcePoolBuckets resourcePoolInfo
    response-cache-control response-content-disposition response-content-encoding
    response-content-language response-content-type response-expires restore security-token
    sequential startTime stat status style styleName symlink tagging transferAcceleration uploadId
    uploads versionId versioning versions vod website worm wormExtend wormId x-oss-ac-forward-allow
    x-oss-ac-source-ip x-oss-ac-subnet-mask x-oss-ac-vpc-id x-oss-access-point-name
    x-oss-async-process x-oss-process x-oss-redundancy-transition-taskid x-oss-request-payer
    x-oss-target-redundancy-type x-oss-traffic-limit x-oss-write-get-object-response
    cloudboxes cleanRestoredObject
    """.split()  # noqa: SIM905 - words read better than a list of strings
)


@lru_cache(maxsize=1024)
def _http_date(text: str) -> float:
    try:
        return parsedate_to_datetime(text).timestamp()
    except ValueError as error:
        raise malformed_authorization() from error


def http_date(text: str) -> float:
    """Parse an HTTP date to seconds since 1970; raise ``InvalidArgument`` if it is invalid."""
    return _http_date(text)


def _resource(signed: Signed) -> str:
    pairs = sorted((k, v) for k, v in signed.query.items() if k in _SUB_RESOURCES)
    query = "&".join(f"{k}={v}" if v else k for k, v in pairs)
    return f"{signed.resource}?{query}" if query else signed.resource


def _string_to_sign(signed: Signed, date: str) -> bytes:
    lines = [signed.method, signed.header("content-md5"), signed.header("content-type"), date]
    head = "\n".join(lines) + "\n" + signed.canonical_headers(frozenset())
    return head.encode("latin-1") + _resource(signed).encode(errors="surrogateescape")


def _claim(signed: Signed, date: str, access_key_id: str, token: str, signature: str) -> Claim:
    def sign(secret: str) -> str:
        text = _string_to_sign(signed, date)
        return base64.b64encode(hmac.digest(secret.encode(), text, hashlib.sha1)).decode()

    return Claim(access_key_id, token, signature, sign)


def from_header(signed: Signed) -> Claim:
    """Read ``Authorization: OSS ID:SIGNATURE``."""
    access_key_id, colon, signature = signed.header("authorization")[len(SCHEME) :].partition(":")
    if not colon:
        raise malformed_authorization()
    date = signed.header("x-oss-date") or signed.header("date")
    check_fresh(http_date(date))
    # oss2 sends the first, alibabacloud_oss_v2's version 1 signer the second.
    token = signed.header("x-oss-security-token") or signed.header("security-token")
    return _claim(signed, date, access_key_id, token, signature)


def from_query(signed: Signed) -> Claim:
    """Read a presigned request, which has ``Expires`` instead of the date."""
    query = signed.query
    expires = query.get("Expires", "")
    if not SECONDS.fullmatch(expires) or "OSSAccessKeyId" not in query:
        raise malformed_authorization()
    check_not_expired(int(expires))
    return _claim(
        signed,
        expires,
        query["OSSAccessKeyId"],
        query.get("security-token", ""),
        query["Signature"],
    )
