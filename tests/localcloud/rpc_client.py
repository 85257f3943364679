"""A client of the RPC style, over real HTTP."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from localcloud.http import Handler, HttpServer, HttpService, asgi
from localcloud.ram.credentials import Credential
from localcloud.rpc import signature

Answer = dict[str, object]


class RpcError(Exception):
    """The service refused the call."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.code = code
        self.status = status


class RpcClient:
    """Calls one service with one key."""

    def __init__(self, url: str, version: str, key: Credential) -> None:
        self.url = url
        self._version = version
        self._key = key

    def parameters(self, action: str, **parameters: str) -> dict[str, str]:
        """Return all parameters of a call except its signature."""
        own = {
            "Action": action,
            "Version": self._version,
            "Format": "JSON",
            "AccessKeyId": self._key.access_key_id,
            "SignatureMethod": "HMAC-SHA1",
            "SignatureVersion": "1.0",
            "SignatureNonce": secrets.token_hex(8),
            **parameters,
        }
        return own | ({"SecurityToken": self._key.token} if self._key.token else {})

    def signed(
        self, method: str, parameters: dict[str, str], secret: str | None = None
    ) -> dict[str, str]:
        """Add the signature to the parameters, with the key's secret or another one."""
        return parameters | {"Signature": signature(method, parameters, secret or self._key.secret)}

    async def send(self, method: str, parameters: dict[str, str]) -> httpx.Response:
        """Send parameters as they are: in the query by GET, as a form by POST."""
        async with httpx.AsyncClient(trust_env=False, verify=False) as http:
            if method == "GET":
                return await http.get(self.url, params=parameters)
            return await http.post(self.url, data=parameters)

    async def __call__(self, action: str, **parameters: str) -> Answer:
        """Call an action, and return its response."""
        given = self.signed("POST", self.parameters(action, **parameters))
        response = await self.send("POST", given)
        answer: Answer = response.json()
        assert answer["RequestId"]
        if response.is_error:
            code, message = str(answer["Code"]), str(answer["Message"])
            raise RpcError(code, message, response.status_code)
        return answer


@asynccontextmanager
async def served(service: HttpService | Handler) -> AsyncIterator[str]:
    """Serve a service, and yield its URL."""
    server = HttpServer(asgi(service))
    await server.start()
    try:
        yield server.url
    finally:
        await server.stop()
