"""Function Compute 2.0: the service and its functions.

The provider deprecates these resources from 1.272.0 on.
"""

from __future__ import annotations

from dataclasses import dataclass

from infra.compute.parts import DESCRIPTIONS, LogConfig, Parts
from infra.model import FunctionName
from infra.resources import Body, Resource, Tags, Variables


@dataclass(frozen=True, kw_only=True)
class FcService(Body):
    TYPE = "alicloud_fc_service"

    name: str
    description: str
    role: str
    log_config: LogConfig
    tags: Tags


@dataclass(frozen=True, kw_only=True)
class FcFunction(Body):
    TYPE = "alicloud_fc_function"

    service: str
    name: str
    description: str
    runtime: str
    handler: str
    memory_size: int  # MiB
    timeout: int  # seconds
    environment_variables: Variables
    filename: str
    code_checksum: str  # without it a changed zip is never deployed (the provider's issue 1530)


def compute(parts: Parts) -> list[Resource]:
    """The service and its functions."""
    names = parts.names
    service = Resource(
        "fc_service",
        FcService(
            name=names.functions.service,
            description="oss-restore: thaws archived OSS objects",
            role=names.functions_role_arn,
            log_config=parts.log_config,
            tags=names.tags,
        ),
        depends_on=parts.depends_on,
    )
    functions = [
        Resource(name, _function(parts, name), depends_on=(service,)) for name in names.deployed
    ]
    return [service, *functions]


def _function(parts: Parts, name: FunctionName) -> FcFunction:
    size = parts.environment.functions.size_of(name)
    return FcFunction(
        service=parts.names.functions.service,
        name=parts.names.functions.name(name),
        description=DESCRIPTIONS[name],
        runtime=parts.environment.runtime,
        handler=f"index.{name}",
        memory_size=size.memory,
        timeout=size.timeout,
        environment_variables=parts.variables(name),
        filename=str(parts.bundle.path),
        code_checksum=parts.bundle.checksum,
    )
