"""Function Compute 3.0: functions without a service, with their code in the report bucket."""

from __future__ import annotations

from dataclasses import dataclass

from infra.blueprint.compute.function_specs import DESCRIPTIONS, FunctionLogConfig, FunctionSpec
from infra.blueprint.resources import Body, OssBucketObject, Resource, Tags, Variables
from infra.model.environment import FunctionName
from thaw.limits import vcpu_of


@dataclass(frozen=True, kw_only=True)
class Code:
    """The functions' zip in OSS; inside the resources, the state would contain it five times."""

    oss_bucket_name: str
    oss_object_name: str
    checksum: str  # Function Compute rejects code that does not match


@dataclass(frozen=True, kw_only=True)
class FcV3Function(Body):
    TYPE = "alicloud_fcv3_function"

    function_name: str
    description: str
    runtime: str
    handler: str
    memory_size: int  # MiB
    cpu: float  # vCPU; without it, changing the memory could leave too little or too much
    timeout: int  # seconds
    environment_variables: Variables
    role: str
    log_config: FunctionLogConfig
    code: Code
    tags: Tags


def compute(spec: FunctionSpec) -> list[Resource]:
    """Return the code object and the functions."""
    names, checksum = spec.names, spec.bundle.checksum
    code = Code(
        oss_bucket_name=names.report_bucket,
        oss_object_name=names.code_key(checksum),
        checksum=checksum,
    )
    stored = Resource(
        "code",
        OssBucketObject(
            bucket=code.oss_bucket_name,
            key=code.oss_object_name,
            source=str(spec.bundle.path),
        ),
        depends_on=spec.depends_on,
    )
    functions = [
        Resource(name, _function(spec, name, code), depends_on=(stored,)) for name in names.deployed
    ]
    return [stored, *functions]


def _function(spec: FunctionSpec, name: FunctionName, code: Code) -> FcV3Function:
    size = spec.environment.functions.size_of(name)
    return FcV3Function(
        function_name=spec.names.functions.name(name),
        description=DESCRIPTIONS[name],
        runtime=spec.environment.runtime,
        handler=f"index.{name}",
        memory_size=size.memory,
        cpu=vcpu_of(size.memory),
        timeout=size.timeout,
        environment_variables=spec.variables(name),
        role=spec.names.functions_role_arn,
        log_config=spec.log_config,
        code=code,
        tags=spec.names.tags,
    )
