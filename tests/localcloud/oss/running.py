"""A local cloud's OSS that runs in its own thread, for blocking clients."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import oss2

from localcloud.core import Core
from localcloud.http import HttpServer, asgi
from localcloud.oss import ObjectStorage
from localcloud.ram.credentials import Credential, CredentialStore, root_principal
from localcloud.ram.model import Ram
from localcloud.settings import Settings

T = TypeVar("T")

_CONNECTIONS = 32  # a test's threads share the connections of all its clients


class RunningOss:
    """The service, and what tests need to call it.

    Call :meth:`do` for everything that touches the cloud directly: it runs in the cloud's thread.
    """

    def __init__(self, settings: Settings, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.core = Core(settings)
        self.credentials = CredentialStore()
        self.rams: dict[str, Ram] = {}
        self.root = self.credentials.issue(root_principal(settings.account_id))
        self.storage = ObjectStorage(self.core, self.credentials, self.ram_of)
        self.server = HttpServer(asgi(self.storage.service, self.core.journal.settle))
        self.region = settings.region
        self._session = oss2.Session(pool_size=_CONNECTIONS)

    @property
    def ram(self) -> Ram:
        """Return RAM of the cloud's first account."""
        return self.ram_of(self.core.settings.account_id)

    @property
    def url(self) -> str:
        """Return the endpoint for clients."""
        return self.server.url

    def do(self, work: Callable[[], T]) -> T:
        """Run work in the cloud's thread, and return its result."""

        async def run() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()

    def remove_buckets(self) -> None:
        """Remove every bucket with its contents."""

        def remove() -> None:
            for name in self.storage.bucket_names():
                bucket = self.storage.get_bucket(name)
                bucket.uploads.clear()
                for key in list(bucket.keys_with_versions("", inclusive=True)):
                    bucket.put_versions(key, [])
                self.storage.delete_bucket(name)
            self.storage.thawer.free_at.clear()

        self.do(remove)

    def advance(self, seconds: float) -> None:
        """Move cloud time forward."""
        self.do(lambda: self.core.clock.advance(seconds))

    def meters(self) -> dict[str, float]:
        """Return what was billed so far."""
        return self.do(self.core.meters.read)

    def bucket(
        self, name: str, *, version: str = "v4", credential: Credential | None = None
    ) -> oss2.Bucket:
        """Return an oss2 client of a bucket, which need not exist."""
        key = credential or self.root
        auth = (
            oss2.StsAuth(key.access_key_id, key.secret, key.token, auth_version=version)
            if key.token
            else oss2.make_auth(key.access_key_id, key.secret, version)
        )
        return oss2.Bucket(
            auth, self.url, name, session=self._session, region=self.region, connect_timeout=20
        )

    def role_credential(
        self, policy: str, role: str = "thawer", *, account_id: str = ""
    ) -> Credential:
        """Return temporary keys of a new role with this policy, by default in the first account."""
        ram = self.ram_of(account_id) if account_id else self.ram

        def make() -> Credential:
            trust = (
                '{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
                ' "Principal": {"Service": ["fc.aliyuncs.com"]}}]}'
            )
            ram.create_role(role, trust, "", 0)
            ram.create_policy(f"{role}-policy", policy, "", 0)
            ram.attach(f"{role}-policy", role)
            return ram.assume(role, by="fc.aliyuncs.com")

        return self.do(make)

    def ram_of(self, account_id: str) -> Ram:
        """Return RAM of an account; every id has an account."""
        return self.rams.setdefault(account_id, Ram(account_id, self.credentials))


@contextmanager
def running_oss(settings: Settings | None = None) -> Iterator[RunningOss]:
    """Start the service in its own thread, and stop it at the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> RunningOss:
        oss = RunningOss(settings or Settings(), loop)
        await oss.server.start()
        return oss

    oss = asyncio.run_coroutine_threadsafe(start(), loop).result()
    try:
        yield oss
    finally:
        asyncio.run_coroutine_threadsafe(oss.server.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
