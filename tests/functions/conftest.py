"""A deployed function's environment."""

from __future__ import annotations

from functools import partial

import pytest

from functions import invocation
from tests.functions.flow import Flow
from tests.functions.scene import REPORTS, Context, Scene
from thaw.retry import RetryPolicy


@pytest.fixture
def context(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Context:
    """Return the context of a root account's invocation, in a deployed function's environment."""
    return deployed_context(scene, monkeypatch)


def deployed_context(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Context:
    """Set a deployed function's environment, and return the context of a root account's invocation.

    Retries of calls to OSS do not wait.
    """
    monkeypatch.setattr(invocation, "RetryPolicy", partial(RetryPolicy, sleep=lambda _: None))
    monkeypatch.setenv("REPORT_BUCKET", REPORTS)
    monkeypatch.setenv("REPORT_PREFIX", "reports/")
    monkeypatch.setenv("REPORT_ENDPOINT", scene.oss.url)
    monkeypatch.setenv("FOREACH_LIMIT", "100")
    monkeypatch.setenv("ENVIRONMENT", "dev")
    monkeypatch.setenv("NOTIFY", "[]")
    monkeypatch.setenv("OBJECTS_PER_SECOND", "100000")
    monkeypatch.setenv("STEPS_PER_SECOND", "10000")
    monkeypatch.setenv("FC_REGION", scene.oss.region)
    return Context(scene.oss.root)


@pytest.fixture
def flow(scene: Scene, context: Context) -> Flow:
    """Return a flow whose runs call the functions as Function Compute does."""
    return Flow(scene, context)
