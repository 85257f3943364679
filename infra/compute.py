"""Function Compute 2.0: the service and its functions.

Everything that is particular to this version stands here, since the provider deprecates it (from
1.272.0 on) and Function Compute 3.0 knows no services.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from infra.bundle import Bundle
from infra.model import Environment, FunctionName
from infra.names import FUNCTIONS, LOGSTORE, Names
from infra.resources import Body, Resource, Tags
from infra.version import VERSION

_DESCRIPTIONS: Final[Mapping[FunctionName, str]] = {
    "prepareRun": "Checks a run's input and fills its defaults in",
    "listArchiveFiles": "Lists one page of archived objects",
    "restore": "Thaws one group of objects",
    "restoreStatus": "Tells whether a page is readable",
    "summarizeRun": "Adds a run's ledger up",
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


def compute(
    environment: Environment, bundle: Bundle, *, depends_on: Sequence[Resource]
) -> list[Resource]:
    """The service and its functions.

    Args:
        environment: what is deployed.
        bundle: the functions' code; its path is relative to the stack's folder.
        depends_on: what the service must find.
    """
    names = Names(environment)
    service = Resource(
        "fc_service",
        FcService(
            name=names.service,
            description="oss-restore: thaws archived OSS objects",
            role=names.functions_role_arn,
            log_config=LogConfig(project=names.log_project, logstore=LOGSTORE),
            tags=names.tags,
        ),
        depends_on=tuple(depends_on),
    )
    functions = [
        Resource(name, _function(environment, bundle, name), depends_on=(service,))
        for name in FUNCTIONS
    ]
    return [service, *functions]


def _function(environment: Environment, bundle: Bundle, name: FunctionName) -> FcFunction:
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
            "OSS_RESTORE_VERSION": VERSION,  # not read by them, but on each of them
            "REPORT_BUCKET": names.report_bucket,
            "REPORT_PREFIX": environment.report.prefix,
            "REPORT_ENDPOINT": names.report_endpoint,
            "FOREACH_LIMIT": str(environment.limits.max_groups_per_page),
        },
        filename=str(bundle.path),
        code_checksum=bundle.checksum,
    )
