"""Serves the provider over gRPC in the cloud's event loop, for Terraform to attach to."""

from __future__ import annotations

import os
import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol, TypeAlias

import grpc
import grpc.aio
import orjson
from google.protobuf.message import DecodeError
from tfplugin_proto import tfplugin5_5_pb2 as pb

from localcloud.errors import CloudError
from localcloud.ram.credentials import Principal
from localcloud.terraform.connection import Connection, Connections
from localcloud.terraform.provider import Provider
from localcloud.terraform.schema import ProviderSchema
from localcloud.terraform.session import Accounts

# The provider's addresses in Terraform's registry and in OpenTofu's.
_SOURCES: Final = (
    "registry.terraform.io/aliyun/alicloud",
    "registry.opentofu.org/aliyun/alicloud",
)
_MESSAGE_BYTES: Final = 256 << 20  # Terraform's own limit (plugin/grpc_provider.go)
_REFUSAL_CHARACTERS: Final = 1_000  # errors are sent in a header

_Method: TypeAlias = Callable[[Any, Connection], Awaitable[Any]]
_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class _Message(Protocol):
    """The type of a request."""

    @staticmethod
    def FromString(data: bytes) -> Any: ...  # noqa: N802 - protobuf's name


def _methods(provider: Provider) -> dict[str, tuple[_Method, type[_Message]]]:
    return {
        "GetSchema": (provider.get_schema, pb.GetProviderSchema.Request),
        "PrepareProviderConfig": (
            provider.prepare_provider_config,
            pb.PrepareProviderConfig.Request,
        ),
        "ValidateResourceTypeConfig": (
            provider.validate_resource,
            pb.ValidateResourceTypeConfig.Request,
        ),
        "ValidateDataSourceConfig": (
            provider.validate_data_source,
            pb.ValidateDataSourceConfig.Request,
        ),
        "UpgradeResourceState": (provider.upgrade_resource_state, pb.UpgradeResourceState.Request),
        "Configure": (provider.configure, pb.Configure.Request),
        "ReadResource": (provider.read_resource, pb.ReadResource.Request),
        "PlanResourceChange": (provider.plan_resource_change, pb.PlanResourceChange.Request),
        "ApplyResourceChange": (provider.apply_resource_change, pb.ApplyResourceChange.Request),
        "ImportResourceState": (provider.import_resource_state, pb.ImportResourceState.Request),
        "ReadDataSource": (provider.read_data_source, pb.ReadDataSource.Request),
        "Stop": (provider.stop, pb.Stop.Request),
    }


def _rpc(
    method: _Method, request: type[_Message], cloud: Accounts, connections: Connections
) -> grpc.RpcMethodHandler[Any, Any]:
    async def call(data: bytes, context: _Context) -> Any:
        try:
            message = request.FromString(data)
            with cloud.core.clock.running(), _recorded(cloud, request):
                response = await method(message, connections.find(context.peer()))
        except (DecodeError, CloudError) as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error)[:_REFUSAL_CHARACTERS])
        try:
            await cloud.core.journal.settle()
        except CloudError as error:
            await context.abort(grpc.StatusCode.UNAVAILABLE, error.message)
        return response

    return grpc.unary_unary_rpc_method_handler(
        call, response_serializer=lambda response: response.SerializeToString()
    )


@contextmanager
def _recorded(cloud: Accounts, request: type[_Message]) -> Iterator[None]:
    """Record the changes of a call, even if it fails."""
    try:
        yield
    finally:
        if request is pb.ApplyResourceChange.Request:
            cloud.configuration_changed()


class ProviderServer:
    """The provider on a Unix socket that only its owner can access, in the running loop.

    Args:
        cloud: the cloud to create resources in.
        caller: the caller if a provider configuration has no keys. Attach one server per caller.
        schema: schema of another provider version than the default.
    """

    def __init__(
        self, cloud: Accounts, caller: Principal, schema: ProviderSchema | None = None
    ) -> None:
        self._provider, self._cloud = Provider(cloud, caller, schema), cloud
        self._server: grpc.aio.Server | None = None
        self._connections: Connections | None = None

    async def start(self) -> None:
        """Start serving."""
        self._server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", _MESSAGE_BYTES),
                ("grpc.max_send_message_length", _MESSAGE_BYTES),
            ]
        )
        folder = self._cloud.core.work.folder(f"terraform-{secrets.token_hex(4)}")
        self._connections = Connections(folder, self._provider.forget)
        self._server.add_insecure_port(f"unix:{self._connections.target}")
        handlers = {
            name: _rpc(method, request, self._cloud, self._connections)
            for name, (method, request) in _methods(self._provider).items()
        }
        service = grpc.method_handlers_generic_handler("tfplugin5.Provider", handlers)
        self._server.add_generic_rpc_handlers([service])
        await self._server.start()
        await self._connections.start()

    async def stop(self) -> None:
        """Close the connections."""
        if self._connections is not None:
            await self._connections.stop()
        if self._server is not None:
            await self._server.stop(grace=None)

    def reattach(self) -> str:
        """The value of ``TF_REATTACH_PROVIDERS``, once the server has started."""
        assert self._connections is not None
        address = {
            "Protocol": "grpc",
            "ProtocolVersion": 5,
            "Pid": os.getpid(),
            "Test": True,
            "Addr": {"Network": "unix", "String": str(self._connections.path)},
        }
        return orjson.dumps(dict.fromkeys(_SOURCES, address)).decode()
