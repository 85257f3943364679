"""A local cloud in its own thread, whose provider can be attached to as any caller."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from localcloud.cloud import LocalCloud
from localcloud.control import control_app
from localcloud.ram.credentials import Credential, Principal
from localcloud.ram.model import Ram
from localcloud.settings import Settings
from localcloud.terraform.server import ProviderServer
from oss_restore.clients.control_api import ControlClient
from oss_restore.clients.target import LocalEndpoints

T = TypeVar("T")


class CloudBeside:
    """A local cloud in its own event loop."""

    def __init__(self, account: str) -> None:
        self.cloud = LocalCloud(Settings(account_id=account))
        self._account = account
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._providers: list[ProviderServer] = []

    @property
    def ram(self) -> Ram:
        """Return RAM of the account."""
        return self.cloud.accounts[self._account].ram

    @property
    def endpoints(self) -> LocalEndpoints:
        """Return the endpoints with the account's own keys."""
        return LocalEndpoints.model_validate(self.cloud.endpoints())

    @property
    def control(self) -> ControlClient:
        return ControlClient(self.endpoints)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the cloud's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)

    def provider(self, caller: Principal) -> str:
        """Return the value for Terraform to attach to a provider of this caller."""

        async def start() -> ProviderServer:
            server = ProviderServer(self.cloud, caller)
            await server.start()
            return server

        self._providers.append(self.run(start()))
        return self._providers[-1].reattach()

    def sign_in(self, role: str, provider: str, claims: dict[str, str]) -> Credential:
        """Return temporary keys of a role for a token with these claims, without a signature check.

        Raises:
            AccessDeniedError: the role does not trust such a token.
        """

        async def assume() -> Credential:
            context = {f"oidc:{name}": value for name, value in claims.items()}
            return self.ram.assume(role, by=provider, kind="Federated", context=context)

        return self.run(assume())

    def start(self) -> None:
        self._thread.start()
        self.run(self.cloud.start(extra={"control": control_app(self.cloud)}))

    def stop(self) -> None:
        for server in self._providers:
            self.run(server.stop())
        self.run(self.cloud.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextmanager
def cloud_beside(account: str) -> Iterator[CloudBeside]:
    """Start a cloud, and stop it at the end."""
    cloud = CloudBeside(account)
    cloud.start()
    try:
        yield cloud
    finally:
        cloud.stop()
