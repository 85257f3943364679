"""The HTTP API 2019-03-15, as called by the official SDK alibabacloud-fnf20190315 2.0.1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias, TypeVar

from localcloud.core import Core
from localcloud.errors import CloudError
from localcloud.fnf.model import Workflow
from localcloud.fnf.operations import OPERATIONS, FnfOperation
from localcloud.fnf.parameters import ActionParameters, read_parameters
from localcloud.fnf.token_bucket import TokenBucket
from localcloud.fnf.unsupported import UNSUPPORTED_ACTIONS
from localcloud.fnf.views import Body
from localcloud.http import Handler
from localcloud.ram.credentials import Credential, CredentialStore
from localcloud.rpc import Action, rpc

VERSION: Final = "2019-03-15"
AccountLookup: TypeAlias = Callable[[str], Workflow]
P = TypeVar("P", bound=ActionParameters)


def fnf_handler(core: Core, credentials: CredentialStore, account_lookup: AccountLookup) -> Handler:
    """The HTTP handler of the service, for every account.

    Args:
        core: settings and clock.
        credentials: the keys that requests may be signed with.
        account_lookup: the service of an account, by the account's id.
    """

    def rate() -> float | None:
        return core.settings.limits.api_calls_per_second

    def action(operation: FnfOperation[P]) -> Action:
        buckets: dict[str, TokenBucket] = {}

        async def act(credential: Credential, texts: Mapping[str, str]) -> Body:
            account = credential.principal.account_id
            if not buckets.setdefault(account, TokenBucket(rate)).try_take(core.clock.now()):
                raise CloudError("Throttling", f"{operation.name} is called too often.", 429)
            workflow = account_lookup(account)
            parameters = read_parameters(operation.parameters, texts)
            workflow.authorize(credential.principal, operation.name, parameters.flow(workflow))
            return await operation.run(workflow, parameters)

        return act

    return rpc(
        {operation.name: action(operation) for operation in OPERATIONS},
        credentials=credentials,
        version=VERSION,
        unknown_action=_not_supported,
    )


def _not_supported(action: str) -> CloudError:
    """Return the error, which has the service's code (docs 2590644)."""
    reason = UNSUPPORTED_ACTIONS.get(action, "there is no such action")
    return CloudError("ActionNotSupported", f"{action or 'a call without Action'}: {reason}.")
