"""Signatures of Log Service's API, version 0.6.0.

Source: alibabacloud-gateway-sls 0.5.1, which signs with SHA-256, and Log Service's documentation,
which uses SHA-1.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any, Final

from localcloud.errors import CloudError
from localcloud.http import Request
from localcloud.ram.credentials import Credential, CredentialStore

_METHODS: Final[Mapping[str, Callable[..., Any]]] = {
    "hmac-sha1": hashlib.sha1,
    "hmac-sha256": hashlib.sha256,
}
_SIGNED: Final = ("x-log-", "x-acs-")


def signature(
    method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], secret: str
) -> str:
    """Return the signature of a request.

    Args:
        method: the request's method.
        path: the decoded path, without the query.
        query: the decoded query.
        headers: the headers, by lower-case name.
        secret: the access key's secret.
    """
    algorithm = _METHODS[headers.get("x-log-signaturemethod", "hmac-sha1")]
    own = (f"{name}:{headers[name]}" for name in sorted(headers) if name.startswith(_SIGNED))
    parameters = "&".join(f"{name}={value}" for name, value in sorted(query.items()))
    lines = [
        method,
        headers.get("content-md5", ""),
        headers.get("content-type", ""),
        headers.get("date", ""),
        *own,
        path + (f"?{parameters}" if parameters else ""),
    ]
    digest = hmac.new(secret.encode(), "\n".join(lines).encode(), algorithm).digest()
    return base64.b64encode(digest).decode()


def authenticate(
    request: Request, path: str, query: Mapping[str, str], credentials: CredentialStore
) -> Credential:
    """Return the key that signed the request.

    Raises:
        CloudError: ``Unauthorized``, ``SignatureNotMatch``, ``InvalidParameter``.
    """
    scheme, _, claim = request.headers.get("authorization", "").partition(" ")
    if scheme != "LOG":
        raise CloudError(
            "InvalidParameter", "the Authorization header is not 'LOG id:signature'", 400
        )
    access_key_id, _, signed = claim.partition(":")
    method = request.headers.get("x-log-signaturemethod", "hmac-sha1")
    if method not in _METHODS:
        raise CloudError("InvalidParameter", f"x-log-signaturemethod: {method!r} is not supported")
    try:
        token = request.headers.get("x-acs-security-token", "")
        credential = credentials.find(access_key_id, token)
    except CloudError as error:
        raise CloudError("Unauthorized", error.message, 401) from error
    expected = signature(request.method, path, query, request.headers, credential.secret)
    if not hmac.compare_digest(expected.encode(), signed.encode()):
        raise CloudError(
            "SignatureNotMatch", "the signature does not match: check the key's secret", 403
        )
    _check_digest(request)
    return credential


def _check_digest(request: Request) -> None:
    """Check the body's digest, which the signature covers."""
    if not request.body:
        return
    digest = hashlib.md5(request.body, usedforsecurity=False).hexdigest().upper()
    if digest != request.headers.get("content-md5", "").upper():  # assumed: the error's code
        raise CloudError("PostBodyInvalid", "Content-MD5 does not match the body")
