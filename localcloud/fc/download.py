"""The download links returned by GetFunctionCode, which need no further signature.

The real service returns presigned OSS URLs.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl, urlencode

from localcloud.errors import CloudError
from localcloud.fc.compute import FunctionCompute
from localcloud.http import Request, Response

_PATH: Final = "/code"


class Downloads:
    """Creates and serves links, which are valid while this process lives.

    Args:
        account_lookup: Function Compute of an account, by the account's id.
    """

    def __init__(self, account_lookup: Callable[[str], FunctionCompute]) -> None:
        self._account_lookup = account_lookup
        self._secret = secrets.token_bytes()

    def url(self, request: Request, fc: FunctionCompute, checksum: str) -> str:
        """Return a link to the zip with that checksum, on the host of the request."""
        query = {
            "account": fc.account_id,
            "checksum": checksum,
            "signature": self._signature(fc.account_id, checksum),
        }
        return f"http://{request.headers.get('host', '')}{_PATH}?{urlencode(query)}"

    def serves(self, request: Request) -> bool:
        """Return whether the request follows such a link."""
        return request.method == "GET" and request.raw_path == _PATH

    def respond(self, request: Request) -> Response:
        """Respond with the zip.

        Raises:
            CloudError: ``SignatureNotMatch``, ``FunctionNotFound``.
        """
        query = dict(parse_qsl(request.query))
        account_id, checksum = query.get("account", ""), query.get("checksum", "")
        expected = self._signature(account_id, checksum)
        if not hmac.compare_digest(expected.encode(), query.get("signature", "").encode()):
            raise CloudError("SignatureNotMatch", "this is not a link from GetFunctionCode", 403)
        code = self._account_lookup(account_id).code(checksum)
        return Response(200, {"content-type": "application/zip"}, code)

    def _signature(self, account_id: str, checksum: str) -> str:
        text = f"{account_id}/{checksum}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()
