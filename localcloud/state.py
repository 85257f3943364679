"""Keeps a cloud's state in a folder, across restarts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from localcloud.cloud import LocalCloud
from localcloud.errors import CloudError
from localcloud.ram.credentials import Credential, root_principal

_FILE = "state.json"


class AccountState(BaseModel):
    """One account: its key, and what its services tell of themselves, as JSON."""

    access_key_id: str
    access_key_secret: str
    ram: Any
    fc: Any
    fnf: Any
    sls: Any


class CloudState(BaseModel):
    """A whole cloud. Ports are kept too, since deployed functions hold endpoints."""

    now: float
    ports: dict[str, int]
    accounts: dict[str, AccountState]
    oss: Any


_ADAPTER = TypeAdapter(CloudState)


def save(cloud: LocalCloud, folder: Path) -> None:
    """Writes the cloud's state; the file is whole or untouched, whenever the process ends."""
    state = CloudState(
        now=cloud.core.clock.now(),
        ports=cloud.ports(),
        accounts={
            account_id: AccountState(
                access_key_id=account.root.access_key_id,
                access_key_secret=account.root.secret,
                ram=account.ram.snapshot(),
                fc=account.fc.snapshot(),
                fnf=account.fnf.snapshot(),
                sls=account.sls.snapshot(),
            )
            for account_id, account in cloud.accounts.items()
        },
        oss=cloud.oss.snapshot(),
    )
    part = folder / (_FILE + ".part")
    part.touch(mode=0o600)
    part.write_bytes(_ADAPTER.dump_json(state))
    part.replace(folder / _FILE)


def load(folder: Path) -> CloudState | None:
    """Reads a kept state; None where none was kept, and the folder is made.

    Raises:
        CloudError: the file is not a state that this version can read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _FILE
    if not path.exists():
        return None
    try:
        return _ADAPTER.validate_json(path.read_bytes())
    except ValidationError as error:
        raise CloudError(
            "InvalidState",
            f"{path} is no state of this version: remove it to start afresh: {error}",
        ) from error


def restore(cloud: LocalCloud, state: CloudState) -> None:
    """Fills a new cloud with a kept state."""
    cloud.core.clock.advance(max(0.0, state.now - cloud.core.clock.now()))
    for account_id, kept in state.accounts.items():
        root = Credential(kept.access_key_id, kept.access_key_secret, root_principal(account_id))
        cloud.open_account(account_id, root)
        account = cloud.accounts[account_id]
        account.ram.restore(kept.ram)
        account.fc.restore(kept.fc)
        account.fnf.restore(kept.fnf)
        account.sls.restore(kept.sls)
    cloud.oss.restore(state.oss)
