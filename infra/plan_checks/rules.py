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

# The services that work for this application; a role of its trusts exactly one of them.
TRUSTED: Final = ("fc.aliyuncs.com", "fnf.aliyuncs.com")

# Types whose schema has tags (provider 1.289.0).
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

_ACCOUNT_WIDE: Final = re.compile(r"acs:[^:]*(:[*?]*){3}|[*?]+")  # no word left after the service


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
    """Something that must hold for every resource.

    Attributes:
        id: names it in messages.
        description: what must hold.
        check: what is wrong with a resource, in words.
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
        resources: of the plan.
        required_tags: that every resource must have beside those of this application.
        of_bootstrap: whether it is the plan of an account that is bootstrapped, and not of an
            environment.
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
            yield f"attaches the system policy {name!r}, which is for every resource of the account"
    for statement in _allowed(resource):
        for action in statement.actions:
            if re.fullmatch(r"\*|[^:]*:\*", action):
                yield f"allows {action!r}: name the actions"


def _public_bucket(resource: PlannedResource) -> Iterator[str]:
    if resource.type.startswith("alicloud_oss_bucket"):
        acl = resource.text("acl", "object_acl")
        if acl.startswith("public"):
            yield f"has the ACL {acl!r}, so anyone can read it"


def _wildcard_rule(reasons: Collection[str]) -> PlanRule:
    def check(resource: PlannedResource) -> Iterator[str]:
        for statement in _allowed(resource):
            wide = [target for target in statement.resources if _ACCOUNT_WIDE.fullmatch(target)]
            for action in statement.actions if wide else ():
                if action not in reasons:
                    yield f"allows {action!r} on {wide[0]!r}, and nothing says why"

    return PlanRule(
        "wildcard-resource",
        "no right is for every resource, unless its reason is written down",
        check,
    )


def _document(resource: PlannedResource) -> Iterator[str]:
    if resource.type == "alicloud_ram_policy":
        text = resource.text("policy_document", "document")
        if not text or _parsed(text) is None:
            yield "has no document that can be read before it is applied"


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
            yield "does not say how many days its lines are kept (retention_period)"


def _flow_lint(resource: PlannedResource) -> Iterator[str]:
    if resource.type == "alicloud_fnf_flow":
        text = resource.text("definition")
        if not text:
            yield "has no definition that can be read before it is applied"
            return
        for finding in lint(text):
            if finding.severity == "error":
                yield (
                    f"line {finding.line} of its definition, {finding.where}: {finding.message} "
                    f"({finding.rule})"
                )


def _role_trust(resource: PlannedResource) -> Iterator[str]:
    if resource.type == "alicloud_ram_role":
        document = _parsed(resource.text("assume_role_policy_document", "document"))
        if document not in [json.loads(trust(host)) for host in TRUSTED]:
            yield f"does not trust exactly one service, {' or '.join(TRUSTED)}, and no one else"


def _pipeline_trust(resource: PlannedResource) -> Iterator[str]:
    if resource.type != "alicloud_ram_role":
        return
    document = _parsed(resource.text("assume_role_policy_document", "document")) or {}
    for statement in _listed(document.get("Statement")):
        named = statement if isinstance(statement, dict) else {}
        principal, condition = named.get("Principal"), named.get("Condition")
        if isinstance(principal, dict) and set(principal) == {"RAM"}:
            roles = map(str, _listed(principal["RAM"]))
            if all(re.fullmatch(r"acs:ram::\d+:role/[^*?]+", role) for role in roles):
                continue
        if isinstance(principal, dict) and set(principal) == {"Federated"}:
            tested = {key for one in _conditions(condition) for key in one}
            if tested >= {"oidc:iss", "oidc:aud", "oidc:sub"}:
                continue
        yield "trusts others than named roles, or tokens of one issuer, audience and subject"


def _conditions(condition: object) -> Iterator[dict[str, object]]:
    inner = condition.values() if isinstance(condition, dict) else ()
    return (one for one in inner if isinstance(one, dict))


_ALWAYS: Final = (
    PlanRule(
        "full-access", "no role gets a system policy, or all actions of a service", _full_access
    ),
    PlanRule("public-bucket", "no bucket or object is readable by everyone", _public_bucket),
    PlanRule("readable-policy", "a policy's document is known before it is applied", _document),
    _tags_rule(REQUIRED_TAGS),
    PlanRule("log-retention", "a logstore says how long it keeps its lines", _log_retention),
    PlanRule("flow-lint", "a flow has no error that the linter finds", _flow_lint),
)
RULES: Final = (
    *_ALWAYS,
    _wildcard_rule(WILDCARD_REASONS),
    PlanRule("role-trust", "a role trusts exactly one of the services that need it", _role_trust),
)
BOOTSTRAP_RULES: Final = (
    *_ALWAYS,
    _wildcard_rule(WILDCARD_REASONS.keys() | DEPLOYER_REASONS.keys() | SMOKE_REASONS.keys()),
    PlanRule("role-trust", "a role trusts named roles, or tokens of one kind", _pipeline_trust),
)


@dataclass(frozen=True)
class _Statement:
    actions: tuple[str, ...]
    resources: tuple[str, ...]


def _allowed(resource: PlannedResource) -> Iterator[_Statement]:
    """The statements that allow something; none for an invalid policy."""
    if resource.type != "alicloud_ram_policy":
        return
    document = _parsed(resource.text("policy_document", "document"))
    for statement in _listed(document.get("Statement") if document else []):
        if isinstance(statement, dict) and statement.get("Effect") == "Allow":
            # NotAction and NotResource stand for all but a few.
            actions, resources = (statement.get(key, "*") for key in ("Action", "Resource"))
            yield _Statement(tuple(map(str, _listed(actions))), tuple(map(str, _listed(resources))))


def _parsed(text: str) -> dict[str, object] | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _listed(value: object) -> list[object]:
    """A value as a list: RAM accepts a single item without brackets."""
    return value if isinstance(value, list) else [value]
