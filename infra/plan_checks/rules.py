"""Policy as code: rules that every plan must satisfy."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from fdl.lint import lint
from infra.model.names import REQUIRED_TAGS
from infra.plan_checks.terraform_plan import PlannedResource
from infra.policies.deployer import WILDCARD_REASONS as DEPLOYER_REASONS
from infra.policies.pipeline import WILDCARD_REASONS as SMOKE_REASONS
from infra.policies.runtime import WILDCARD_REASONS, trust

# The services that this application uses; each of its roles trusts exactly one of them.
TRUSTED: Final = ("fc.aliyuncs.com", "fnf.aliyuncs.com")

# Resource types with tags in their schema (provider 1.289.0).
TAGGED: Final = frozenset(
    {
        "alicloud_cms_alarm",
        "alicloud_fc_service",
        "alicloud_fcv3_function",
        "alicloud_log_project",
        "alicloud_oss_bucket",
        "alicloud_ots_instance",
        "alicloud_ram_policy",
        "alicloud_ram_role",
    }
)

_ACCOUNT_WIDE: Final = re.compile(r"acs:[^:]*(:[*?]*){3}|[*?]+")  # only wildcards after the service


@dataclass(frozen=True)
class Violation:
    """A resource that breaks a rule."""

    address: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.address}: {self.message} [{self.rule}]"


@dataclass(frozen=True)
class PlanRule:
    """A rule that must hold for every resource.

    Attributes:
        id: the rule's id in messages.
        description: what must hold.
        check: yields descriptions of what is wrong with a resource.
    """

    id: str
    description: str
    check: Callable[[PlannedResource], Iterator[str]]


def check_plan(
    resources: Iterable[PlannedResource],
    required_tags: Collection[str] = (),
    *,
    of_bootstrap: bool = False,
) -> list[Violation]:
    """Check a plan against every rule.

    Args:
        resources: the plan's resources.
        required_tags: tags that every resource must have besides those of this application.
        of_bootstrap: whether the plan bootstraps an account, rather than deploys an environment.
    """
    rules = [*(BOOTSTRAP_RULES if of_bootstrap else RULES)]
    if required_tags:
        rules.append(_tags_rule(required_tags))
    return [
        Violation(resource.address, rule.id, message)
        for resource in resources
        for rule in rules
        for message in rule.check(resource)
    ]


def _full_access(resource: PlannedResource) -> Iterator[str]:
    if resource.type.startswith("alicloud_ram_") and resource.type.endswith("_policy_attachment"):
        name, kind = resource.text("policy_name"), resource.text("policy_type")
        if kind != "Custom":
            yield f"attaches the system policy {name!r}, which covers every resource in the account"
    for statement in _allow_statements(resource):
        for action in statement.actions:
            if re.fullmatch(r"\*|[^:]*:\*", action):
                yield f"allows {action!r}: list the actions"


def _public_bucket(resource: PlannedResource) -> Iterator[str]:
    if resource.type.startswith("alicloud_oss_bucket"):
        acl = resource.text("acl", "object_acl")
        if acl.startswith("public"):
            yield f"has the ACL {acl!r}, so anyone can read it"


def _wildcard_rule(reasons: Collection[str]) -> PlanRule:
    def check(resource: PlannedResource) -> Iterator[str]:
        for statement in _allow_statements(resource):
            wide = [target for target in statement.resources if _ACCOUNT_WIDE.fullmatch(target)]
            for action in statement.actions if wide else ():
                if action not in reasons:
                    yield f"allows {action!r} on {wide[0]!r} without a documented reason"

    return PlanRule(
        "wildcard-resource",
        "no action is allowed on every resource without a documented reason",
        check,
    )


def _document(resource: PlannedResource) -> Iterator[str]:
    if resource.type == "alicloud_ram_policy":
        text = resource.text("policy_document", "document")
        if not text or _parse(text) is None:
            yield "has no document that is known before it is applied"


def _tags_rule(required: Collection[str]) -> PlanRule:
    def check(resource: PlannedResource) -> Iterator[str]:
        if resource.type in TAGGED:
            tags = resource.arguments.get("tags")
            present = tags if isinstance(tags, Mapping) else {}
            missing = [tag for tag in required if not present.get(tag)]
            if missing:
                yield f"has no tag {', '.join(missing)}"

    return PlanRule("tags", "resources that support tags have the required ones", check)


def _log_retention(resource: PlannedResource) -> Iterator[str]:
    if resource.type == "alicloud_log_store":
        days = resource.arguments.get("retention_period")
        if not isinstance(days, int) or days < 1:
            yield "does not set how many days its lines are kept (retention_period)"


def _flow_lint(resource: PlannedResource) -> Iterator[str]:
    if resource.type == "alicloud_fnf_flow":
        text = resource.text("definition")
        if not text:
            yield "has no definition that is known before it is applied"
            return
        for finding in lint(text):
            if finding.severity == "error":
                yield (
                    f"line {finding.line} of its definition, {finding.where}: {finding.message} "
                    f"({finding.rule})"
                )


def _role_trust(resource: PlannedResource) -> Iterator[str]:
    if resource.type == "alicloud_ram_role":
        document = _parse(resource.text("assume_role_policy_document", "document"))
        if document not in [json.loads(trust(host)) for host in TRUSTED]:
            yield f"must trust exactly one service, {' or '.join(TRUSTED)}, and nobody else"


def _pipeline_trust(resource: PlannedResource) -> Iterator[str]:
    if resource.type != "alicloud_ram_role":
        return
    document = _parse(resource.text("assume_role_policy_document", "document")) or {}
    for statement in _as_list(document.get("Statement")):
        named = statement if isinstance(statement, dict) else {}
        principal, condition = named.get("Principal"), named.get("Condition")
        if isinstance(principal, dict) and set(principal) == {"RAM"}:
            roles = map(str, _as_list(principal["RAM"]))
            if all(re.fullmatch(r"acs:ram::\d+:role/[^*?]+", role) for role in roles):
                continue
        if isinstance(principal, dict) and set(principal) == {"Federated"}:
            tested = {key for operands in _conditions(condition) for key in operands}
            if tested >= {"oidc:iss", "oidc:aud", "oidc:sub"}:
                continue
        yield "must only trust named roles, or tokens with one issuer, audience and subject"


def _conditions(condition: object) -> Iterator[dict[str, object]]:
    inner = condition.values() if isinstance(condition, dict) else ()
    return (operands for operands in inner if isinstance(operands, dict))


_ALWAYS: Final = (
    PlanRule(
        "full-access", "no role has a system policy, or all actions of a service", _full_access
    ),
    PlanRule("public-bucket", "no bucket or object is readable by everyone", _public_bucket),
    PlanRule("readable-policy", "a policy's document is known before it is applied", _document),
    _tags_rule(REQUIRED_TAGS),
    PlanRule("log-retention", "a logstore sets how long it keeps its lines", _log_retention),
    PlanRule("flow-lint", "the linter finds no error in a flow", _flow_lint),
)
RULES: Final = (
    *_ALWAYS,
    _wildcard_rule(WILDCARD_REASONS),
    PlanRule("role-trust", "a role trusts exactly one of the services that need it", _role_trust),
)
BOOTSTRAP_RULES: Final = (
    *_ALWAYS,
    _wildcard_rule(WILDCARD_REASONS.keys() | DEPLOYER_REASONS.keys() | SMOKE_REASONS.keys()),
    PlanRule(
        "role-trust", "a role trusts only named roles, or tokens of one kind", _pipeline_trust
    ),
)


@dataclass(frozen=True)
class _Statement:
    actions: tuple[str, ...]
    resources: tuple[str, ...]


def _allow_statements(resource: PlannedResource) -> Iterator[_Statement]:
    """Yield the statements that allow something; nothing for an invalid policy."""
    if resource.type != "alicloud_ram_policy":
        return
    document = _parse(resource.text("policy_document", "document"))
    for statement in _as_list(document.get("Statement") if document else []):
        if isinstance(statement, dict) and statement.get("Effect") == "Allow":
            # NotAction and NotResource match everything but a few.
            actions, resources = (statement.get(key, "*") for key in ("Action", "Resource"))
            yield _Statement(
                tuple(map(str, _as_list(actions))), tuple(map(str, _as_list(resources)))
            )


def _parse(text: str) -> dict[str, object] | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _as_list(value: object) -> list[object]:
    """Return a value as a list: RAM accepts a single item without brackets."""
    return value if isinstance(value, list) else [value]
