"""The resources and outputs of an environment's deployment, as data for Terraform and ROS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from infra.blueprint.alarms import alarms
from infra.blueprint.compute import compute
from infra.blueprint.compute.function_specs import FunctionSpec
from infra.blueprint.dashboard import charts
from infra.blueprint.flows import FlowDefinition
from infra.blueprint.queries import FIELDS, LOG_FIELD, queries
from infra.blueprint.resources import (
    FieldSearch,
    FnfFlow,
    FullText,
    JsonKey,
    LogDashboard,
    LogProject,
    LogStore,
    LogStoreIndex,
    OssBucket,
    RamPolicy,
    RamRole,
    RamRolePolicyAttachment,
    Resource,
)
from infra.bundle.build import Bundle
from infra.model.environment import Environment
from infra.model.names import LOGSTORE, FlowKind, Names, OutputKey
from infra.model.notification_targets import secrets
from infra.policies.runtime import flows_policy, functions_policy, trust
from infra.version import VERSION

_DESCRIPTIONS: Final[Mapping[FlowKind, str]] = {
    "awaitFlow": "Waits until a range of objects is readable",
    "restoreFlow": "Thaws one page of archived objects",
    "lookFlow": "Checks a run's pages until all are readable, and once more at the end",
    "copyFlow": "Copies objects as they become readable",
    "mainRestoreFlow": "Thaws the archived objects of a bucket",
}
_WORD_BREAKS: Final = ", '\";=()[]{}?@&<>/:\n\t\r"

Output = str | Mapping[str, str]


@dataclass(frozen=True)
class Blueprint:
    """A deployment.

    Attributes:
        resources: the resources, each after its dependencies.
        outputs: the stack's outputs, by key.
        secrets: the names of values passed in at deployment, each with a description.
    """

    resources: tuple[Resource, ...]
    outputs: Mapping[OutputKey, Output]
    secrets: Mapping[str, str]


def blueprint(
    environment: Environment, bundle: Bundle, flows: Iterable[FlowDefinition]
) -> Blueprint:
    """Build an environment's blueprint.

    Args:
        environment: the environment to deploy.
        bundle: the functions' code, with the path that Terraform will read.
        flows: the environment's flows, children before parents.
    """
    names = Names(environment)
    logs, reports = _logs(environment), _report_bucket(environment)
    functions_role = _role(
        environment,
        "functions",
        "fc.aliyuncs.com",
        names.functions_role,
        functions_policy(environment),
    )
    flows_role = _role(
        environment, "flows", "fnf.aliyuncs.com", names.flows_role, flows_policy(environment)
    )
    # Without its permissions and logstore, creating the service fails after two minutes.
    functions = compute(
        FunctionSpec(environment, bundle, depends_on=(functions_role[-1], logs[-1], *reports))
    )
    run_by = _flows(flows, names.flows_role_arn, depends_on=[flows_role[-1], *functions])
    resources = [
        *(*logs, *reports, *functions_role, *flows_role, *functions, *run_by),
        *_dashboard(environment, depends_on=logs[-1:]),
        *alarms(environment, depends_on=run_by[-1:]),
    ]
    return Blueprint(tuple(resources), _outputs(environment), secrets(environment.notify))


def _report_bucket(environment: Environment) -> list[Resource]:
    if not environment.report.create:
        return []
    names = Names(environment)
    return [Resource("reports", OssBucket(bucket=names.report_bucket, tags=names.tags))]


def _logs(environment: Environment) -> list[Resource]:
    """Return the log project with its logstore and index."""
    names = Names(environment)
    project = Resource(
        "log",
        LogProject(
            project_name=names.log_project, description="Logs of oss-restore", tags=names.tags
        ),
    )
    store = Resource(
        "log_store",
        LogStore(
            project_name=names.log_project,
            logstore_name=LOGSTORE,
            retention_period=environment.logs.retention_days,
        ),
        depends_on=(project,),
    )
    index = Resource(
        "log_index",
        LogStoreIndex(
            project=names.log_project,
            logstore=LOGSTORE,
            full_text=FullText(token=_WORD_BREAKS),
            field_search=[
                FieldSearch(name="functionName", type="text"),
                FieldSearch(
                    name=LOG_FIELD,
                    type="json",
                    token=_WORD_BREAKS,
                    json_keys=[JsonKey(name=name, type=kind) for name, kind in FIELDS.items()],
                ),
            ],
        ),
        depends_on=(store,),
    )
    return [project, store, index]


def _dashboard(environment: Environment, *, depends_on: Sequence[Resource]) -> list[Resource]:
    if not environment.logs.dashboard:
        return []
    names = Names(environment)
    body = LogDashboard(
        project_name=names.log_project,
        dashboard_name=names.dashboard,
        display_name=f"oss-restore {environment.name}",
        char_list=charts(queries(environment)),
    )
    return [Resource("dashboard", body, depends_on=tuple(depends_on))]


def _role(environment: Environment, kind: str, host: str, name: str, policy: str) -> list[Resource]:
    """Return a role that a service assumes, its policy of the same name, and the attachment."""
    tags = Names(environment).tags
    role = Resource(
        f"{kind}_role",
        RamRole(
            role_name=name,
            description=f"What the {kind} of oss-restore work with",
            assume_role_policy_document=trust(host),
            tags=tags,
        ),
    )
    rights = Resource(
        f"{kind}_policy",
        RamPolicy(
            policy_name=name,
            description=f"What the {kind} of oss-restore may do",
            policy_document=policy,
            tags=tags,
        ),
    )
    attachment = Resource(
        f"{kind}_attachment",
        RamRolePolicyAttachment(role_name=name, policy_name=name),
        depends_on=(role, rights),
    )
    return [role, rights, attachment]


def _flows(
    flows: Iterable[FlowDefinition], role_arn: str, *, depends_on: Sequence[Resource]
) -> list[Resource]:
    """Return the flows, children before parents."""
    resources: list[Resource] = []
    for flow in flows:
        body = FnfFlow(
            name=flow.name,
            description=_DESCRIPTIONS[flow.kind],
            definition=flow.text,
            role_arn=role_arn,
        )
        before = resources[-1:] or depends_on
        resources.append(Resource(flow.kind, body, depends_on=tuple(before)))
    return resources


def _outputs(environment: Environment) -> Mapping[OutputKey, Output]:
    names = Names(environment)
    service = names.functions.service
    return {
        OutputKey.VERSION: VERSION,
        OutputKey.ACCOUNT: environment.account,
        OutputKey.REGION: environment.region,
        OutputKey.MAIN_FLOW: names.flow("mainRestoreFlow"),
        OutputKey.MAIN_FLOW_ARN: names.flow_arn("mainRestoreFlow"),
        OutputKey.AWAIT_FLOW: names.flow("awaitFlow"),
        OutputKey.AWAIT_FLOW_ARN: names.flow_arn("awaitFlow"),
        OutputKey.RESTORE_FLOW: names.flow("restoreFlow"),
        OutputKey.RESTORE_FLOW_ARN: names.flow_arn("restoreFlow"),
        OutputKey.LOOK_FLOW: names.flow("lookFlow"),
        OutputKey.LOOK_FLOW_ARN: names.flow_arn("lookFlow"),
        OutputKey.COPY_FLOW: names.flow("copyFlow"),
        OutputKey.COPY_FLOW_ARN: names.flow_arn("copyFlow"),
        **({OutputKey.SERVICE: service} if service else {}),
        OutputKey.FUNCTION_ARNS: {name: names.functions.arn(name) for name in names.deployed},
        OutputKey.FUNCTIONS_ROLE_ARN: names.functions_role_arn,
        OutputKey.FLOWS_ROLE_ARN: names.flows_role_arn,
        OutputKey.LOG_PROJECT: names.log_project,
        OutputKey.LOGSTORE: LOGSTORE,
        OutputKey.REPORT_BUCKET: names.report_bucket,
        OutputKey.REPORT_PREFIX: environment.report.prefix,
    }
