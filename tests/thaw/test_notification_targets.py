"""Notification targets, read from the function's environment variables."""

from __future__ import annotations

import json

import pytest

from thaw.errors import InvalidDeployment
from thaw.notification_targets import ENDINGS, NotificationTarget, targets_of

HOOK = {"name": "ops", "kind": "webhook", "when": [*ENDINGS], "signed": True}
QUEUE = {"name": "audit", "kind": "mns-queue", "when": ["failed"], "url": "https://mns.example/q"}
SECRETS = {"NOTIFY_OPS_URL": "https://hook.example/token", "NOTIFY_OPS_SECRET": "s3cret"}


def variables(*entries: object, **others: str) -> dict[str, str]:
    return {"NOTIFY": json.dumps(entries), **SECRETS, **others}


def test_secrets_are_read_from_separate_variables() -> None:
    assert targets_of(variables(HOOK, QUEUE)) == (
        NotificationTarget("ops", "webhook", ENDINGS, "https://hook.example/token", "s3cret"),
        NotificationTarget("audit", "mns-queue", ("failed",), "https://mns.example/q"),
    )


def test_the_repr_of_a_target_contains_no_secret() -> None:
    (target,) = targets_of(variables(HOOK))
    assert "token" not in repr(target)
    assert "s3cret" not in repr(target)


@pytest.mark.parametrize("missing", ["NOTIFY", "NOTIFY_OPS_URL", "NOTIFY_OPS_SECRET"])
def test_a_missing_variable_is_named(missing: str) -> None:
    given = {name: value for name, value in variables(HOOK).items() if name != missing}
    with pytest.raises(InvalidDeployment, match=missing):
        targets_of(given)


@pytest.mark.parametrize(
    "wrong",
    ["no json", "7", '[{"name":"x"}]', json.dumps([{**HOOK, "kind": "fax"}]), '["x"]',
     json.dumps([{**HOOK, "when": "failed"}])],
)  # fmt: skip
def test_an_invalid_target_is_refused(wrong: str) -> None:
    with pytest.raises(InvalidDeployment, match="NOTIFY"):
        targets_of(variables(NOTIFY=wrong))
