"""Signature version 2: HMAC-SHA256 over every query parameter and chosen headers."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

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

SCHEME: Final = "OSS2 "


def _additional(names: str) -> frozenset[str]:
    return frozenset(names.lower().split(";")) if names else frozenset()


def _string_to_sign(signed: Signed, date: str, additional: frozenset[str]) -> bytes:
    query = signed.canonical_query(without="x-oss-signature")
    lines = [
        signed.method,
        signed.header("content-md5"),
        signed.header("content-type"),
        date,
        signed.canonical_headers(additional) + ";".join(sorted(additional)),
        encode(signed.resource) + (f"?{query}" if query else ""),
    ]
    return "\n".join(lines).encode("latin-1")


def _claim(
    signed: Signed, date: str, *, access_key_id: str, token: str, signature: str, additional: str
) -> Claim:
    def sign(secret: str) -> str:
        text = _string_to_sign(signed, date, _additional(additional))
        return base64.b64encode(hmac.digest(secret.encode(), text, hashlib.sha256)).decode()

    return Claim(access_key_id, token, signature, sign)


def from_header(signed: Signed) -> Claim:
    """Read ``Authorization: OSS2 AccessKeyId:…,Signature:…``, in any order."""
    fields = dict(
        part.strip().split(":", 1)  # some clients write a blank after the comma
        for part in signed.header("authorization")[len(SCHEME) :].split(",")
        if ":" in part
    )
    if not fields.keys() >= {"AccessKeyId", "Signature"}:
        raise malformed_authorization()
    date = signed.header("date")
    check_fresh(http_date(date))
    return _claim(
        signed,
        date,
        access_key_id=fields["AccessKeyId"],
        token=signed.header("x-oss-security-token"),
        signature=fields["Signature"],
        additional=fields.get("AdditionalHeaders", ""),
    )


def from_query(signed: Signed) -> Claim:
    """Read a presigned request, which has ``x-oss-expires`` instead of the date."""
    query = signed.query
    expires = query.get("x-oss-expires", "")
    if not SECONDS.fullmatch(expires) or not query.keys() >= {
        "x-oss-access-key-id",
        "x-oss-signature",
    }:
        raise malformed_authorization()
    check_not_expired(int(expires))
    return _claim(
        signed,
        expires,
        access_key_id=query["x-oss-access-key-id"],
        token=query.get("security-token", ""),
        signature=query["x-oss-signature"],
        additional=query.get("x-oss-additional-headers", ""),
    )
