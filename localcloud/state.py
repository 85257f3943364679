"""Keeps a cloud's state in a folder, across restarts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter, ValidationError

from localcloud.cloud import LocalCloud
from localcloud.errors import CloudError
from localcloud.private_file import write_private_file

_FILE: Final = "state.json"


class AccountState(BaseModel):
    """One account: the id of its own key, and what its services tell of themselves, as JSON."""

    access_key_id: str
    ram: Any
    fc: Any
    fnf: Any
    sls: Any
    cms: Any


class CloudState(BaseModel):
    """A whole cloud. Ports are kept too, since deployed functions hold endpoints."""

    account_id: str
    region: str
    now: float
    ports: dict[str, int]
    credentials: Any
    accounts: dict[str, AccountState]
    oss: Any


_ADAPTER: Final = TypeAdapter(CloudState)


def save(cloud: LocalCloud, folder: Path) -> None:
    """Writes the cloud's state; the file is whole or untouched, whenever the process ends.

    Raises:
        OSError: it cannot be written.
    """
    settings = cloud.core.settings
    state = CloudState(
        account_id=settings.account_id,
        region=settings.region,
        now=cloud.core.clock.now(),
        ports=cloud.ports(),
        credentials=cloud.credentials.snapshot(),
        accounts={
            account_id: AccountState(
                access_key_id=account.root.access_key_id,
                ram=account.ram.snapshot(),
                fc=account.fc.snapshot(),
                fnf=account.fnf.snapshot(),
                sls=account.sls.snapshot(),
                cms=account.cms.snapshot(),
            )
            for account_id, account in cloud.accounts.items()
        },
        oss=cloud.oss.snapshot(),
    )
    write_private_file(folder / _FILE, _ADAPTER.dump_json(state))


def load(folder: Path) -> CloudState | None:
    """Reads a kept state; None where none was kept, and the folder is made.

    Raises:
        CloudError: ``InvalidState``, the file is none that this version can read.
        OSError: the folder cannot be made, or the file not read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _FILE
    if not path.exists():
        return None
    try:
        return _ADAPTER.validate_json(path.read_bytes())
    except ValidationError as error:
        raise _unreadable(error) from error


def restore(cloud: LocalCloud, state: CloudState) -> None:
    """Fills a new cloud with a kept state.

    Raises:
        CloudError: ``InvalidState``, it is not this account's and region's, or cannot be read.
    """
    settings = cloud.core.settings
    if (state.account_id, state.region) != (settings.account_id, settings.region):
        raise CloudError(
            "InvalidState",
            f"the kept state is account {state.account_id}'s in {state.region}, not"
            f" {settings.account_id}'s in {settings.region}",
        )
    cloud.core.clock.advance(max(0.0, state.now - cloud.core.clock.now()))
    try:
        cloud.credentials.restore(state.credentials)
        for account_id, kept in state.accounts.items():
            cloud.open_account(account_id, cloud.credentials.find(kept.access_key_id))
            account = cloud.accounts[account_id]
            account.ram.restore(kept.ram)
            account.fc.restore(kept.fc)
            account.fnf.restore(kept.fnf)
            account.sls.restore(kept.sls)
            account.cms.restore(kept.cms)
        cloud.oss.restore(state.oss)
    except ValidationError as error:
        raise _unreadable(error) from error


def _unreadable(error: ValidationError) -> CloudError:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"]))
    return CloudError(
        "InvalidState",
        f"{_FILE} was not kept by this version ({where}: {first['msg']}): remove it to start"
        " afresh",
    )
