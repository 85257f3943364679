"""A local cloud of several accounts that serves its endpoints, in this process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from localcloud.cloud import LocalCloud
from localcloud.control import control_app
from localcloud.fnf.snapshots import dump_flow
from localcloud.persistence.database import Database
from localcloud.persistence.recovery import StateKeeper
from localcloud.settings import Settings
from oss_restore.clients.target import LocalEndpoints

T = TypeVar("T")


class HostedCloud:
    """The cloud, in its own thread and event loop.

    Args:
        account_ids: the ids of its accounts; the provider's own keys are those of the first.
        state: the folder for its state; None to discard it.
    """

    def __init__(self, *account_ids: str, state: Path | None = None) -> None:
        self._state = state
        self.cloud = LocalCloud(Settings(account_id=account_ids[0]))
        for account_id in account_ids:
            self.cloud.open_account(account_id)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the cloud's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    @contextmanager
    def serving(self) -> Iterator[HostedCloud]:
        """Serve while the block runs."""
        self._thread.start()
        try:
            self.run(self.cloud.start(extra={"control": control_app(self.cloud)}))
            with self._kept():
                yield self
        finally:
            self.run(self.cloud.stop())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    @contextmanager
    def _kept(self) -> Iterator[None]:
        if self._state is None:
            yield
            return
        with closing(Database(self._state)) as database:
            keeper = StateKeeper(self.cloud, database)
            self.run(keeper.keep())
            try:
                yield
            finally:
                self.run(keeper.end())

    def endpoints(self, account_id: str) -> LocalEndpoints:
        """Return the endpoints with an account's own keys."""
        root = self.cloud.accounts[account_id].root
        own = {
            "account_id": account_id,
            "access_key_id": root.access_key_id,
            "access_key_secret": root.secret,
        }
        return LocalEndpoints.model_validate({**self.cloud.endpoints(), **own})

    def contents(self, account_id: str) -> list[object]:
        """Return everything in an account."""
        account = self.cloud.accounts[account_id]
        buckets = self.cloud.oss.buckets_of(account_id)
        return [
            account.ram.snapshot(),
            account.fc.snapshot(),
            [dump_flow(flow) for flow in account.fnf.flows],
            account.sls.snapshot(),
            {bucket.name: list(bucket.all_objects()) for bucket in buckets},
        ]
