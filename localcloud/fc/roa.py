"""Authentication for API version 2023-03-30 with the older signature, ROA with HMAC-SHA1.

It is used by the Terraform provider, and covers everything but the body.
Source: alibabacloud-tea-openapi 0.4.6, ``utils.py``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final
from urllib.parse import parse_qsl, unquote

from localcloud.acs3 import required_header
from localcloud.errors import CloudError
from localcloud.fc.auth import check_date
from localcloud.http import Request
from localcloud.ram.credentials import Credential, CredentialStore

SCHEME: Final = "acs"


def signature(request: Request, secret: str) -> str:
    """Return the signature of a request, given the access key's secret."""
    headers = request.headers
    own = sorted(
        (name, value.strip()) for name, value in headers.items() if name.startswith("x-acs-")
    )
    query = sorted(parse_qsl(request.query, keep_blank_values=True))
    parameters = "&".join(f"{name}={value}" if value else name for name, value in query)
    lines = [
        request.method,
        *(headers.get(name, "") for name in ("accept", "content-md5", "content-type", "date")),
        *(f"{name}:{value}" for name, value in own),
        unquote(request.raw_path) + (f"?{parameters}" if parameters else ""),
    ]
    digest = hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def authenticate(request: Request, credentials: CredentialStore) -> Credential:
    """Return the key that signed the request.

    Raises:
        CloudError: ``MissingRequiredHeader``, ``InvalidArgument``, ``SignatureNotMatch``,
            ``InvalidAccessKeyId``, ``AccessDenied`` for a date too far off, or an error of the
            token.
    """
    scheme, _, claimed = required_header(request, "authorization").partition(" ")
    access_key_id, _, signed = claimed.partition(":")
    if scheme != SCHEME or not signed:
        raise CloudError("InvalidArgument", "the authorization header is not 'acs id:signature'")
    check_date(required_header(request, "date"))
    token = request.headers.get("x-acs-security-token", "")
    credential = credentials.find(access_key_id, token)
    if not hmac.compare_digest(signature(request, credential.secret).encode(), signed.encode()):
        message = "the signature does not match: check the access key's secret"
        raise CloudError("SignatureNotMatch", message, 403)
    return credential
