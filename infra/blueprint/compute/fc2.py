"""Function Compute 2.0: the service and its functions.

The provider has deprecated these resources since 1.272.0.
"""

from __future__ import annotations

from dataclasses import dataclass

from infra.blueprint.compute.function_specs import DESCRIPTIONS, FunctionLogConfig, FunctionSpec
from infra.blueprint.resources import Body, Resource, Tags, Variables
from infra.model.environment import FunctionName


@dataclass(frozen=True, kw_only=True)
class FcService(Body):
    TYPE = "alicloud_fc_service"

    name: str
    description: str
    role: str
    log_config: FunctionLogConfig
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
    code_checksum: str  # otherwise a changed zip is never deployed (provider issue 1530)


def compute(spec: FunctionSpec) -> list[Resource]:
    """Return the service and its functions."""
    names = spec.names
    service = Resource(
        "fc_service",
        FcService(
            name=names.functions.service,
            description="oss-restore: thaws archived OSS objects",
            role=names.functions_role_arn,
            log_config=spec.log_config,
            tags=names.tags,
        ),
        depends_on=spec.depends_on,
    )
    functions = [
        Resource(name, _function(spec, name), depends_on=(service,)) for name in names.deployed
    ]
    return [service, *functions]


def _function(spec: FunctionSpec, name: FunctionName) -> FcFunction:
    size = spec.environment.functions.size_of(name)
    return FcFunction(
        service=spec.names.functions.service,
        name=spec.names.functions.name(name),
        description=DESCRIPTIONS[name],
        runtime=spec.environment.runtime,
        handler=f"index.{name}",
        memory_size=size.memory,
        timeout=size.timeout,
        environment_variables=spec.variables(name),
        filename=str(spec.bundle.path),
        code_checksum=spec.bundle.checksum,
    )
