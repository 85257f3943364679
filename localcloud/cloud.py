"""One local cloud: its accounts, its services and their endpoints, put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from localcloud.control import Control
from localcloud.core import Core
from localcloud.fc.api import fc_handler
from localcloud.fc.model import FunctionCompute
from localcloud.fnf.api import fnf_handler
from localcloud.fnf.model import Workflow
from localcloud.http import Handler, HttpServer
from localcloud.oss import ObjectStorage
from localcloud.ram.api import ram_handler
from localcloud.ram.credentials import Credential, Credentials, Principal, root_principal
from localcloud.ram.model import Ram
from localcloud.ram.sts import sts_handler
from localcloud.settings import Settings
from localcloud.sls.model import LogService
from localcloud.terraform.server import TerraformProvider


@dataclass(frozen=True)
class Account:
    """The services of one account."""

    account_id: str
    root: Credential
    ram: Ram
    fc: FunctionCompute
    fnf: Workflow
    sls: LogService


class LocalCloud:
    """A cloud on this machine.

    Args:
        settings: identity, limits and switches.
    """

    def __init__(self, settings: Settings) -> None:
        self.core = Core(settings)
        self.credentials = Credentials()
        self.accounts: dict[str, Account] = {}
        self.oss = ObjectStorage(self.core, self.credentials, self.authorize)
        self.provider = TerraformProvider(self.core, self.credentials, self)
        self._servers: dict[str, HttpServer] = {}
        self.open_account(settings.account_id)

    def open_account(self, account_id: str, root: Credential | None = None) -> Credential:
        """Makes an account, unless it is there; returns the key of the account itself."""
        if account_id not in self.accounts or root is not None:
            if root is None:
                root = self.credentials.issue(root_principal(account_id))
            else:
                self.credentials.add(root)
            ram = Ram(account_id, self.credentials)
            sls = LogService(self.core)
            fc = FunctionCompute(self.core, ram, sls)
            fnf = Workflow(self.core, ram, fc)
            self.accounts[account_id] = Account(account_id, root, ram, fc, fnf, sls)
        return self.accounts[account_id].root

    def account(self, account_id: str) -> Account:
        """The account of that id; every key belongs to one that is there."""
        return self.accounts[account_id]

    def authorize(
        self,
        principal: Principal,
        action: str,
        resource: str,
        context: Mapping[str, str] | None = None,
    ) -> None:
        """RAM's decision on a call, by the policies of the caller's account."""
        self.account(principal.account_id).ram.authorize(principal, action, resource, context)

    async def start(self, ports: Mapping[str, int] | None = None) -> None:
        """Starts every endpoint.

        Args:
            ports: where each service listens; any free port where it names none.
        """
        handlers: dict[str, Handler] = {
            "oss": self.oss.handler,
            "fc": fc_handler(self.core, self.credentials, lambda a: self.account(a).fc),
            "fnf": fnf_handler(self.core, self.credentials, lambda a: self.account(a).fnf),
            "ram": ram_handler(self.core, self.credentials, lambda a: self.account(a).ram),
            "sts": sts_handler(self.core, self.credentials, lambda a: self.account(a).ram),
            "control": Control(self).handle,
        }
        for name, handler in handlers.items():
            self._servers[name] = HttpServer(handler, port=(ports or {}).get(name, 0))
            await self._servers[name].start()
        await self.provider.start()

    async def stop(self) -> None:
        """Stops every endpoint, every execution and every function's process."""
        await self.provider.stop()
        for account in self.accounts.values():
            await account.fnf.stop()
            await account.fc.stop()
        for server in self._servers.values():
            await server.stop()

    def endpoints(self) -> dict[str, str]:
        """What a client needs to know: the shape of the endpoints file."""
        settings = self.core.settings
        root = self.accounts[settings.account_id].root
        return {
            **{name: server.url for name, server in self._servers.items()},
            "access_key_id": root.access_key_id,
            "access_key_secret": root.secret,
            "account_id": settings.account_id,
            "region": settings.region,
            "tf_reattach_providers": self.provider.reattach(),
        }

    def ports(self) -> dict[str, int]:
        """Where each service listens."""
        return {name: server.port for name, server in self._servers.items()}

    def resources(self) -> dict[str, list[str]]:
        """Names of everything that exists, by kind; kinds without any are left out."""
        kinds = {"buckets": sorted(self.oss.bucket_names())}
        for account in self.accounts.values():
            kinds.setdefault("roles", []).extend(sorted(account.ram.roles))
            kinds.setdefault("policies", []).extend(sorted(account.ram.policies))
            kinds.setdefault("services", []).extend(sorted(account.fc.service_names()))
            kinds.setdefault("flows", []).extend(sorted(account.fnf.flow_names()))
            kinds.setdefault("log projects", []).extend(sorted(account.sls.project_names()))
        return {kind: names for kind, names in kinds.items() if names}


def write_endpoints(path: Path, endpoints: Mapping[str, str]) -> None:
    """Writes the endpoints file at once and whole, readable by its owner only."""
    part = path.with_name(path.name + ".part")
    part.touch(mode=0o600)
    part.write_bytes(orjson.dumps(dict(endpoints), option=orjson.OPT_INDENT_2))
    part.replace(path)
