"""The JSON of API version 2016-08-15.

Source: aliyun-fc2 2.5.2 and the fields that the Terraform provider reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Literal

from pydantic import Field
from pydantic.alias_generators import to_camel

from localcloud.clock import iso_time
from localcloud.fc.api_call import Json
from localcloud.fc.bodies import FunctionBody, LogConfigBody
from localcloud.fc.model import Function, FunctionSettings, LogConfig, Service, ServiceConfig
from localcloud.request_body import RequestBody


class ServiceBody(RequestBody):
    """Body of CreateService and UpdateService."""

    service_name: str | None = None
    description: str | None = None
    role: str | None = None
    internet_access: bool | None = None
    log_config: LogConfigBody | None = None

    def applied_to(self, config: ServiceConfig) -> ServiceConfig:
        """Return the configuration with this body's changes."""
        changed = replace(config, **self.changes(without=("service_name", "log_config")))
        if self.log_config is None:
            return changed
        return replace(changed, log_config=self.log_config.config())


class Fc2FunctionBody(FunctionBody):
    """Body of CreateFunction and UpdateFunction."""

    initializer: str | None = None
    initialization_timeout: int | None = None
    instance_type: Literal["e1"] | None = None  # elastic, the only type that is supported

    def applied_to(self, config: FunctionSettings) -> FunctionSettings:
        """Return the configuration with this body's changes."""
        return replace(config, **self.changes(without=("function_name", "code", "instance_type")))


class TagBody(RequestBody):
    """Body of TagResource."""

    resource_arn: str
    tags: dict[str, str] = Field(min_length=1)


class UntagBody(RequestBody):
    """Body of UntagResource; ``all`` removes every tag."""

    resource_arn: str
    tag_keys: list[str] | None = None
    all: bool | None = None


def service_json(service: Service) -> Json:
    """Return a service as the API's JSON."""
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
        "tags": dict(service.tags),
        "createdTime": iso_time(service.created_at),
        "lastModifiedTime": iso_time(service.modified_at),
    }


def function_json(function: Function) -> Json:
    """Return a function as the API's JSON."""
    config = function.config
    settings: Mapping[str, object] = {
        to_camel(name): value for name, value in asdict(config).items() if name != "environment"
    }
    return {
        "functionName": function.name,
        "functionId": function.function_id,
        **settings,
        "environmentVariables": dict(config.environment),
        "instanceType": "e1",  # otherwise the provider plans a change every time
        "codeSize": function.code_size,
        "codeChecksum": function.code_checksum,
        "createdTime": iso_time(function.created_at),
        "lastModifiedTime": iso_time(function.modified_at),
    }
