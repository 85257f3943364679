"""The exact permissions that a deployer needs for given environments.

They follow from the deployment's resources: the API calls that the provider makes for each, as
recorded in tests/infra/policies/provider_calls.yaml, on the environment's own names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from infra.model.environment import Environment
from infra.model.generations import Generation
from infra.model.names import Names
from infra.policies.statements import (
    MAX_DOCUMENT_BYTES,
    PolicyStatement,
    document,
    documents,
)

# Permissions on every resource of a service, and why they cannot be narrower.
WILDCARD_REASONS: Final[Mapping[str, str]] = {
    "oss:ListBuckets": "the provider looks up buckets in the list of all buckets",
    **dict.fromkeys(
        ("fnf:DescribeFlow", "fnf:UpdateFlow", "fnf:DeleteFlow"),
        "the service's authorization table only grants it on all resources",
    ),
    **dict.fromkeys(
        (
            "cms:PutResourceMetricRule",
            "cms:EnableMetricRules",
            "cms:DescribeMetricRuleList",
            "cms:DescribeMetricRuleTargets",
            "cms:DeleteMetricRules",
            "cms:PutContactGroup",
            "cms:DescribeContactGroupList",
            "cms:DeleteContactGroup",
        ),
        "for alarms only; the service's authorization table only grants it on all resources",
    ),
}
_RAM_TAGS: Final = ("ram:ListTagResources", "ram:TagResources", "ram:UntagResources")


@dataclass(frozen=True, order=True)
class Right:
    """An action on a resource.

    Attributes:
        action: the action, such as ``ram:CreateRole``.
        resource: the resource's ARN.
        service: for ``ram:PassRole``, the host of the only service that may receive the role.
    """

    action: str
    resource: str
    service: str = ""


def rights(environment: Environment) -> frozenset[Right]:
    """Return the permissions to deploy, update and destroy an environment."""
    of_types = rights_by_type(environment.generation).values()
    return frozenset(right for of_type in of_types for right in of_type(environment))


def reading(needed: Iterable[Right]) -> Iterator[Right]:
    """Yield those permissions that are read-only."""
    verbs = ("Get", "List", "Describe")
    return (right for right in needed if right.action.partition(":")[2].startswith(verbs))


def deployer_policies(environments: Iterable[Environment]) -> tuple[str, ...]:
    """Return the policies of a role that deploys these environments, all in one account."""
    return policies(right for environment in environments for right in rights(environment))


def policies(needed: Iterable[Right]) -> tuple[str, ...]:
    """Return the fewest documents that grant exactly these permissions within RAM's size limit."""
    return documents(_statements(set(needed)))


def _bucket(environment: Environment) -> Iterator[Right]:
    if not environment.report.create:
        return
    yield Right("oss:ListBuckets", "acs:oss:*:*:*")
    yield from _on(
        f"acs:oss:*:*:{Names(environment).report_bucket}",
        "oss:PutBucket",
        "oss:PutBucketTagging",
        "oss:GetBucketInfo",
        "oss:GetBucketCors",
        "oss:GetBucketLifecycle",
        "oss:GetBucketLogging",
        "oss:GetBucketPolicy",
        "oss:GetBucketReferer",
        "oss:GetBucketResourceGroup",
        "oss:GetBucketTagging",
        "oss:GetBucketTransferAcceleration",
        "oss:GetBucketWebsite",
        "oss:DeleteBucket",
    )


def _log_project(environment: Environment) -> Iterator[Right]:
    yield from _on(
        Names(environment).log_project_arn(),
        "log:CreateProject",
        "log:GetProject",
        "log:GetProjectPolicy",
        "log:UpdateProject",
        "log:DeleteProject",
        "log:ListTagResources",
        "log:TagResources",
        "log:UntagResources",
    )


def _log_store(environment: Environment) -> Iterator[Right]:
    yield from _on(
        Names(environment).logstore_arn(),
        "log:CreateLogStore",
        "log:GetLogStore",
        "log:GetLogStoreMeteringMode",
        "log:ListShards",
        "log:UpdateLogStore",
        "log:DeleteLogStore",
    )


def _log_index(environment: Environment) -> Iterator[Right]:
    yield from _on(
        Names(environment).logstore_arn(),
        "log:GetLogStore",
        "log:CreateIndex",
        "log:GetIndex",
        "log:UpdateIndex",
        "log:DeleteIndex",
    )


def _dashboard(environment: Environment) -> Iterator[Right]:
    if not environment.logs.dashboard:
        return
    names = Names(environment)
    yield Right("log:CreateDashboard", names.dashboard_arn("*"))
    yield from _on(
        names.dashboard_arn(names.dashboard),
        "log:GetDashboard",
        "log:UpdateDashboard",
        "log:DeleteDashboard",
    )


def _roles(environment: Environment) -> Iterator[Right]:
    for name in Names(environment).roles:
        yield from _on(
            _role(environment, name),
            "ram:CreateRole",
            "ram:GetRole",
            "ram:UpdateRole",
            "ram:DeleteRole",
            *_RAM_TAGS,
        )


def _policies(environment: Environment) -> Iterator[Right]:
    for name in Names(environment).roles:  # policies are named after their roles
        yield from _on(
            _policy(environment, name),
            "ram:CreatePolicy",
            "ram:GetPolicy",
            "ram:UpdatePolicyDescription",
            "ram:CreatePolicyVersion",
            "ram:DeletePolicy",
            *_RAM_TAGS,
        )


def _attachments(environment: Environment) -> Iterator[Right]:
    for name in Names(environment).roles:
        for resource in (_role(environment, name), _policy(environment, name)):
            yield from _on(resource, "ram:AttachPolicyToRole", "ram:DetachPolicyFromRole")
        yield Right("ram:ListPoliciesForRole", _role(environment, name))


def _service(environment: Environment) -> Iterator[Right]:
    names = Names(environment)
    yield Right("fc:CreateService", _fc(environment, "services/*"))
    yield from _on(
        _fc(environment, f"services/{names.functions.service}"),
        "fc:GetService",
        "fc:UpdateService",
        "fc:DeleteService",
        "fc:ListServiceVersions",
        "fc:TagResource",
        "fc:UnTagResource",
    )
    yield Right("log:GetProject", names.log_project_arn())
    yield Right("log:GetLogStore", names.logstore_arn())
    yield _pass_to_functions(environment)


def _functions(environment: Environment) -> Iterator[Right]:
    yield from _on(
        _fc(environment, f"services/{Names(environment).functions.service}/functions/*"),
        "fc:CreateFunction",
        "fc:GetFunction",
        "fc:UpdateFunction",
        "fc:DeleteFunction",
    )


def _code(environment: Environment) -> Iterator[Right]:
    names = Names(environment)
    yield from _on(
        f"acs:oss:*:*:{names.report_bucket}/{names.code_folder}*",
        "oss:PutObject",
        "oss:GetObject",  # for the provider, and checked by Function Compute
        "oss:DeleteObject",
    )


def _fc3_functions(environment: Environment) -> Iterator[Right]:
    yield Right("fc:CreateFunction", _fc(environment, "functions/*"))
    for name in Names(environment).deployed:
        yield from _on(
            Names(environment).functions.arn(name),
            "fc:GetFunction",
            "fc:UpdateFunction",
            "fc:DeleteFunction",
            "fc:TagResources",
            "fc:UntagResources",
        )
    yield _pass_to_functions(environment)


def _flows(environment: Environment) -> Iterator[Right]:
    names = Names(environment)
    yield Right("fnf:CreateFlow", f"acs:fnf:{environment.region}:{environment.account}:flow/*")
    yield from _on("*", "fnf:DescribeFlow", "fnf:UpdateFlow", "fnf:DeleteFlow")
    role = _role(environment, names.flows_role)
    yield Right("ram:PassRole", role, service="fnf.aliyuncs.com")


OfType = Callable[[Environment], Iterator[Right]]


def _alarms(environment: Environment) -> Iterator[Right]:
    if environment.alarms is not None and any(environment.alarms.rules):
        yield from _on(
            "*",
            "cms:PutResourceMetricRule",
            "cms:EnableMetricRules",
            "cms:DescribeMetricRuleList",
            "cms:DescribeMetricRuleTargets",
            "cms:DeleteMetricRules",
        )


def _contact_group(environment: Environment) -> Iterator[Right]:
    if environment.alarms is not None and environment.alarms.contacts:
        yield from _on(
            "*", "cms:PutContactGroup", "cms:DescribeContactGroupList", "cms:DeleteContactGroup"
        )


_ALWAYS: Final[Mapping[str, OfType]] = {
    "alicloud_oss_bucket": _bucket,
    "alicloud_log_project": _log_project,
    "alicloud_log_store": _log_store,
    "alicloud_log_store_index": _log_index,
    "alicloud_log_dashboard": _dashboard,
    "alicloud_ram_role": _roles,
    "alicloud_ram_policy": _policies,
    "alicloud_ram_role_policy_attachment": _attachments,
    "alicloud_fnf_flow": _flows,
    "alicloud_cms_alarm": _alarms,
    "alicloud_cms_alarm_contact_group": _contact_group,
}
_OF_GENERATION: Final[Mapping[Generation, Mapping[str, OfType]]] = {
    2: {"alicloud_fc_service": _service, "alicloud_fc_function": _functions},
    3: {
        "alicloud_oss_bucket_object": _code,
        "alicloud_fcv3_function": _fc3_functions,
    },
}


def rights_by_type(generation: Generation) -> Mapping[str, OfType]:
    """Return the permissions per resource type, for a generation of Function Compute."""
    return {**_ALWAYS, **_OF_GENERATION[generation]}


def _on(resource: str, *actions: str) -> Iterator[Right]:
    return (Right(action, resource) for action in actions)


def _role(environment: Environment, name: str) -> str:
    return f"acs:ram:*:{environment.account}:role/{name}"


def _policy(environment: Environment, name: str) -> str:
    return f"acs:ram:*:{environment.account}:policy/{name}"


def _fc(environment: Environment, path: str) -> str:
    return f"acs:fc:{environment.region}:{environment.account}:{path}"


def _pass_to_functions(environment: Environment) -> Right:
    role = _role(environment, Names(environment).functions_role)
    return Right("ram:PassRole", role, service="fc.aliyuncs.com")


def _statements(needed: Iterable[Right]) -> Iterator[PolicyStatement]:
    """Yield the fewest equivalent statements: actions on the same resources are grouped."""
    actions: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for right in sorted(needed):
        actions[right.resource, right.service].append(right.action)
    resources: defaultdict[tuple[tuple[str, ...], str], list[str]] = defaultdict(list)
    for (resource, service), on_it in actions.items():
        resources[tuple(on_it), service].append(resource)
    for (of_all, service), targets in sorted(resources.items()):
        yield from _of_size(of_all, targets, service)


def _of_size(
    actions: Sequence[str], resources: Sequence[str], service: str
) -> Iterator[PolicyStatement]:
    """Yield one statement, or several if one would exceed RAM's size limit."""
    statement: PolicyStatement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    if service:
        statement["Condition"] = {"StringEquals": {"acs:Service": [service]}}
    if len(document([statement]).encode()) <= MAX_DOCUMENT_BYTES:
        yield statement
    else:
        half = len(resources) // 2
        yield from _of_size(actions, resources[:half], service)
        yield from _of_size(actions, resources[half:], service)
