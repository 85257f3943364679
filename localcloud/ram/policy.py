"""RAM's decision: may this statement list do this action on this resource?

Source: RAM policy language, version 1: an explicit Deny wins, no matching Allow is a refusal;
``*`` and ``?`` are wildcards; actions compare without regard to case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Decision = Literal["allow", "deny", "none"]


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Statement(BaseModel):
    """One statement of a policy document."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    effect: Literal["Allow", "Deny"] = Field(alias="Effect")
    action: tuple[str, ...] = Field(alias="Action")
    resource: tuple[str, ...] = Field(alias="Resource")
    condition: dict[str, dict[str, tuple[str, ...]]] = Field(default={}, alias="Condition")

    @field_validator("action", "resource", mode="before")
    @classmethod
    def _list(cls, value: object) -> object:
        return _as_list(value)

    @field_validator("condition", mode="before")
    @classmethod
    def _lists(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {
            operator: {key: _as_list(wanted) for key, wanted in keys.items()}
            for operator, keys in value.items()
            if isinstance(keys, dict)
        }


class PolicyDocument(BaseModel):
    """A policy document."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal["1"] = Field(alias="Version")
    statement: tuple[Statement, ...] = Field(alias="Statement")


class TrustStatement(BaseModel):
    """Who may assume a role."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    effect: Literal["Allow", "Deny"] = Field(alias="Effect")
    action: Literal["sts:AssumeRole"] = Field(alias="Action")
    principal: dict[Literal["Service", "RAM", "Federated"], tuple[str, ...]] = Field(
        alias="Principal"
    )
    condition: dict[str, object] = Field(default={}, alias="Condition")


class TrustDocument(BaseModel):
    """A role's trust policy."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal["1"] = Field(alias="Version")
    statement: tuple[TrustStatement, ...] = Field(alias="Statement")

    def trusts(self, kind: Literal["Service", "RAM"], name: str) -> bool:
        """Whether a service's host or a principal's ARN may assume the role."""
        return any(
            statement.effect == "Allow" and name in statement.principal.get(kind, ())
            for statement in self.statement
        )


@lru_cache(maxsize=4096)
def _pattern(glob: str, flags: int) -> re.Pattern[str]:
    text = "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in glob)
    return re.compile(text, flags | re.DOTALL)


def _matches(glob: str, text: str, *, ignore_case: bool = False) -> bool:
    return _pattern(glob, re.IGNORECASE if ignore_case else 0).fullmatch(text) is not None


_OPERATORS: dict[str, Callable[[tuple[str, ...], str], bool]] = {
    "StringEquals": lambda wanted, value: value in wanted,
    "StringNotEquals": lambda wanted, value: value not in wanted,
    "StringLike": lambda wanted, value: any(_matches(glob, value) for glob in wanted),
    "StringNotLike": lambda wanted, value: not any(_matches(glob, value) for glob in wanted),
}


def _conditions_hold(statement: Statement, context: Mapping[str, str]) -> bool:
    return all(
        operator in _OPERATORS and key in context and _OPERATORS[operator](wanted, context[key])
        for operator, keys in statement.condition.items()
        for key, wanted in keys.items()
    )


def decide(
    statements: Iterable[Statement], action: str, resource: str, context: Mapping[str, str]
) -> Decision:
    """What the statements say of one call.

    Args:
        statements: of every policy attached to the caller.
        action: such as ``oss:RestoreObject``.
        resource: its ARN.
        context: condition keys that the call sets, such as ``oss:Prefix``.
    """
    decision: Decision = "none"
    for statement in statements:
        if (
            any(_matches(glob, action, ignore_case=True) for glob in statement.action)
            and any(_matches(glob, resource) for glob in statement.resource)
            and _conditions_hold(statement, context)
        ):
            if statement.effect == "Deny":
                return "deny"
            decision = "allow"
    return decision
