"""A local cloud: its accounts, services and endpoints."""

from __future__ import annotations

import os
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from localcloud.cms import CloudMonitor
from localcloud.cms.api import cms_handler
from localcloud.core import Core
from localcloud.fc.api import fc_service
from localcloud.fc.code_package import PACKAGE_BYTES
from localcloud.fc.compute import FunctionCompute
from localcloud.fnf.api import fnf_handler
from localcloud.fnf.model import Workflow
from localcloud.gateway.gateway import Gateway
from localcloud.http import App, Handler, HttpServer, HttpService, asgi
from localcloud.location.api import location_handler
from localcloud.oss import ObjectStorage
from localcloud.ports import ANY_FREE_PORT
from localcloud.ram.api import ram_handler
from localcloud.ram.credentials import Credential, CredentialStore, Principal, root_principal
from localcloud.ram.model import Ram
from localcloud.ram.sts import sts_handler
from localcloud.settings import Settings
from localcloud.sls import LogService
from localcloud.sls.api import LogAccount, LogAccounts, sls_service
from localcloud.terraform.server import ProviderServer

_PROXY: Final = "proxy"  # its name among the ports


@contextmanager
def _port_named(name: str, port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OSError(error.errno, f"port {port} of {name}: {reason}") from error


@dataclass(frozen=True)
class Account:
    """The services of one account."""

    account_id: str
    root: Credential
    ram: Ram
    fc: FunctionCompute
    fnf: Workflow
    sls: LogService
    cms: CloudMonitor


class LocalCloud:
    """A cloud on this machine.

    Args:
        settings: identity, limits and switches.

    Attributes:
        control_token: the token that requests to the control API must carry.
    """

    def __init__(self, settings: Settings) -> None:
        self.core = Core(settings)
        self.control_token = secrets.token_urlsafe(32)
        self.credentials = CredentialStore(partial(self.core.journal.touch, "credential"))
        self.accounts: dict[str, Account] = {}
        self.oss = ObjectStorage(self.core, self.credentials, lambda a: self.accounts[a].ram)
        self.open_account(settings.account_id)
        self._servers: dict[str, HttpServer] = {}
        self._gateway: Gateway | None = None
        self._provider: ProviderServer | None = None

    def open_account(self, account_id: str, root: Credential | None = None) -> Credential:
        """Create an account unless it exists; return the key of the account itself.

        Args:
            account_id: 16 digits.
            root: the account's key from a saved state, with which to recreate the account.
        """
        if account_id not in self.accounts or root is not None:
            root = root or self.credentials.issue(root_principal(account_id))
            ram = Ram(account_id, self.credentials)
            sls = LogService(self.core, account_id)
            fc = FunctionCompute(self.core, ram, sls)
            fnf = Workflow(self.core, ram, fc)
            self.accounts[account_id] = Account(account_id, root, ram, fc, fnf, sls, CloudMonitor())
            self._note_account(account_id)
        return self.accounts[account_id].root

    def _note_account(self, account_id: str) -> None:
        for kind in ("account", "ram", "fc", "sls", "cms", "callbacks"):
            self.core.journal.touch(kind, account_id)

    def configuration_changed(self) -> None:
        """Record that something other than objects, flows and executions may have changed."""
        for account_id in self.accounts:
            self._note_account(account_id)
        for bucket in self.oss.bucket_names():
            self.core.journal.touch("bucket", bucket)

    def _read_code(self, caller: Principal, bucket: str, key: str) -> bytes:
        """Read an object for FC, with the caller's permissions."""
        ram = self.accounts[caller.account_id].ram
        ram.authorize(caller, "oss:GetObject", f"acs:oss:*:{caller.account_id}:{bucket}/{key}")
        return self.oss.read_object(bucket, key, at_most=PACKAGE_BYTES)

    async def start(
        self, port_of: Callable[[str], int] = lambda _: ANY_FREE_PORT, *, extra: Mapping[str, App]
    ) -> None:
        """Start every endpoint.

        Args:
            port_of: returns the port of a service.
            extra: applications to serve in addition to the cloud's services, by name.

        Raises:
            OSError: a port is in use.
        """
        apps = {
            name: asgi(service, self.core.journal.settle)
            for name, service in self._services().items()
        }
        for name, app in {**apps, **extra}.items():
            port = port_of(name)
            with _port_named(name, port):
                self._servers[name] = HttpServer(app, port=port)
            await self._servers[name].start()
        self._gateway = Gateway(apps, self.core.settings.region, self.core.work.folder("tls"))
        port = port_of(_PROXY)
        with _port_named(_PROXY, port):
            await self._gateway.start(port)
        self.core.network = replace(
            self.core.network,
            ports=self._gateway.ports,
            authority=str(self._gateway.ca_file),
        )
        root = self.accounts[self.core.settings.account_id].root
        self._provider = ProviderServer(self, root.principal)
        await self._provider.start()

    def _services(self) -> dict[str, HttpService | Handler]:
        """Return the services, by endpoint name."""
        accounts, settings = self.accounts, self.core.settings
        log_accounts = LogAccounts(
            lambda a: LogAccount(accounts[a].sls, accounts[a].ram),
            lambda name: any(name in account.sls.projects for account in accounts.values()),
        )
        return {
            "oss": self.oss.service,
            "fc": fc_service(
                self.credentials, lambda a: accounts[a].fc, read_object=self._read_code
            ),
            "fnf": fnf_handler(self.core, self.credentials, lambda a: accounts[a].fnf),
            "ram": ram_handler(self.core, self.credentials, lambda a: accounts[a].ram),
            "sts": sts_handler(self.credentials, lambda a: accounts[a].ram),
            "sls": sls_service(self.core, self.credentials, log_accounts),
            "cms": cms_handler(
                self.core, self.credentials, lambda a: (accounts[a].cms, accounts[a].ram)
            ),
            "location": location_handler(self.credentials, settings.region),
        }

    def resume(self) -> str:
        """Resume the work in progress of a recovered state; return a summary."""
        under_way = failed = 0
        for account in self.accounts.values():
            account.fc.resume()
            runs, cut_short = account.fnf.resume()
            under_way, failed = under_way + runs, failed + cut_short
        on = under_way - failed
        return f"of {under_way} executions in progress, {on} continue and {failed} failed"

    async def stop(self) -> None:
        """Stop all endpoints, executions and function processes."""
        if self._provider is not None:
            await self._provider.stop()
        if self._gateway is not None:
            await self._gateway.stop()
        for account in self.accounts.values():
            await account.fc.close()
        for server in self._servers.values():
            await server.stop()
        self.core.work.close()

    def endpoints(self) -> dict[str, str]:
        """Return the contents of the endpoints file."""
        settings = self.core.settings
        root = self.accounts[settings.account_id].root
        return {
            **{name: server.url for name, server in self._servers.items()},
            "access_key_id": root.access_key_id,
            "access_key_secret": root.secret,
            "account_id": settings.account_id,
            "region": settings.region,
            "tf_reattach_providers": self._provider.reattach() if self._provider else "",
            "control_token": self.control_token,
            **self._proxy_settings(),
        }

    def _proxy_settings(self) -> dict[str, str]:
        """Return the settings that point a client at the gateway, for its environment variables."""
        if self._gateway is None:
            return {}
        url = f"http://127.0.0.1:{self._gateway.proxy_port}"
        return {"https_proxy": url, "ca_file": str(self._gateway.ca_file)}

    def warnings(self) -> dict[str, list[str]]:
        """Return problems that were not reported to any caller, by account."""
        warnings = {name: account.fc.warnings() for name, account in self.accounts.items()}
        if self._gateway is not None and self.core.settings.offline:
            warnings[self.core.settings.account_id] += [
                f"a client tried to connect to {host}, which was refused"
                for host in self._gateway.refused
            ]
        return warnings

    def ports(self) -> dict[str, int]:
        """Return the port of each service."""
        ports = {name: server.port for name, server in self._servers.items()}
        return {**ports, _PROXY: self._gateway.proxy_port} if self._gateway else ports

    def resources(self) -> dict[str, list[str]]:
        """Return the names of all resources, by kind; empty kinds are omitted."""
        kinds: defaultdict[str, list[str]] = defaultdict(list)
        for account_id, account in self.accounts.items():
            kinds["buckets"] += [bucket.name for bucket in self.oss.buckets_of(account_id)]
            kinds["roles"] += account.ram.roles
            kinds["policies"] += account.ram.policies
            kinds["users"] += account.ram.users
            kinds["services"] += account.fc.services
            kinds["functions"] += account.fc.names()
            kinds["flows"] += (flow.name for flow in account.fnf.flows)
            kinds["log projects"] += account.sls.projects
            kinds["alarms"] += (alarm.name for alarm in account.cms.alarms.values())
            kinds["contact groups"] += account.cms.groups
        return {kind: sorted(names) for kind, names in kinds.items() if names}
