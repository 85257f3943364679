"""The JSON of API version 2023-03-30.

Source: alibabacloud-fc20230330 4.8.3 and the fields that the Terraform provider reads.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Final, Literal

from pydantic import AliasChoices, Field
from pydantic.alias_generators import to_camel

from localcloud.clock import iso_time
from localcloud.errors import CloudError
from localcloud.fc.api_call import Json
from localcloud.fc.bodies import CodeBody, FunctionBody, LogConfigBody
from localcloud.fc.code import code_checksum
from localcloud.fc.model import Fc3Config, Fc3Function, LogConfig
from localcloud.request_body import RequestBody

_INITIALIZATION_SECONDS: Final = 3


class CheckedCodeBody(CodeBody):
    """``code``, with its expected checksum."""

    checksum: str | None = None

    def check(self, code: bytes) -> None:
        """Refuse code with another checksum; raise ``InvalidArgument`` (code assumed)."""
        if self.checksum and self.checksum != code_checksum(code):
            message = f"the code's checksum is {code_checksum(code)}, not {self.checksum}"
            raise CloudError("InvalidArgument", message)


class InitializerBody(RequestBody):
    """``instanceLifecycleConfig.initializer``."""

    handler: str | None = None
    timeout: int | None = None


class LifecycleBody(RequestBody):
    """``instanceLifecycleConfig``."""

    initializer: InitializerBody | None = None


class TagPair(RequestBody):
    """A tag."""

    key: str = Field(validation_alias="Key", min_length=1)
    value: str = Field(default="", validation_alias="Value")


class TagResourcesBody(RequestBody):
    """Body of TagResources; resources are given by their ARNs."""

    resource_ids: list[str] = Field(validation_alias="ResourceId", min_length=1)
    resource_type: Literal["function"] = Field(validation_alias="ResourceType")
    tags: list[TagPair] = Field(validation_alias="Tag", min_length=1)


class Fc3FunctionBody(FunctionBody):
    """Body of UpdateFunction."""

    role: str | None = None
    internet_access: bool | None = None
    log_config: LogConfigBody | None = None
    cpu: float | None = None
    disk_size: int | None = None
    lifecycle: LifecycleBody | None = Field(
        default=None, validation_alias="instanceLifecycleConfig"
    )
    code: CheckedCodeBody | None = None

    def applied_to(self, config: Fc3Config) -> Fc3Config:
        """Return the configuration with this body's changes."""
        apart = ("function_name", "code", "log_config", "lifecycle", "tags")
        changed = replace(config, **self.changes(without=apart))
        if self.log_config is not None:
            changed = replace(changed, log_config=self.log_config.config())
        if self.lifecycle is not None:
            initializer = self.lifecycle.initializer or InitializerBody()
            changed = replace(
                changed,
                initializer=initializer.handler or "",
                initialization_timeout=initializer.timeout or _INITIALIZATION_SECONDS,
            )
        return changed


class Fc3CreateBody(Fc3FunctionBody):
    """Body of CreateFunction."""

    # The Terraform provider spells it with a capital letter.
    tags: list[TagPair] | None = Field(default=None, validation_alias=AliasChoices("tags", "Tags"))


def fc3_function_json(function: Fc3Function, arn: str) -> Json:
    """Return a function as the API's JSON."""
    config = function.config
    log = config.log_config or LogConfig(project="", logstore="")
    body: Json = {
        "functionName": function.name,
        "functionId": function.function_id,
        "functionArn": arn,
        "description": config.description,
        "runtime": config.runtime,
        "handler": config.handler,
        "memorySize": config.memory_size,
        "cpu": config.cpu,
        "diskSize": config.disk_size,
        "timeout": config.timeout,
        "instanceConcurrency": config.instance_concurrency,
        "environmentVariables": dict(config.environment),
        "role": config.role,
        "internetAccess": config.internet_access,
        "logConfig": {to_camel(name): value for name, value in asdict(log).items()},
        "tags": [{"Key": key, "Value": value} for key, value in sorted(function.tags.items())],
        "codeSize": function.code_size,
        "codeChecksum": function.code_checksum,
        "createdTime": iso_time(function.created_at),
        "lastModifiedTime": iso_time(function.modified_at),
        "state": "Active",
        "lastUpdateStatus": "Successful",
    }
    if config.initializer:
        initializer = {"handler": config.initializer, "timeout": config.initialization_timeout}
        body["instanceLifecycleConfig"] = {"initializer": initializer}
    return body
