"""All services at one HTTPS and one HTTP endpoint, selected by the host of a request."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from starlette.types import Receive, Scope, Send

from localcloud.errors import CloudError
from localcloud.gateway.authority import CertificateAuthority
from localcloud.gateway.proxy import ConnectProxy
from localcloud.hosts import service_of
from localcloud.http import App, HttpServer, Request, Response, asgi


class Gateway:
    """The endpoints, and the proxy to the HTTPS endpoint, in the running loop.

    Args:
        apps: the services, by endpoint name.
        region: the cloud's region.
        folder: folder for the authority's certificate, while the cloud runs.

    Raises:
        OSError: a file cannot be written.
    """

    def __init__(self, apps: Mapping[str, App], region: str, folder: Path) -> None:
        self._apps, self._region = apps, region
        authority = CertificateAuthority()
        self.ca_file = folder / "ca.pem"
        authority.write(self.ca_file)
        self._server = HttpServer(self._app, tls=authority.server_context(self._serves))
        self._plain_server = HttpServer(self._app)
        self._proxy = ConnectProxy(self._serves, self._server.port)

    async def start(self, port: int) -> None:
        """Start serving; the proxy listens on this port, or on any free port if it is 0.

        Raises:
            OSError: the port is in use.
        """
        await self._server.start()
        await self._plain_server.start()
        await self._proxy.start(port)

    async def stop(self) -> None:
        """Close all connections."""
        await self._proxy.stop()
        await self._server.stop()
        await self._plain_server.stop()

    @property
    def proxy_port(self) -> int:
        """The proxy's port."""
        return self._proxy.port

    @property
    def ports(self) -> dict[str, int]:
        """The local ports of the endpoints, by the ports of HTTPS and HTTP."""
        return {"443": self._server.port, "80": self._plain_server.port}

    @property
    def refused(self) -> list[str]:
        """The hosts that the proxy refused to connect to."""
        return [*self._proxy.refused]

    def _serves(self, host: str) -> bool:
        return service_of(host, self._region) in self._apps

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        service = service_of(host.removesuffix(":443").removesuffix(":80"), self._region)
        await self._apps.get(service or "", _NOWHERE)(scope, receive, send)


async def _misdirected(request: Request) -> Response:
    host = request.headers.get("host", "")
    raise CloudError("InvalidHost", f"the local cloud has no service {host[:253]!r}", 421)


_NOWHERE: Final = asgi(_misdirected)
