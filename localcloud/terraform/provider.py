"""The provider: a method for each call of Terraform's plugin protocol."""

from __future__ import annotations

from typing import Any, TypeVar

from tfplugin_proto import tfplugin5_5_pb2 as pb

from localcloud.errors import CloudError
from localcloud.ram.credentials import Principal
from localcloud.terraform.arguments import Arguments, parse_arguments
from localcloud.terraform.configuration import open_session
from localcloud.terraform.connection import Connection
from localcloud.terraform.diagnostics import Diagnostic, path_message
from localcloud.terraform.planning import observe, plan_create, plan_update
from localcloud.terraform.resources import DATA_SOURCES, RESOURCES
from localcloud.terraform.resources.base import DataSourceHandler, ResourceHandler
from localcloud.terraform.schema import ProviderSchema, Root, load_schema, schema_message
from localcloud.terraform.session import Accounts, Session
from localcloud.terraform.shapes import MalformedValueError, conform, empty, without_unknowns
from localcloud.terraform.validation import validate
from localcloud.terraform.values import Object
from localcloud.terraform.wire import decode, encode

_Handler = TypeVar("_Handler")


def _supported(handlers: dict[str, _Handler], type_name: str) -> _Handler:
    try:
        return handlers[type_name]
    except KeyError:
        raise CloudError(
            "NotSupported",
            f"The local cloud does not support {type_name} yet. It does support "
            f"{', '.join(sorted(handlers))}.",
        ) from None


def _block(blocks: dict[str, Root], type_name: str) -> Root:
    try:
        return blocks[type_name]
    except KeyError:
        raise CloudError(
            "UnknownType",
            f"The provider has no {type_name[:200]!r}; it has {', '.join(sorted(blocks))}.",
        ) from None


def _object(block: Root, message: pb.DynamicValue) -> Object:
    value = decode(block, message)
    if value is None:
        raise MalformedValueError("Terraform sent null where an object is expected")
    return value


class Provider:
    """The provider of one local cloud.

    Terraform opens a connection per provider configuration (each alias in each process), so the
    connection identifies the configuration.

    Args:
        cloud: the cloud to create resources in.
        caller: the caller if a configuration has no keys.
        schema: schema of another provider version than the default.
    """

    def __init__(
        self, cloud: Accounts, caller: Principal, schema: ProviderSchema | None = None
    ) -> None:
        self._cloud = cloud
        self._caller = caller
        self._schema = schema or load_schema()
        self._schema_response = _schema_response(self._schema)
        self._sessions: dict[Connection, Session] = {}

    def forget(self, connection: Connection) -> None:
        """Drop the session of a connection that has ended."""
        self._sessions.pop(connection, None)

    async def get_schema(
        self, _: pb.GetProviderSchema.Request, __: Connection
    ) -> pb.GetProviderSchema.Response:
        """Return every schema."""
        return self._schema_response

    async def prepare_provider_config(
        self, request: pb.PrepareProviderConfig.Request, _: Connection
    ) -> pb.PrepareProviderConfig.Response:
        """Validate the ``provider`` block."""
        block = self._schema.provider_config
        problems = validate(block, _object(block, request.config))
        return pb.PrepareProviderConfig.Response(
            prepared_config=request.config, diagnostics=[d.message for d in problems]
        )

    async def validate_resource(
        self, request: pb.ValidateResourceTypeConfig.Request, _: Connection
    ) -> pb.ValidateResourceTypeConfig.Response:
        """Validate a resource's arguments."""
        block = _block(self._schema.resources, request.type_name)
        problems = validate(block, _object(block, request.config))
        return pb.ValidateResourceTypeConfig.Response(diagnostics=[d.message for d in problems])

    async def validate_data_source(
        self, request: pb.ValidateDataSourceConfig.Request, _: Connection
    ) -> pb.ValidateDataSourceConfig.Response:
        """Validate a data source's arguments."""
        block = _block(self._schema.data_sources, request.type_name)
        problems = validate(block, _object(block, request.config))
        return pb.ValidateDataSourceConfig.Response(diagnostics=[d.message for d in problems])

    async def upgrade_resource_state(
        self, request: pb.UpgradeResourceState.Request, _: Connection
    ) -> pb.UpgradeResourceState.Response:
        """Read a saved state."""
        block = _block(self._schema.resources, request.type_name)
        try:
            state = _object(block, pb.DynamicValue(json=request.raw_state.json))
        except MalformedValueError as error:
            problem = Diagnostic.of(error, f"Cannot read the state of {request.type_name}")
            return pb.UpgradeResourceState.Response(diagnostics=[problem.message])
        return pb.UpgradeResourceState.Response(upgraded_state=encode(state))

    async def configure(
        self, request: pb.Configure.Request, connection: Connection
    ) -> pb.Configure.Response:
        """Open the session of one provider configuration."""
        self._sessions.pop(connection, None)
        block = self._schema.provider_config
        config = without_unknowns(block, _object(block, request.config))
        try:
            self._sessions[connection] = open_session(self._cloud, self._caller, config, connection)
        except CloudError as error:
            problem = Diagnostic.of(error, "The local cloud refuses this provider configuration")
            return pb.Configure.Response(diagnostics=[problem.message])
        return pb.Configure.Response()

    async def read_resource(
        self, request: pb.ReadResource.Request, connection: Connection
    ) -> pb.ReadResource.Response:
        """Read a resource's current state; null if it no longer exists."""
        type_name = request.type_name
        state = _object(_block(self._schema.resources, type_name), request.current_state)
        try:
            handler = _supported(RESOURCES, type_name)
            observed = await self._read(handler, type_name, connection, state)
        except CloudError as error:
            problem = Diagnostic.of(error, f"Cannot read {type_name} {state['id']}")
            return pb.ReadResource.Response(diagnostics=[problem.message])
        return pb.ReadResource.Response(new_state=encode(observed), private=request.private)

    async def plan_resource_change(
        self, request: pb.PlanResourceChange.Request, _: Connection
    ) -> pb.PlanResourceChange.Response:
        """Plan what an apply will do."""
        response = pb.PlanResourceChange.Response(
            planned_state=request.proposed_new_state,
            planned_private=request.prior_private,
            legacy_type_system=True,
        )
        block = _block(self._schema.resources, request.type_name)
        proposed = decode(block, request.proposed_new_state)
        if proposed is None:  # it is to be destroyed
            return response
        prior = decode(block, request.prior_state)
        if prior is None:
            plan = plan_create(block, proposed)
        else:
            handler = RESOURCES.get(request.type_name)
            volatile = handler.volatile if handler else frozenset[str]()
            plan = plan_update(block, prior, proposed, _object(block, request.config), volatile)
        response.planned_state.CopyFrom(encode(plan.planned))
        response.requires_replace.extend(path_message(path) for path in plan.replace)
        return response

    async def apply_resource_change(
        self, request: pb.ApplyResourceChange.Request, connection: Connection
    ) -> pb.ApplyResourceChange.Response:
        """Create, update or delete a resource. After a failure, the state is unchanged."""
        type_name = request.type_name
        block = _block(self._schema.resources, type_name)
        prior, planned = decode(block, request.prior_state), decode(block, request.planned_state)
        verb = "create" if prior is None else "delete" if planned is None else "update"
        response = pb.ApplyResourceChange.Response(
            new_state=request.prior_state, private=request.planned_private, legacy_type_system=True
        )
        try:
            handler = _supported(RESOURCES, type_name)
            new_state = await self._apply(handler, type_name, connection, prior, planned)
        except CloudError as error:
            id_ = f" {prior['id']}" if prior else ""
            problem = Diagnostic.of(error, f"Cannot {verb} {type_name}{id_}")
            response.diagnostics.append(problem.message)
            return response
        response.new_state.CopyFrom(encode(new_state))
        for warning in handler.warnings(planned) if planned else ():
            diagnostic = Diagnostic(
                f"{type_name} differs from the cloud's", warning, is_warning=True
            )
            response.diagnostics.append(diagnostic.message)
        return response

    async def import_resource_state(
        self, request: pb.ImportResourceState.Request, connection: Connection
    ) -> pb.ImportResourceState.Response:
        """Import an existing resource by its id."""
        type_name, block = request.type_name, _block(self._schema.resources, request.type_name)
        # Arguments that the cloud does not report get their defaults.
        defaults = without_unknowns(block, plan_create(block, empty(block)).planned)
        try:
            handler = _supported(RESOURCES, type_name)
            state = {**defaults, "id": request.id}
            observed = await self._read(handler, type_name, connection, state)
            if observed is None:
                raise CloudError("NotFound", f"There is no {type_name} {request.id!r}.", 404)
        except CloudError as error:
            problem = Diagnostic.of(error, f"Cannot import {type_name} {request.id}")
            return pb.ImportResourceState.Response(diagnostics=[problem.message])
        imported = pb.ImportResourceState.ImportedResource(
            type_name=type_name, state=encode(observed)
        )
        return pb.ImportResourceState.Response(imported_resources=[imported])

    async def read_data_source(
        self, request: pb.ReadDataSource.Request, connection: Connection
    ) -> pb.ReadDataSource.Response:
        """Look up the data source's values."""
        block = _block(self._schema.data_sources, request.type_name)
        config = _object(block, request.config)
        try:
            handler: DataSourceHandler = _supported(DATA_SOURCES, request.type_name)
            observed = await handler.read(self._session(connection), config)
        except CloudError as error:
            problem = Diagnostic.of(error, f"Cannot read {request.type_name}")
            return pb.ReadDataSource.Response(diagnostics=[problem.message])
        return pb.ReadDataSource.Response(state=encode(conform(block, {**config, **observed})))

    async def stop(self, _: pb.Stop.Request, __: Connection) -> pb.Stop.Response:
        """Handle an interrupt of Terraform: do nothing, since every call is short."""
        return pb.Stop.Response()

    async def _apply(
        self,
        handler: ResourceHandler[Any],
        type_name: str,
        connection: Connection,
        prior: Object | None,
        planned: Object | None,
    ) -> Object | None:
        session, block = self._session(connection), self._schema.resources[type_name]
        if planned is None:
            if prior is not None:
                await handler.delete(session, _id(prior), _arguments(handler, block, prior))
            return None
        new_state = without_unknowns(block, planned)
        arguments = _arguments(handler, block, planned)
        if prior is None:
            new_state["id"] = await handler.create(session, arguments)
        else:
            before = _arguments(handler, block, prior)
            await handler.update(session, _id(prior), before, arguments)
        return await self._read(handler, type_name, connection, new_state)

    async def _read(
        self, handler: ResourceHandler[Any], type_name: str, connection: Connection, state: Object
    ) -> Object | None:
        observed = await handler.read(self._session(connection), _id(state), state)
        if observed is None:
            return None
        return observe(self._schema.resources[type_name], state, observed)

    def _session(self, connection: Connection) -> Session:
        try:
            return self._sessions[connection]
        except KeyError:
            raise CloudError(
                "NotConfigured", f"The connection from {connection.client} was never configured."
            ) from None


def _id(state: Object) -> str:
    id_ = state["id"]
    if not isinstance(id_, str):
        raise MalformedValueError("id: missing in the resource")
    return id_


def _arguments(handler: ResourceHandler[Any], block: Root, values: Object) -> Arguments:
    arguments: Arguments = parse_arguments(handler.arguments, without_unknowns(block, values))
    return arguments


def _schema_response(schema: ProviderSchema) -> pb.GetProviderSchema.Response:
    return pb.GetProviderSchema.Response(
        provider=schema_message(schema.provider_config),
        resource_schemas={name: schema_message(r) for name, r in schema.resources.items()},
        data_source_schemas={name: schema_message(d) for name, d in schema.data_sources.items()},
        server_capabilities=pb.ServerCapabilities(get_provider_schema_optional=True),
    )
