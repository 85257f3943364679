"""Policy documents for the tests."""

from __future__ import annotations

import json
from collections.abc import Mapping

Conditions = Mapping[str, Mapping[str, str]]


def policy(*statements: Mapping[str, object]) -> str:
    """Build a policy document."""
    return json.dumps({"Version": "1", "Statement": statements})


def allow(
    action: str, resource: str = "*", condition: Conditions | None = None
) -> dict[str, object]:
    """Build a statement that allows."""
    return _statement("Allow", action, resource, condition)


def deny(
    action: str, resource: str = "*", condition: Conditions | None = None
) -> dict[str, object]:
    """Build a statement that denies."""
    return _statement("Deny", action, resource, condition)


def trust(
    *names: str, kind: str = "RAM", effect: str = "Allow", condition: Conditions | None = None
) -> str:
    """Build a trust policy."""
    statement: dict[str, object] = {
        "Effect": effect,
        "Action": "sts:AssumeRole",
        "Principal": {kind: list(names)},
    }
    if condition:
        statement["Condition"] = condition
    return policy(statement)


def _statement(
    effect: str, action: str, resource: str, condition: Conditions | None
) -> dict[str, object]:
    statement: dict[str, object] = {"Effect": effect, "Action": action, "Resource": [resource]}
    if condition:
        statement["Condition"] = condition
    return statement
