"""A local cloud with its provider, in its own thread, and real Terraform to attach to it."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from localcloud.cms import CloudMonitor
from localcloud.core import Core
from localcloud.fc.compute import FunctionCompute
from localcloud.fnf.model import Workflow
from localcloud.oss.api import ObjectStorage
from localcloud.ram.credentials import CredentialStore, Principal, root_principal
from localcloud.ram.model import Ram
from localcloud.settings import Settings
from localcloud.sls import LogService
from localcloud.terraform.schema import ProviderSchema
from localcloud.terraform.server import ProviderServer
from oss_restore.cli.rehearsal.cdktf import PROJECT
from oss_restore.cli.rehearsal.terraform_binary import find_terraform, terraform_environment
from tests.localcloud.terraform.terraform import Terraform

T = TypeVar("T")

ACCOUNT = "1234567890123456"
OTHER_ACCOUNT = "6543210987654321"


class AccountServices:
    """The services of one account."""

    def __init__(self, account_id: str, core: Core, credentials: CredentialStore) -> None:
        self.ram = Ram(account_id, credentials)
        self.sls = LogService(core)
        self.cms = CloudMonitor()
        self.fc = FunctionCompute(core, self.ram, self.sls)
        self.fnf = Workflow(core, self.ram, self.fc)


class RunningCloud:
    """A cloud, by default of two accounts, in its own thread and event loop."""

    def __init__(self, *account_ids: str) -> None:
        self.core = Core(Settings(account_id=ACCOUNT))
        self.credentials = CredentialStore()
        self.accounts = {
            account_id: AccountServices(account_id, self.core, self.credentials)
            for account_id in account_ids or (ACCOUNT, OTHER_ACCOUNT)
        }
        self.oss = ObjectStorage(self.core, self.credentials, lambda a: self.accounts[a].ram)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._servers: list[ProviderServer] = []

    def configuration_changed(self) -> None:
        """Nothing of this cloud is kept."""

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a function in the cloud's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    def start(self) -> None:
        """Start the loop."""
        self._thread.start()

    def serve(self, caller: Principal, schema: ProviderSchema | None = None) -> str:
        """Start a provider server; return the value for Terraform to reattach to it."""

        async def start() -> ProviderServer:
            server = ProviderServer(self, caller, schema)
            await server.start()
            return server

        self._servers.append(self.run(start()))
        return self._servers[-1].reattach()

    def stop(self) -> None:
        """Stop servers and loop."""
        for server in self._servers:
            self.run(server.stop())
        for account in self.accounts.values():
            self.run(account.fc.close())
        self.core.work.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture
def cloud() -> Iterator[RunningCloud]:
    """A new cloud, so that nothing has to be removed from it."""
    cloud = RunningCloud()
    cloud.start()
    yield cloud
    cloud.stop()


@pytest.fixture
def reattach(cloud: RunningCloud) -> str:
    """The value to reattach to a provider whose caller is the first account's root."""
    return cloud.serve(root_principal(ACCOUNT))


@pytest.fixture(scope="session")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return find_terraform(tmp_path_factory.mktemp("terraform"))


@pytest.fixture(scope="session")
def opentofu() -> Path:
    """The OpenTofu that was built for the tests."""
    built = PROJECT / ".vendors" / "opentofu" / "tofu"
    if not built.is_file():
        pytest.skip("OpenTofu is not there: run make opentofu, which needs Go")
    return built


@pytest.fixture
def account(cloud: RunningCloud) -> AccountServices:
    """The first account."""
    return cloud.accounts[ACCOUNT]


@pytest.fixture
def ram(account: AccountServices) -> Ram:
    """RAM of the first account."""
    return account.ram


@pytest.fixture
def terraform(binary: Path, reattach: str, tmp_path: Path) -> Callable[..., Terraform]:
    """Create a Terraform in its own directory, for a configuration in Terraform's JSON."""

    def make(name: str = "stack", reattach: str = reattach) -> Terraform:
        directory = tmp_path / name
        directory.mkdir()
        return Terraform(binary, directory, terraform_environment(os.environ, reattach=reattach))

    return make
