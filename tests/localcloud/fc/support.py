"""One account with Function Compute, RAM and Log Service, and code to run in it."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from localcloud.core import Core
from localcloud.fc import (
    FunctionCompute,
    FunctionSettings,
    InvocationResponse,
    ServiceConfig,
    fc_service,
)
from localcloud.fc.api_call import ReadObject
from localcloud.fc.model import Fc3Config
from localcloud.http import HttpServer, asgi
from localcloud.ram.credentials import Credential, CredentialStore, Principal, root_principal
from localcloud.ram.model import Ram
from localcloud.settings import Settings
from localcloud.sls import LogService

ACCOUNT = "1234567890123456"
TRUST_FC = json.dumps(
    {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": ["fc.aliyuncs.com"]},
            }
        ],
    }
)

ECHO = """
def handler(event, context):
    return {"event": event.decode()}
"""

# Answers its process's id.
WHICH = """
import os

def handler(event, context):
    return os.getpid()
"""

# Creates a file in a folder to show that it runs, and runs until there is a file "go".
RENDEZVOUS = """
import os, pathlib, time

def handler(event, context):
    folder = pathlib.Path(os.environ["folder"])
    (folder / str(os.getpid())).touch()
    while not (folder / "go").exists():
        time.sleep(0.01)
    return os.getpid()
"""


def entries(folder: Path) -> int:
    """Count the files in a folder."""
    return len(list(folder.iterdir()))


async def until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds that only another process can bring about."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - nobody in this loop could set an event
            await asyncio.sleep(0.01)


def zipped(source: str, **files: str) -> bytes:
    """Make a zip with ``index.py`` and other modules at its root; equal input gives equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in {"index": source, **files}.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.py"), text)
    return buffer.getvalue()


def policy(action: str, resource: str, effect: str = "Allow") -> str:
    """A policy document with one statement."""
    statement = {"Effect": effect, "Action": [action], "Resource": [resource]}
    return json.dumps({"Version": "1", "Statement": [statement]})


@dataclass
class Account:
    """An account's services, and what tests do with them."""

    core: Core
    credentials: CredentialStore
    ram: Ram
    sls: LogService
    fc: FunctionCompute

    @property
    def root(self) -> Principal:
        return root_principal(self.ram.account_id)

    def user(self, name: str, *documents: str) -> Credential:
        """Create a RAM user with these policies; return a key of it."""
        self.ram.create_user(name)
        for number, document in enumerate(documents):
            self.ram.create_policy(f"{name}-{number}", document, "", 0)
            self.ram.attach_to_user(f"{name}-{number}", name)
        return self.ram.create_access_key(name)

    def service_role(self, *documents: str) -> str:
        """Create a role for functions with these policies; return its ARN."""
        role = self.ram.create_role("functions", TRUST_FC, "", 0)
        for number, document in enumerate(documents):
            self.ram.create_policy(f"functions-{number}", document, "", 0)
            self.ram.attach(f"functions-{number}", "functions")
        return role.arn

    def deploy(
        self,
        source: str,
        *,
        name: str = "f",
        service: ServiceConfig | None = None,
        **config: Any,
    ) -> None:
        """Create a function in the service ``s``, which is created if it does not exist."""
        if "s" not in self.fc.services:
            self.fc.services.create("s", service or ServiceConfig())
        base = FunctionSettings(handler="index.handler", runtime="python3.10", timeout=30)
        self.fc.services.create_function("s", name, replace(base, **config), zipped(source))

    def deploy_fc3(self, source: str, *, name: str = "f", **config: Any) -> None:
        """Create a function of FC 3.0."""
        base = Fc3Config(handler="index.handler", runtime="python3.10", timeout=30)
        self.fc.functions.create(name, replace(base, **config), zipped(source))

    async def invoke_fc3(self, payload: object = None, *, name: str = "f") -> InvocationResponse:
        """Invoke a function of FC 3.0 as the account itself."""
        return await self.fc.invoke(self.root, "", "", name, json.dumps(payload).encode())

    async def invoke(self, payload: object = None, *, name: str = "f") -> InvocationResponse:
        """Invoke a function as the account itself."""
        return await self.fc.invoke(self.root, "s", "", name, json.dumps(payload).encode())


@asynccontextmanager
async def an_account(settings: Settings | None = None) -> AsyncIterator[Account]:
    """Provide an empty account, and shut it down at the end."""
    core, credentials = Core(settings or Settings()), CredentialStore()
    ram, sls = Ram(ACCOUNT, credentials), LogService(core)
    account = Account(core, credentials, ram, sls, FunctionCompute(core, ram, sls))
    try:
        yield account
    finally:
        await account.fc.close()
        core.work.close()


@asynccontextmanager
async def an_endpoint(
    account: Account, read_object: ReadObject | None = None
) -> AsyncIterator[str]:
    """Serve the account's Function Compute over HTTP, and yield its URL."""
    accounts = {ACCOUNT: account.fc}
    server = HttpServer(
        asgi(fc_service(account.credentials, accounts.__getitem__, read_object=read_object))
    )
    await server.start()
    try:
        yield server.url
    finally:
        await server.stop()
