"""Authentication with ACS3-HMAC-SHA256: Function Compute 3.0, and newer clients of RPC services.

Source: alibabacloud-tea-openapi 0.4.6, ``utils.py``.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, quote

from localcloud.errors import CloudError
from localcloud.http import Request
from localcloud.ram.credentials import Credential, CredentialStore

SCHEME: Final = "ACS3-HMAC-SHA256"
MAX_SKEW_SECONDS: Final = 900  # documented: 15 minutes

# Without one of these, an intercepted request could be replayed as a different one.
_SIGNED_ALWAYS: Final = frozenset({"host", "x-acs-content-sha256", "x-acs-date"})


def signature(request: Request, signed_headers: str, secret: str) -> str:
    """Return the signature of a request.

    Args:
        request: the request.
        signed_headers: lower-case names, separated by semicolons, in their order.
        secret: the access key's secret.
    """
    names = signed_headers.split(";")
    canonical = "\n".join(
        (
            request.method,
            request.raw_path,
            _canonical_query(request.query),
            *(f"{name}:{request.headers.get(name, '').strip()}" for name in names),
            "",
            signed_headers,
            request.headers.get("x-acs-content-sha256", ""),
        )
    )
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    return hmac.new(secret.encode(), f"{SCHEME}\n{hashed}".encode(), hashlib.sha256).hexdigest()


def authenticate(
    request: Request, credentials: CredentialStore, *, signed: frozenset[str] = frozenset()
) -> Credential:
    """Return the key that signed the request; raises like :func:`authenticate_head`."""
    credential = authenticate_head(request, credentials, signed=signed)
    if hashlib.sha256(request.body).hexdigest() != request.headers["x-acs-content-sha256"]:
        raise _no_match()
    return credential


def authenticate_head(
    request: Request, credentials: CredentialStore, *, signed: frozenset[str] = frozenset()
) -> Credential:
    """Return the key that signed everything but the body, which may not have been read yet.

    Args:
        request: the request.
        credentials: the keys that requests may be signed with.
        signed: headers that the signature must cover in addition to those of every request.

    Raises:
        CloudError: ``MissingRequiredHeader``, ``InvalidArgument``, ``SignatureNotMatch``,
            ``InvalidAccessKeyId``, or an error of the token. All codes but those of the access key
            are assumed to be the same as in API version 2016-08-15.
    """
    claim = _claim(required_header(request, "authorization"))
    _check_date(required_header(request, "x-acs-date"))
    required_header(request, "x-acs-content-sha256")
    token = request.headers.get("x-acs-security-token", "")
    credential = credentials.find(claim["Credential"], token)
    signed_headers = claim["SignedHeaders"]
    expected = signature(request, signed_headers, credential.secret)
    if (
        not hmac.compare_digest(expected.encode(), claim["Signature"].encode())
        or not set(signed_headers.split(";")) >= _SIGNED_ALWAYS | signed
    ):
        raise _no_match()
    return credential


def _no_match() -> CloudError:
    message = "the signature does not match: check the access key's secret"
    return CloudError("SignatureNotMatch", message, 403)


def _canonical_query(query: str) -> str:
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    return "&".join(f"{name}={quote(value, safe='~')}" for name, value in pairs)


def _claim(authorization: str) -> Mapping[str, str]:
    scheme, _, fields = authorization.partition(" ")
    claim = dict(part.strip().partition("=")[::2] for part in fields.split(","))
    if scheme != SCHEME or not claim.keys() >= {"Credential", "SignedHeaders", "Signature"}:
        message = (
            f"the authorization header is not '{SCHEME} Credential=…,SignedHeaders=…,Signature=…'"
        )
        raise CloudError("InvalidArgument", message)
    return claim


def required_header(request: Request, name: str) -> str:
    """Return a required header; raise ``MissingRequiredHeader`` if it is missing."""
    try:
        return request.headers[name]
    except KeyError:
        raise CloudError("MissingRequiredHeader", f"the header {name!r} is missing") from None


def _check_date(text: str) -> None:
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        raise CloudError("InvalidArgument", f"the date {text!r} is not ISO 8601") from None
    # Without a time zone, it is refused.
    check_skew(date.timestamp() if date.tzinfo else 0, text)


def check_skew(moment: float, text: str) -> None:
    """Refuse a date that is too far from machine time, which clients use.

    Cloud time may be days ahead.
    """
    if abs(moment - time.time()) > MAX_SKEW_SECONDS:
        message = f"the date {text!r} is over {MAX_SKEW_SECONDS} seconds from the current time"
        raise CloudError("AccessDenied", message, 403)
