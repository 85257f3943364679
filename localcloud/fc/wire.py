"""The JSON of API version 2016-08-15.

Source: aliyun-fc2 2.5.2 and the fields that the Terraform provider reads.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from localcloud.errors import CloudError
from localcloud.fc.api_call import Json
from localcloud.fc.model import Function, FunctionConfig, LogConfig, Service, ServiceConfig

_NOT_OFFERED = ("vpcConfig", "nasConfig", "tracingConfig", "customContainerConfig", "layers")


class RequestBody(BaseModel):
    """A request's body: fields that are left out or null stay as they are."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_what_is_not_offered(cls, data: object) -> object:
        for name in _NOT_OFFERED:
            if isinstance(data, dict) and data.get(name):
                raise ValueError(f"{name} is not offered by the local cloud")
        return data

    def changes(self, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
        """The fields that are given, by their name here."""
        return {
            name: getattr(self, name)
            for name in self.model_fields_set
            if name not in without and getattr(self, name) is not None
        }


class LogConfigBody(RequestBody):
    """``logConfig``; both empty: no logs."""

    project: str = ""
    logstore: Annotated[str, Field(validation_alias=AliasChoices("logstore", "logStore"))] = ""
    enable_request_metrics: bool | None = None
    enable_instance_metrics: bool | None = None

    def config(self) -> LogConfig | None:
        """As the model keeps it."""
        if not self.project and not self.logstore:
            return None
        return LogConfig(**self.changes())


class ServiceBody(RequestBody):
    """Body of CreateService and UpdateService."""

    service_name: str = ""
    description: str | None = None
    role: str | None = None
    internet_access: bool | None = None
    log_config: LogConfigBody | None = None

    def applied_to(self, config: ServiceConfig) -> ServiceConfig:
        """The configuration with what this body changes."""
        changed = replace(config, **self.changes(without=("service_name", "log_config")))
        if self.log_config is None:
            return changed
        return replace(changed, log_config=self.log_config.config())


class CodeBody(RequestBody):
    """``code``: a zip as base64, or an object of OSS."""

    zip_file: str = ""
    oss_bucket_name: str = ""
    oss_object_name: str = ""

    def decoded(self) -> bytes:
        """The zip's bytes.

        Raises:
            CloudError: ``InvalidArgument``, it is no base64.
        """
        try:
            return base64.b64decode(self.zip_file, validate=True)
        except binascii.Error:
            raise CloudError("InvalidArgument", "code.zipFile is not base64") from None


class FunctionBody(RequestBody):
    """Body of CreateFunction and UpdateFunction."""

    function_name: str = ""
    description: str | None = None
    runtime: str | None = None
    handler: str | None = None
    memory_size: int | None = None
    timeout: int | None = None
    initializer: str | None = None
    initialization_timeout: int | None = None
    environment: Annotated[
        dict[str, str] | None, Field(validation_alias="environmentVariables")
    ] = None
    instance_concurrency: int | None = None
    code: CodeBody | None = None

    def applied_to(self, config: FunctionConfig) -> FunctionConfig:
        """The configuration with what this body changes."""
        return replace(config, **self.changes(without=("function_name", "code")))


_AnyBody = TypeVar("_AnyBody", bound=RequestBody)


def read_body(kind: type[_AnyBody], text: bytes) -> _AnyBody:
    """A request's body.

    Raises:
        CloudError: ``InvalidArgument``, naming every field that is wrong.
    """
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        problems = [
            f"{'.'.join(map(str, problem['loc'])) or 'body'}: {problem['msg']}"
            for problem in error.errors()
        ]
        raise CloudError("InvalidArgument", "; ".join(problems)) from error


def service_json(service: Service) -> Json:
    """A service as the API shows it."""
    config = service.config
    log = config.log_config or LogConfig(project="", logstore="")
    return {
        "serviceName": service.name,
        "serviceId": service.service_id,
        "description": config.description,
        "role": config.role,
        "internetAccess": config.internet_access,
        "logConfig": {to_camel(name): value for name, value in asdict(log).items()},
        "vpcConfig": {"vpcId": "", "vSwitchIds": [], "securityGroupId": ""},
        "createdTime": iso_time(service.created_at),
        "lastModifiedTime": iso_time(service.modified_at),
    }


def function_json(function: Function) -> Json:
    """A function as the API shows it."""
    config = function.config
    settings: Mapping[str, object] = {
        to_camel(name): value for name, value in asdict(config).items() if name != "environment"
    }
    return {
        "functionName": function.name,
        "functionId": function.function_id,
        **settings,
        "environmentVariables": dict(config.environment),
        "codeSize": function.code_size,
        "codeChecksum": function.code_checksum,
        "createdTime": iso_time(function.created_at),
        "lastModifiedTime": iso_time(function.modified_at),
    }


def iso_time(seconds: float) -> str:
    """A moment as the API writes it: UTC, in whole seconds."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
