"""Operations of RPC services, with typed parameters, and the handler that serves them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_pascal

from localcloud.errors import CloudError
from localcloud.http import Handler
from localcloud.ram.credentials import Credential, CredentialStore, Principal
from localcloud.rpc import PROTOCOL_PARAMETERS, Action, rpc
from localcloud.whole_numbers import whole_number

RpcResponse: TypeAlias = Mapping[str, object]

_READING: Final = ("Get", "List", "Describe")  # name prefixes of read-only operations
_DEEPEST: Final = 8  # maximum number of parts in a parameter's name


class RpcParameters(BaseModel):
    """The parameters of an operation, without those of the protocol."""

    model_config = ConfigDict(alias_generator=to_pascal, extra="forbid", frozen=True)


S = TypeVar("S")
P = TypeVar("P", bound=RpcParameters)


@dataclass(frozen=True)
class RpcOperation(Generic[S, P]):
    """An operation.

    Attributes:
        name: the name in the API's spelling.
        parameters: model of its parameters.
        run: the function that carries it out, given the service's context for the request.
    """

    name: str
    parameters: type[P]
    run: Callable[[S, P], RpcResponse]


def serve_operations(
    operations: Iterable[RpcOperation[S, Any]],
    *,
    credentials: CredentialStore,
    version: str,
    enter: Callable[[Principal, str, RpcParameters], S],
    changed: Callable[[str], None] = lambda _: None,
) -> Handler:
    """Return the HTTP handler of a service.

    Args:
        operations: all operations of the service.
        credentials: the keys that requests may be signed with.
        version: the API version.
        enter: authorizes a request, and returns the context for its operation.
        changed: called with the account id before an operation that may change something, even if
            it then fails.
    """

    def action(operation: RpcOperation[S, Any]) -> Action:
        async def act(credential: Credential, texts: Mapping[str, str]) -> RpcResponse:
            parameters = read_parameters(operation.parameters, texts)
            principal = credential.principal
            opened = enter(principal, operation.name, parameters)
            if not operation.name.startswith(_READING):
                changed(principal.account_id)
            return operation.run(opened, parameters)

        return act

    actions = {operation.name: action(operation) for operation in operations}
    return rpc(actions, credentials=credentials, version=version)


def read_parameters(kind: type[P], texts: Mapping[str, str]) -> P:
    """Parse an operation's parameters.

    Raises:
        CloudError: ``InvalidParameter.NAME``, also for an unsupported parameter.
    """
    own = {name: value for name, value in texts.items() if name not in PROTOCOL_PARAMETERS}
    try:
        return kind.model_validate(_nested(own))
    except ValidationError as error:
        fault = error.errors()[0]
        name = ".".join(map(str, fault["loc"]))[:200]
        unknown = fault["type"] == "extra_forbidden"
        message = "the local cloud does not support this parameter" if unknown else fault["msg"]
        raise CloudError(f"InvalidParameter.{name}", f"{name}: {message}") from error


def _nested(flat: Mapping[str, str]) -> dict[str, Any]:
    """Convert lists and objects, which are sent as ``Name.1.Key``."""
    tree: dict[str, Any] = {}
    for name, value in flat.items():
        *parents, last = name.split(".")
        if len(parents) >= _DEEPEST:
            raise CloudError("InvalidParameter", f"{name[:200]} has too many parts")
        node: Any = tree
        for parent in parents:
            node = node.setdefault(parent, {}) if isinstance(node, dict) else None
        if not isinstance(node, dict) or last in node:
            raise CloudError("InvalidParameter", f"{name[:200]} is given as a value and as a group")
        node[last] = value
    return {name: _with_lists(value) for name, value in tree.items()}


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    converted = {name: _with_lists(part) for name, part in value.items()}
    numbers = {name: whole_number(name) for name in converted}
    if any(number is None for number in numbers.values()):
        return converted
    return [converted[name] for name in sorted(converted, key=lambda name: numbers[name] or 0)]
