"""Authentication for API version 2016-08-15.

Source: aliyun-fc2 2.5.2, ``fc2/auth.py``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import parse_qsl, unquote

from localcloud.acs3 import check_skew, required_header
from localcloud.errors import CloudError
from localcloud.http import Request
from localcloud.ram.credentials import Credential, CredentialStore

_HTTP_TRIGGERS: Final = "/2016-08-15/proxy/"


def signature(method: str, path: str, headers: Mapping[str, str], secret: str) -> str:
    """Return the signature of a request.

    Args:
        method: the request's method.
        path: the decoded path, without the query.
        headers: the headers, by lower-case name.
        secret: the access key's secret.
    """
    own = sorted((name, value) for name, value in headers.items() if name.startswith("x-fc-"))
    lines = [
        method,
        headers.get("content-md5", ""),
        headers.get("content-type", ""),
        headers.get("date", ""),
        *(f"{name}:{value}" for name, value in own),
        path,
    ]
    digest = hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def authenticate(request: Request, credentials: CredentialStore) -> Credential:
    """Return the key that signed the request.

    Raises:
        CloudError: ``MissingRequiredHeader``, ``InvalidAccessKeyID``, ``SignatureNotMatch``,
            ``AccessDenied`` for a date too far off, or an error of the token.
    """
    scheme, _, claimed = required_header(request, "authorization").partition(" ")
    access_key_id, _, signed = claimed.partition(":")
    if scheme != "FC":
        raise CloudError("InvalidArgument", "the authorization header is not 'FC id:signature'")
    check_date(required_header(request, "date"))
    credential = _find(credentials, access_key_id, request.headers.get("x-fc-security-token", ""))
    expected = signature(request.method, _resource(request), request.headers, credential.secret)
    if not hmac.compare_digest(expected.encode(), signed.encode()):
        message = "the signature does not match: check the access key's secret"
        raise CloudError("SignatureNotMatch", message, 403)
    return credential


def _resource(request: Request) -> str:
    """Return the signed part of the URL: the path, and for HTTP triggers also the query."""
    path = unquote(request.raw_path)
    if not path.startswith(_HTTP_TRIGGERS):
        return path
    query = sorted(parse_qsl(request.query, keep_blank_values=True))
    return path + "\n" + "\n".join(f"{name}={value}" for name, value in query)


def check_date(text: str) -> None:
    """Refuse a date that is not RFC 1123, or too far from machine time."""
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        raise CloudError("InvalidArgument", f"the date {text!r} is not RFC 1123") from None
    check_skew(date.timestamp(), text)


def _find(credentials: CredentialStore, access_key_id: str, token: str) -> Credential:
    try:
        return credentials.find(access_key_id, token)
    except CloudError as error:
        # FC spells this code differently.
        code = "InvalidAccessKeyID" if error.code == "InvalidAccessKeyId" else error.code
        raise CloudError(code, error.message, error.status) from error
