"""CloudMonitor's API, version 2019-01-01."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from localcloud.cms.model import CloudMonitor
from localcloud.cms.operations import OPERATIONS
from localcloud.core import Core
from localcloud.http import Handler
from localcloud.ram.credentials import CredentialStore, Principal
from localcloud.ram.model import Ram
from localcloud.rpc_operations import RpcParameters, serve_operations

VERSION: Final = "2019-01-01"


def cms_handler(
    core: Core,
    credentials: CredentialStore,
    account_lookup: Callable[[str], tuple[CloudMonitor, Ram]],
) -> Handler:
    """The HTTP handler of CloudMonitor, for every account.

    Args:
        core: the cloud's shared state, whose journal records changes.
        credentials: the keys that requests may be signed with.
        account_lookup: CloudMonitor and RAM of an account, by the account's id.
    """

    def enter(principal: Principal, operation: str, _: RpcParameters) -> CloudMonitor:
        monitor, ram = account_lookup(principal.account_id)
        # All permissions are granted on all resources (docs: authorization of CloudMonitor).
        ram.authorize(principal, f"cms:{operation}", "*")
        return monitor

    return serve_operations(
        OPERATIONS,
        credentials=credentials,
        version=VERSION,
        enter=enter,
        changed=partial(core.journal.touch, "cms"),
    )
