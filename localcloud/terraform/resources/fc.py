"""Function Compute 2.0: services and functions.

The order of calls, and so the required permissions, is that of the real provider (source of
1.289.0). VPC, NAS and tracing are stored in Terraform's state and have no effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from pydantic import Field

from localcloud.clock import iso_time
from localcloud.errors import CloudError
from localcloud.fc.model import FunctionSettings, ServiceConfig
from localcloud.fc.platform import SERVICE_HOST
from localcloud.terraform.arguments import Arguments
from localcloud.terraform.diagnostics import ArgumentError
from localcloud.terraform.resources.base import ResourceHandler, generated_name
from localcloud.terraform.resources.fc_generations import (
    LogArguments,
    function_settings,
    log_config,
    observed_log,
    observed_settings,
    runtime_warnings,
)
from localcloud.terraform.resources.sls import logstore_arn, project_arn
from localcloud.terraform.resources.tags import change_tags, observed_tags
from localcloud.terraform.session import Session
from localcloud.terraform.values import Object

_GENERATED_NAME: Final = "terraform-"


def _arn(session: Session, path: str) -> str:
    return session.account.fc.arn(path)


class ServiceArguments(Arguments):
    """Arguments of ``alicloud_fc_service``."""

    name: str = ""
    name_prefix: str = _GENERATED_NAME
    description: str = ""
    role: str = ""
    internet_access: bool = True
    publish: bool = False
    log_config: tuple[LogArguments, ...] = ()
    tags: dict[str, str] = Field(default={})

    @property
    def config(self) -> ServiceConfig:
        """Convert the arguments to Function Compute's form."""
        return ServiceConfig(
            description=self.description,
            role=self.role,
            internet_access=self.internet_access,
            log_config=log_config(self.log_config),
        )


class ServiceHandler(ResourceHandler[ServiceArguments]):
    """``alicloud_fc_service``."""

    arguments = ServiceArguments
    volatile = frozenset({"last_modified"})

    async def create(self, session: Session, planned: ServiceArguments) -> str:
        name = planned.name or generated_name(planned.name_prefix)
        # FC's authorization table grants CreateService on services/*, whatever the name.
        session.authorize("fc:CreateService", _arn(session, "services/*"))
        self._check(session, planned)
        session.account.fc.services.create(name, planned.config)
        self._tag(session, name, {}, planned.tags)
        return name

    async def read(self, session: Session, id_: str, state: Object) -> Object | None:
        session.authorize("fc:GetService", _arn(session, f"services/{id_}"))
        service = session.account.fc.services.get(id_)
        if service is None:
            return None
        session.authorize("fc:ListServiceVersions", _arn(session, f"services/{id_}"))
        config = service.config
        return {
            "id": service.name,
            "name": service.name,
            "service_id": service.service_id,
            "description": config.description,
            "role": config.role,
            "internet_access": config.internet_access,
            "last_modified": iso_time(service.modified_at),
            "version": "",
            "log_config": observed_log(config.log_config),
            **observed_tags(service.tags, state),
        }

    async def update(
        self, session: Session, id_: str, prior: ServiceArguments, planned: ServiceArguments
    ) -> None:
        self._tag(session, id_, prior.tags, planned.tags)
        session.authorize("fc:UpdateService", _arn(session, f"services/{id_}"))
        self._check(session, planned)
        session.account.fc.services.update(id_, planned.config)

    async def delete(self, session: Session, id_: str, prior: ServiceArguments) -> None:
        session.authorize("fc:ListServiceVersions", _arn(session, f"services/{id_}"))
        session.authorize("fc:DeleteService", _arn(session, f"services/{id_}"))
        if id_ in session.account.fc.services:
            session.account.fc.services.delete(id_)

    @staticmethod
    def _tag(
        session: Session, name: str, prior: Mapping[str, str], planned: Mapping[str, str]
    ) -> None:
        service, arn = session.account.fc.services.find(name), _arn(session, f"services/{name}")
        change_tags(session, service, arn, prior, planned, ("fc:TagResource", "fc:UnTagResource"))

    @staticmethod
    def _check(session: Session, planned: ServiceArguments) -> None:
        """Check the logs, like the provider, and the role, like Function Compute."""
        if planned.publish:
            raise ArgumentError("publish", "The local cloud has no service versions.")
        for log in planned.log_config:
            session.authorize("log:GetProject", project_arn(session, log.project))
            session.authorize("log:GetLogStore", logstore_arn(session, log.project, log.logstore))
            session.account.sls.logstore(log.project, log.logstore)
        if planned.role:
            session.pass_role(planned.role, SERVICE_HOST)


class FunctionArguments(Arguments):
    """Arguments of ``alicloud_fc_function``. Memory in MB, times in seconds."""

    service: str
    name: str = ""
    name_prefix: str = _GENERATED_NAME
    filename: str = ""
    oss_bucket: str = ""
    oss_key: str = ""
    handler: str
    runtime: str
    description: str = ""
    memory_size: int = 128
    timeout: int = 3
    initializer: str = ""
    initialization_timeout: int = 3
    instance_concurrency: int = 1
    environment_variables: dict[str, str] = Field(default={})
    layers: tuple[str, ...] = ()
    custom_container_config: tuple[object, ...] = ()

    @property
    def config(self) -> FunctionSettings:
        """Convert the arguments to Function Compute's form."""
        return function_settings(FunctionSettings, self, self.environment_variables)


class FunctionHandler(ResourceHandler[FunctionArguments]):
    """``alicloud_fc_function``. Its id is ``SERVICE:FUNCTION``.

    ``code_checksum`` in the state is always that of Function Compute's code, so a wrong checksum in
    the configuration appears as a change in every plan, as with the real provider.
    """

    arguments = FunctionArguments
    volatile = frozenset({"last_modified", "code_checksum"})

    def warnings(self, planned: Object) -> Iterable[str]:
        return runtime_warnings(planned)

    async def create(self, session: Session, planned: FunctionArguments) -> str:
        name = planned.name or generated_name(planned.name_prefix)
        session.authorize(
            "fc:CreateFunction", _arn(session, f"services/{planned.service}/functions/*")
        )
        code = _code(session, planned)
        session.account.fc.services.create_function(planned.service, name, planned.config, code)
        return f"{planned.service}:{name}"

    async def read(self, session: Session, id_: str, state: Object) -> Object | None:
        service_name, name = _parts(id_)
        session.authorize("fc:GetFunction", _function_arn(session, id_))
        service = session.account.fc.services.get(service_name)
        function = service.functions.get(name) if service else None
        if function is None:
            return None
        return {
            **observed_settings(function.config),
            "id": id_,
            "service": service_name,
            "name": name,
            "function_id": function.function_id,
            "function_arn": _arn(session, f"services/{service_name}.LATEST/functions/{name}"),
            "code_checksum": function.code_checksum,
            "last_modified": iso_time(function.modified_at),
        }

    async def update(
        self, session: Session, id_: str, prior: FunctionArguments, planned: FunctionArguments
    ) -> None:
        """Send the code with every update, so it must exist each time."""
        service, name = _parts(id_)
        session.authorize("fc:UpdateFunction", _function_arn(session, id_))
        code = _code(session, planned)
        session.account.fc.services.update_function(service, name, planned.config, code)

    async def delete(self, session: Session, id_: str, prior: FunctionArguments) -> None:
        service_name, name = _parts(id_)
        session.authorize("fc:DeleteFunction", _function_arn(session, id_))
        service = session.account.fc.services.get(service_name)
        if service and name in service.functions:
            session.account.fc.services.delete_function(service_name, name)


def _code(session: Session, planned: FunctionArguments) -> bytes:
    """Return the zip in the arguments."""
    for name in ("layers", "custom_container_config"):
        if getattr(planned, name):
            raise ArgumentError(name, "The local cloud only runs functions from zips.")
    if planned.filename:
        return session.read_file("filename", planned.filename)
    if not (planned.oss_bucket and planned.oss_key):
        raise ArgumentError("filename", "Set filename, or both oss_bucket and oss_key.")
    return session.read_code(planned.oss_bucket, planned.oss_key)


def _parts(id_: str) -> tuple[str, str]:
    service, separator, name = id_.partition(":")
    if not separator:
        raise CloudError("InvalidId", f"{id_!r} is not a function: its id is SERVICE:FUNCTION.")
    return service, name


def _function_arn(session: Session, id_: str) -> str:
    service, name = _parts(id_)
    return _arn(session, f"services/{service}/functions/{name}")
