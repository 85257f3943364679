"""RAM's API, version 2015-05-01."""

from __future__ import annotations

from functools import partial
from typing import Final

from localcloud.core import Core
from localcloud.http import Handler
from localcloud.ram.credentials import CredentialStore, Principal
from localcloud.ram.model import RamLookup
from localcloud.ram.operations import OPERATIONS, RamCall
from localcloud.ram.parameters import RamParameters
from localcloud.rpc_operations import RpcParameters, serve_operations

VERSION: Final = "2015-05-01"


def ram_handler(core: Core, credentials: CredentialStore, account_lookup: RamLookup) -> Handler:
    """Return RAM's HTTP handler, for all accounts.

    Args:
        core: the cloud's shared state.
        credentials: the keys that requests may be signed with.
        account_lookup: RAM of an account, by the account's id.
    """

    def enter(principal: Principal, operation: str, parameters: RpcParameters) -> RamCall:
        assert isinstance(parameters, RamParameters)
        ram = account_lookup(principal.account_id)
        for resource in parameters.resources:
            arn = f"acs:ram::{principal.account_id}:{resource}"
            ram.authorize(principal, f"ram:{operation}", arn)
        return RamCall(ram, core.clock.now())

    return serve_operations(
        OPERATIONS,
        credentials=credentials,
        version=VERSION,
        enter=enter,
        changed=partial(core.journal.touch, "ram"),
    )
