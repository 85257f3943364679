"""Signature version 4: HMAC-SHA256 with a key for one day, region and product."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from localcloud.errors import CloudError
from localcloud.oss.signatures.claim import (
    SECONDS,
    Claim,
    Signed,
    check_fresh,
    check_not_expired,
    encode,
    malformed_authorization,
)
from localcloud.oss.signatures.v1 import http_date

SCHEME: Final = "OSS4-HMAC-SHA256 "
_SIGNED_ALWAYS: Final = frozenset({"content-type", "content-md5"})
_UNSIGNED_PAYLOAD: Final = "UNSIGNED-PAYLOAD"


class _Credential(NamedTuple):
    """``AccessKeyId/yyyymmdd/region/oss/aliyun_v4_request``."""

    access_key_id: str
    date: str
    region: str
    product: str
    terminator: str

    @property
    def scope(self) -> str:
        return "/".join(self[1:])


@lru_cache(maxsize=1024)
def _read_credential(text: str, region: str, refusal: str) -> _Credential:
    parts = text.split("/")
    if len(parts) != len(_Credential._fields):
        raise malformed_authorization()
    credential = _Credential(*parts)
    if credential.region != region:
        # As in oss2's tests test_exception_ec and test_sign_v4_no_region.
        raise CloudError(
            "InvalidArgument",
            refusal,
            400,
            ec="0002-00000226",
        )
    if (credential.product, credential.terminator) != ("oss", "aliyun_v4_request"):
        raise malformed_authorization()
    return credential


@lru_cache(maxsize=1024)
def _time(text: str) -> float:
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError as error:
        raise malformed_authorization() from error


@lru_cache(maxsize=1024)
def _signing_key(secret: str, scope: str) -> bytes:
    key = f"aliyun_v4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), hashlib.sha256)
    return key


def _fields(authorization: str) -> Mapping[str, str]:
    """Return the fields by name: clients differ in order and spacing."""
    parts = authorization[len(SCHEME) :].split(",")
    return dict(part.strip().split("=", 1) for part in parts if "=" in part)


def _canonical_request(signed: Signed, additional: frozenset[str]) -> bytes:
    lines = [
        signed.method,
        encode(signed.resource, keep="/"),
        signed.canonical_query(without="x-oss-signature"),
        signed.canonical_headers(additional | _SIGNED_ALWAYS),
        ";".join(sorted(additional)),
        signed.header("x-oss-content-sha256") or _UNSIGNED_PAYLOAD,
    ]
    return "\n".join(lines).encode("latin-1")


def _claim(
    signed: Signed,
    credential: _Credential,
    *,
    time: str,
    token: str,
    signature: str,
    additional: str,
) -> Claim:
    names = frozenset(additional.lower().split(";")) if additional else frozenset()

    def sign(secret: str) -> str:
        digest = hashlib.sha256(_canonical_request(signed, names)).hexdigest()
        text = f"OSS4-HMAC-SHA256\n{time}\n{credential.scope}\n{digest}"
        key = _signing_key(secret, credential.scope)
        return hmac.digest(key, text.encode(), hashlib.sha256).hex()

    return Claim(credential.access_key_id, token, signature, sign)


def from_header(signed: Signed, region: str) -> Claim:
    """Read ``Authorization: OSS4-HMAC-SHA256 Credential=…, Signature=…``.

    Raises:
        CloudError: ``InvalidArgument`` for a region that is not the server's.
    """
    fields = _fields(signed.header("authorization"))
    if not fields.keys() >= {"Credential", "Signature"}:
        raise malformed_authorization()
    credential = _read_credential(
        fields["Credential"], region, "Invalid signing region in Authorization header."
    )
    time = signed.header("x-oss-date")
    if time:
        signed_at, day = _time(time), time[:8]
    else:  # the Go SDK, and so the Terraform provider, signs the Date as it is
        time = signed.header("date")
        signed_at = http_date(time)
        day = datetime.fromtimestamp(signed_at, UTC).strftime("%Y%m%d")
    check_fresh(signed_at)
    if day != credential.date:
        raise malformed_authorization()
    return _claim(
        signed,
        credential,
        time=time,
        token=signed.header("x-oss-security-token"),
        signature=fields["Signature"],
        additional=fields.get("AdditionalHeaders", ""),
    )


def from_query(signed: Signed, region: str) -> Claim:
    """Read a presigned request; ``x-oss-expires`` counts seconds from ``x-oss-date``."""
    query = signed.query
    expires = query.get("x-oss-expires", "")
    if not SECONDS.fullmatch(expires) or not query.keys() >= {
        "x-oss-credential",
        "x-oss-signature",
    }:
        raise malformed_authorization()
    time = query.get("x-oss-date", "")
    check_not_expired(_time(time) + int(expires))
    return _claim(
        signed,
        _read_credential(
            query["x-oss-credential"], region, "The signing region in credential is invalid."
        ),
        time=time,
        token=query.get("x-oss-security-token", ""),
        signature=query["x-oss-signature"],
        additional=query.get("x-oss-additional-headers", ""),
    )
