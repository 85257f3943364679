"""Decides whether policy statements allow an action on a resource.

Source: RAM policy language, version 1: an explicit Deny wins, and without a matching Allow the
request is denied; ``*`` and ``?`` are wildcards; actions are case-insensitive.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Decision = Literal["allow", "deny", "none"]

# The supported condition operators. A document with any other is refused: a Deny that cannot be
# evaluated must not become an Allow.
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
    """A statement of a policy document."""

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
    """A statement about who may assume a role."""

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
        """Return whether a caller may assume the role.

        Args:
            kind: the type of the names.
            names: the caller's names: a service's host, or the ARNs that match it.
            context: condition keys that the request sets.
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
    """Return whether the whole text matches the glob, in which ``*`` and ``?`` are wildcards."""
    return _pattern(glob, re.IGNORECASE if ignore_case else 0).fullmatch(text) is not None


def _equals_ignoring_case(operands: tuple[str, ...], value: str) -> bool:
    return value.casefold() in {operand.casefold() for operand in operands}


def _like(operands: tuple[str, ...], value: str) -> bool:
    return any(matches(glob, value) for glob in operands)


def _in_network(operands: tuple[str, ...], value: str) -> bool:
    return any(ip_address(value) in ip_network(operand, strict=False) for operand in operands)


_OPERATORS: dict[Operator, Callable[[tuple[str, ...], str], bool]] = {
    "StringEquals": lambda operands, value: value in operands,
    "StringNotEquals": lambda operands, value: value not in operands,
    "StringEqualsIgnoreCase": _equals_ignoring_case,
    "StringNotEqualsIgnoreCase": lambda operands, value: not _equals_ignoring_case(operands, value),
    "StringLike": _like,
    "StringNotLike": lambda operands, value: not _like(operands, value),
    "Bool": _equals_ignoring_case,
    "IpAddress": _in_network,
    "NotIpAddress": lambda operands, value: not _in_network(operands, value),
}


def _conditions_hold(conditions: Conditions, context: Mapping[str, str]) -> bool:
    # A condition on a key that the request does not set is false (assumed for the Not operators).
    return all(
        key in context and _OPERATORS[operator](operands, context[key])
        for operator, keys in conditions.items()
        for key, operands in keys.items()
    )


def decide(
    statements: Iterable[Statement], action: str, resource: str, context: Mapping[str, str]
) -> Decision:
    """Decide a request.

    Args:
        statements: the statements of every policy attached to the caller.
        action: the action, such as ``oss:RestoreObject``.
        resource: the resource's ARN.
        context: condition keys that the request sets, such as ``oss:Prefix``.
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
