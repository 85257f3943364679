"""Function Compute 2.0: services and functions.

The order of calls, and so the rights that they need, are the provider's own (its source, 1.289.0).
VPC, NAS and tracing are kept in Terraform's state and have no effect: there is no such network.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from pydantic import Field

from localcloud.errors import CloudError
from localcloud.fc.model import FunctionSettings, ServiceConfig
from localcloud.fc.platform import SERVICE_HOST
from localcloud.terraform.arguments import Arguments
from localcloud.terraform.diagnostics import ArgumentError
from localcloud.terraform.resources.base import (
    ResourceHandler,
    generated_name,
    iso_time,
)
from localcloud.terraform.resources.fc_log_config import LogArguments, log_config, observed_log
from localcloud.terraform.resources.runtimes import runtime_warnings
from localcloud.terraform.resources.sls import logstore_arn, project_arn
from localcloud.terraform.resources.tags import authorize_tags, observed_tags
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
        """The arguments in Function Compute's form."""
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

    async def create(self, session: Session, wanted: ServiceArguments) -> str:
        name = wanted.name or generated_name(wanted.name_prefix)
        # The authorization table of FC gives CreateService on services/*, whatever the name.
        session.authorize("fc:CreateService", _arn(session, "services/*"))
        self._check(session, wanted)
        session.account.fc.services.create(name, wanted.config)
        self._tag(session, name, {}, wanted.tags)
        return name

    async def read(self, session: Session, id_: str, known: Object) -> Object | None:
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
            **observed_tags(service.tags, known),
        }

    async def update(
        self, session: Session, id_: str, before: ServiceArguments, wanted: ServiceArguments
    ) -> None:
        self._tag(session, id_, before.tags, wanted.tags)
        session.authorize("fc:UpdateService", _arn(session, f"services/{id_}"))
        self._check(session, wanted)
        session.account.fc.services.update(id_, wanted.config)

    async def delete(self, session: Session, id_: str, before: ServiceArguments) -> None:
        session.authorize("fc:ListServiceVersions", _arn(session, f"services/{id_}"))
        session.authorize("fc:DeleteService", _arn(session, f"services/{id_}"))
        if id_ in session.account.fc.services:
            session.account.fc.services.delete(id_)

    @staticmethod
    def _tag(
        session: Session, name: str, before: Mapping[str, str], wanted: Mapping[str, str]
    ) -> None:
        authorize_tags(
            session,
            _arn(session, f"services/{name}"),
            before,
            wanted,
            tag="fc:TagResource",
            untag="fc:UnTagResource",
        )
        session.account.fc.services.find(name).tags = dict(wanted)

    @staticmethod
    def _check(session: Session, wanted: ServiceArguments) -> None:
        """The provider looks at the logs itself; Function Compute looks at the role."""
        if wanted.publish:
            raise ArgumentError("publish", "The local cloud has no service versions.")
        for log in wanted.log_config:
            session.authorize("log:GetProject", project_arn(session, log.project))
            session.authorize("log:GetLogStore", logstore_arn(session, log.project, log.logstore))
            session.account.sls.logstore(log.project, log.logstore)
        if wanted.role:
            session.pass_role(wanted.role, SERVICE_HOST)


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
        """The arguments in Function Compute's form."""
        return FunctionSettings(
            handler=self.handler,
            runtime=self.runtime,
            description=self.description,
            memory_size=self.memory_size,
            timeout=self.timeout,
            initializer=self.initializer,
            initialization_timeout=self.initialization_timeout,
            environment=self.environment_variables,
            instance_concurrency=self.instance_concurrency,
        )


class FunctionHandler(ResourceHandler[FunctionArguments]):
    """``alicloud_fc_function``. Its id is ``SERVICE:FUNCTION``.

    ``code_checksum`` in the state is always that of the code that Function Compute has, so a wrong
    one in the configuration shows as a change on every plan, as with the real provider.
    """

    arguments = FunctionArguments
    volatile = frozenset({"last_modified", "code_checksum"})

    def warnings(self, planned: Object) -> Iterable[str]:
        return runtime_warnings(planned)

    async def create(self, session: Session, wanted: FunctionArguments) -> str:
        name = wanted.name or generated_name(wanted.name_prefix)
        session.authorize(
            "fc:CreateFunction", _arn(session, f"services/{wanted.service}/functions/*")
        )
        code = _code(session, wanted)
        session.account.fc.services.create_function(wanted.service, name, wanted.config, code)
        return f"{wanted.service}:{name}"

    async def read(self, session: Session, id_: str, known: Object) -> Object | None:
        service_name, name = _parts(id_)
        session.authorize("fc:GetFunction", _function_arn(session, id_))
        service = session.account.fc.services.get(service_name)
        function = service.functions.get(name) if service else None
        if function is None:
            return None
        config = function.config
        return {
            "id": id_,
            "service": service_name,
            "name": name,
            "function_id": function.function_id,
            "function_arn": _arn(session, f"services/{service_name}.LATEST/functions/{name}"),
            "code_checksum": function.code_checksum,
            "description": config.description,
            "environment_variables": dict(config.environment),
            "handler": config.handler,
            "runtime": config.runtime,
            "memory_size": config.memory_size,
            "timeout": config.timeout,
            "initializer": config.initializer,
            "initialization_timeout": config.initialization_timeout,
            "instance_concurrency": config.instance_concurrency,
            "last_modified": iso_time(function.modified_at),
        }

    async def update(
        self, session: Session, id_: str, before: FunctionArguments, wanted: FunctionArguments
    ) -> None:
        """Send the code with every update, so it must be there each time."""
        service, name = _parts(id_)
        session.authorize("fc:UpdateFunction", _function_arn(session, id_))
        code = _code(session, wanted)
        session.account.fc.services.update_function(service, name, wanted.config, code)

    async def delete(self, session: Session, id_: str, before: FunctionArguments) -> None:
        service_name, name = _parts(id_)
        session.authorize("fc:DeleteFunction", _function_arn(session, id_))
        service = session.account.fc.services.get(service_name)
        if service and name in service.functions:
            session.account.fc.services.delete_function(service_name, name)


def _code(session: Session, wanted: FunctionArguments) -> bytes:
    """The zip that the arguments name."""
    for name in ("layers", "custom_container_config"):
        if getattr(wanted, name):
            raise ArgumentError(name, "The local cloud runs a function from its zip alone.")
    if wanted.filename:
        return session.read_file("filename", wanted.filename)
    if not (wanted.oss_bucket and wanted.oss_key):
        raise ArgumentError("filename", "Give filename, or both oss_bucket and oss_key.")
    return session.read_code(wanted.oss_bucket, wanted.oss_key)


def _parts(id_: str) -> tuple[str, str]:
    service, separator, name = id_.partition(":")
    if not separator:
        raise CloudError("InvalidId", f"{id_!r} is not a function: its id is SERVICE:FUNCTION.")
    return service, name


def _function_arn(session: Session, id_: str) -> str:
    service, name = _parts(id_)
    return _arn(session, f"services/{service}/functions/{name}")
