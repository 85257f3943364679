"""RAM's decision: whether the statements allow an action on a resource.

Source: RAM policy language, version 1: an explicit Deny wins, no matching Allow is a refusal;
``*`` and ``?`` are wildcards; actions compare without regard to case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Decision = Literal["allow", "deny", "none"]

# The supported conditions. A document with any other is refused: a Deny that
# cannot be evaluated must not become an Allow.
Operator = Literal[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "Bool",
    "IpAddress",
    "NotIpAddress",
]


def _as_list(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


def _as_text(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


Texts = Annotated[tuple[Annotated[str, BeforeValidator(_as_text)], ...], BeforeValidator(_as_list)]
Conditions = dict[Operator, dict[str, Texts]]


class Statement(BaseModel):
    """One statement of a policy document."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    effect: Literal["Allow", "Deny"] = Field(alias="Effect")
    action: Texts = Field(alias="Action")
    resource: Texts = Field(alias="Resource")
    condition: Conditions = Field(default={}, alias="Condition")


class PolicyDocument(BaseModel):
    """A policy document."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal["1"] = Field(alias="Version")
    statement: tuple[Statement, ...] = Field(alias="Statement")


PrincipalKind = Literal["Service", "RAM", "Federated"]


class TrustStatement(BaseModel):
    """Who may assume a role."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    effect: Literal["Allow", "Deny"] = Field(alias="Effect")
    action: Literal["sts:AssumeRole"] = Field(alias="Action")
    principal: dict[PrincipalKind, Texts] = Field(alias="Principal")
    condition: Conditions = Field(default={}, alias="Condition")


class TrustDocument(BaseModel):
    """A role's trust policy."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal["1"] = Field(alias="Version")
    statement: tuple[TrustStatement, ...] = Field(alias="Statement")

    def trusts(
        self, kind: PrincipalKind, names: Collection[str], context: Mapping[str, str]
    ) -> bool:
        """Whether a caller may assume the role.

        Args:
            kind: what the names are.
            names: of the caller: a service's host, or the ARNs that match it.
            context: condition keys that the call sets.
        """
        effects = {
            statement.effect
            for statement in self.statement
            if not set(names).isdisjoint(statement.principal.get(kind, ()))
            and _conditions_hold(statement.condition, context)
        }
        return effects == {"Allow"}


@lru_cache(maxsize=4096)
def _pattern(glob: str, flags: int) -> re.Pattern[str]:
    text = "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in glob)
    return re.compile(text, flags | re.DOTALL)


def matches(glob: str, text: str, *, ignore_case: bool = False) -> bool:
    """Whether the whole text fits the glob, in which ``*`` and ``?`` are wildcards."""
    return _pattern(glob, re.IGNORECASE if ignore_case else 0).fullmatch(text) is not None


def _equals_ignoring_case(wanted: tuple[str, ...], value: str) -> bool:
    return value.casefold() in {one.casefold() for one in wanted}


def _like(wanted: tuple[str, ...], value: str) -> bool:
    return any(matches(glob, value) for glob in wanted)


def _in_network(wanted: tuple[str, ...], value: str) -> bool:
    return any(ip_address(value) in ip_network(one, strict=False) for one in wanted)


_OPERATORS: dict[Operator, Callable[[tuple[str, ...], str], bool]] = {
    "StringEquals": lambda wanted, value: value in wanted,
    "StringNotEquals": lambda wanted, value: value not in wanted,
    "StringEqualsIgnoreCase": _equals_ignoring_case,
    "StringNotEqualsIgnoreCase": lambda wanted, value: not _equals_ignoring_case(wanted, value),
    "StringLike": _like,
    "StringNotLike": lambda wanted, value: not _like(wanted, value),
    "Bool": _equals_ignoring_case,
    "IpAddress": _in_network,
    "NotIpAddress": lambda wanted, value: not _in_network(wanted, value),
}


def _conditions_hold(conditions: Conditions, context: Mapping[str, str]) -> bool:
    # A key that the call does not set makes its condition untrue (assumed for the Not operators).
    return all(
        key in context and _OPERATORS[operator](wanted, context[key])
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def decide(
    statements: Iterable[Statement], action: str, resource: str, context: Mapping[str, str]
) -> Decision:
    """Decide one call by the statements.

    Args:
        statements: of every policy attached to the caller.
        action: the action, such as ``oss:RestoreObject``.
        resource: its ARN.
        context: condition keys that the call sets, such as ``oss:Prefix``.
    """
    decision: Decision = "none"
    for statement in statements:
        if (
            any(matches(glob, action, ignore_case=True) for glob in statement.action)
            and any(matches(glob, resource) for glob in statement.resource)
            and _conditions_hold(statement.condition, context)
        ):
            if statement.effect == "Deny":
                return "deny"
            decision = "allow"
    return decision
