"""Function Compute 2.0: the service and its functions.

Everything that is particular to this version stands here, since the provider deprecates it (from
1.272.0 on) and Function Compute 3.0 knows no services.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import cdktf
from constructs import Construct

from infra.bundle import Bundle
from infra.model import Environment, FunctionName
from infra.names import LOGSTORE, TELLER, Names
from infra.resources import Body, Resource, Tags
from infra.telling import telling_variables

_DESCRIPTIONS: Final[Mapping[FunctionName, str]] = {
    "prepareRun": "Checks a run's input and fills its defaults in",
    "listArchiveFiles": "Lists one page of archived objects",
    "restore": "Thaws one group of objects",
    "restoreStatus": "Tells whether a page is readable",
    "summarizeRun": "Adds a run's ledger up",
    "notifyRun": "Tells of the end of a run",
}


@dataclass(frozen=True, kw_only=True)
class LogConfig:
    """Where the functions' output goes."""

    project: str
    logstore: str


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
    environment_variables: Mapping[str, str]
    filename: str
    code_checksum: str  # without it a changed zip is never deployed (the provider's issue 1530)


def add_functions(
    scope: Construct,
    environment: Environment,
    bundle: Bundle,
    *,
    role_arn: str,
    depends_on: Sequence[cdktf.TerraformResource],
) -> list[Resource]:
    """Puts the service and its functions into a stack.

    Args:
        scope: the stack.
        environment: what is deployed.
        bundle: the functions' code; its path is relative to the stack's folder.
        role_arn: of the role that the functions work with.
        depends_on: what the service must find, or its creation fails after two minutes: the
            role's policy and the logstore.

    Returns:
        The functions.
    """
    names = Names(environment)
    service = Resource(
        scope,
        "fc_service",
        FcService(
            name=names.service,
            description="oss-restore: thaws archived OSS objects",
            role=role_arn,
            log_config=LogConfig(project=names.log_project, logstore=LOGSTORE),
            tags=names.tags,
        ),
        depends_on=depends_on,
    )
    return [
        Resource(scope, name, _function(scope, environment, bundle, name), depends_on=[service])
        for name in names.functions
    ]


def _function(
    scope: Construct, environment: Environment, bundle: Bundle, name: FunctionName
) -> FcFunction:
    names = Names(environment)
    size = environment.functions.size_of(name)
    return FcFunction(
        service=names.service,
        name=name,
        description=_DESCRIPTIONS[name],
        runtime=environment.runtime,
        handler=f"index.{name}",
        memory_size=size.memory,
        timeout=size.timeout,
        environment_variables={
            "REPORT_BUCKET": names.report_bucket,
            "REPORT_PREFIX": environment.report.prefix,
            "REPORT_ENDPOINT": names.report_endpoint,
            "FOREACH_LIMIT": str(environment.limits.max_groups_per_page),
            **(telling_variables(scope, environment) if name == TELLER else {}),
        },
        filename=str(bundle.path),
        code_checksum=bundle.checksum,
    )
