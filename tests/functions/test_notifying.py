"""Each target is notified once of the end of a run, whatever fails or is repeated."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from functions import index
from functions.notifying import same_error
from localcloud.faults import FaultRule
from tests.functions.flow import POLL_SECONDS, Flow
from tests.functions.scene import BUCKET, Context, Scene, invoke
from tests.receiver import Receiver, receiver
from thaw.errors import FATAL_ERRORS, RETRYABLE_ERRORS, InvalidDeployment, RunError, StorageRefused
from thaw.notification_targets import ENDINGS
from thaw.standings import Standings
from thaw.verdict import Verdict

Json = dict[str, Any]

READABLE = Standings.from_json({"byClass": {"Archive": {"readable": 3}}})
SUMMARY = {"failed": 0, "listed": 3, "verdict": Verdict(READABLE, listed=3).to_json()}
DIED = {"error": "AccessDenied", "cause": "OSS refused oss:ListObjects"}


@pytest.fixture
def inbox(context: Context, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """Return a receiver that is configured as the function's target."""
    with receiver() as running:
        monkeypatch.setenv("ENVIRONMENT", "prod")
        monkeypatch.setenv("NOTIFY_OPS_URL", f"{running.url}/ops?token=T0KEN")
        targets(monkeypatch)
        yield running


def targets(monkeypatch: pytest.MonkeyPatch, *when: str) -> None:
    """Set the endings of which ``ops`` is notified; all of them if none is named."""
    entry = {"name": "ops", "kind": "webhook", "when": [*(when or ENDINGS)], "signed": False}
    monkeypatch.setenv("NOTIFY", json.dumps([entry]))


@pytest.fixture
def run(scene: Scene, context: Context) -> Json:
    """Return a run that prepareRun has accepted."""
    given = {"endpoint": scene.oss.url, "bucketName": BUCKET, "prefix": "2019/"}
    return dict(
        invoke(index.prepareRun, {"input": given, "executionName": "run-1"}, context)["run"]
    )


def end(context: Context, run: Json, step: int = 40) -> str:
    event = {"run": run, "executionName": "run-1", "step": step}
    return str(invoke(index.notifyRun, event, context)["notified"])


def mark(scene: Scene) -> Json:
    return dict(json.loads(scene.report("notices/ops.json")))


def test_a_run_that_ended_is_reported_with_its_summary(
    scene: Scene, context: Context, inbox: Receiver
) -> None:
    scene.seed(["2019/a", "2019/b"])
    Flow(scene, context).run(prefix="2019/", waitFor="none")
    run = json.loads(scene.report("input.json"))
    assert end(context, run) == "ops: notified before"  # by the run itself
    (notice,) = [got.json for got in inbox.received]
    assert notice["summary"] == json.loads(scene.report("summary.json"))
    assert notice["verdict"] == notice["summary"]["verdict"]
    assert (notice["ending"], notice["runId"], notice["environment"]) == (
        "succeeded",
        "run-1",
        "prod",
    )
    asked = {"prefix": "2019/", "waitFor": "none", "pollInterval": str(POLL_SECONDS)}
    assert (notice["bucket"], notice["asked"]) == (BUCKET, asked)
    assert notice["report"] == "oss://thaw-reports/reports/runs/run-1/"
    assert notice["seconds"] >= 0


def test_the_duration_is_measured_by_the_clock_of_oss(
    scene: Scene, context: Context, inbox: Receiver, run: Json
) -> None:
    scene.ledger().write_json("summary.json", SUMMARY)
    scene.oss.advance(7_200)
    end(context, run)
    assert inbox.received[0].json["seconds"] == pytest.approx(7_200, abs=2)


def test_an_end_is_not_notified_twice(
    scene: Scene, context: Context, inbox: Receiver, run: Json
) -> None:
    scene.ledger().write_json("summary.json", SUMMARY)
    assert [end(context, run), end(context, run), end(context, run, step=99)] == [
        "ops: notified",
        "ops: notified before",
        "ops: notified before",
    ]
    assert len(inbox.received) == 1
    assert mark(scene) == {
        "step": "run-1:40",
        "id": "prod/run-1/end",
        "ending": "succeeded",
        "told": True,
    }


def test_a_failed_notification_is_repeated_by_the_same_step(
    scene: Scene, context: Context, inbox: Receiver, run: Json
) -> None:
    scene.ledger().write_json("summary.json", SUMMARY)
    inbox.answers = [(404, "")]
    assert end(context, run) == "ops: NOT NOTIFIED"
    assert "told" not in mark(scene)
    assert end(context, run, step=99) == "ops: notified before"  # left to the other step
    assert end(context, run) == "ops: notified"
    ids = {got.headers["Idempotency-Key"] for got in inbox.received}
    assert ids == {"prod/run-1/end"}


def test_a_target_that_fails_is_logged_and_does_not_affect_others(
    scene: Scene,
    context: Context,
    inbox: Receiver,
    run: Json,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    scene.ledger().write_json("summary.json", SUMMARY)
    entries = json.loads(json.dumps([{"name": "bad", "kind": "webhook", "when": [*ENDINGS]}]))
    entries += [{**entries[0], "name": "ops"}]
    monkeypatch.setenv("NOTIFY", json.dumps(entries))
    monkeypatch.setenv("NOTIFY_BAD_URL", f"{inbox.url}/bad?token=T0KEN")
    inbox.answers = [(403, "")]
    assert end(context, run) == "bad: NOT NOTIFIED, ops: notified"
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (error,) = [line for line in lines if line["level"] == "ERROR"]
    assert (error["message"], error["target"], error["run"]) == (
        "the notice was not accepted",
        "bad",
        "run-1",
    )
    assert "T0KEN" not in json.dumps(lines)


def test_a_target_is_notified_only_of_selected_endings(
    scene: Scene, context: Context, inbox: Receiver, run: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    targets(monkeypatch, "failures", "failed")
    scene.ledger().write_json("summary.json", SUMMARY)
    assert end(context, run) == "ops: not selected"
    scene.ledger().write_json("summary.json", {"verdict": Verdict(READABLE, listed=4).to_json()})
    assert end(context, run) == "ops: notified"
    assert inbox.received[0].json["ending"] == "failures"


def test_targets_are_notified_even_if_the_ledger_cannot_be_written(
    scene: Scene, context: Context, inbox: Receiver, run: Json
) -> None:
    scene.ledger().write_json("summary.json", SUMMARY)
    scene.fault(kind="error", status=403, code="AccessDenied", operation="PutObject")
    assert end(context, run) == "ops: notified"
    assert len(inbox.received) == 1


def test_no_success_is_notified_without_the_summary(
    context: Context, inbox: Receiver, run: Json
) -> None:
    with pytest.raises(StorageRefused, match=r"summary\.json"):
        end(context, run)
    assert inbox.received == []


def died(context: Context, given: object, *, step: int = 7, **fields: object) -> Json:
    event = {"input": given, "executionName": "run-1", "step": step, **DIED, **fields}
    return invoke(index.notifyRun, event, context)


def test_a_failed_run_is_reported_with_its_error_and_options(
    context: Context, inbox: Receiver, run: Json
) -> None:
    died(context, {"bucketName": BUCKET})
    notice = inbox.received[0].json
    assert (notice["ending"], notice["error"], notice["cause"]) == ("failed", *DIED.values())
    assert (notice["bucket"], notice["asked"]) == (BUCKET, {"prefix": "2019/"})
    assert notice["summary"] == {}


@pytest.mark.parametrize("given", [{"bucketName": 7, "prefix": "a/"}, {}, [], None, "text"])
def test_a_run_that_failed_because_of_its_input_is_reported_too(
    context: Context, inbox: Receiver, given: object
) -> None:
    died(context, given, error="InvalidInput")
    assert inbox.received[0].json["error"] == "InvalidInput"
    assert inbox.received[0].json["seconds"] is None


def test_a_stopped_run_is_reported_as_stopped(context: Context, inbox: Receiver, run: Json) -> None:
    died(context, {}, error="RunStopped", cause="stopped by ann")
    assert inbox.received[0].json["ending"] == "stopped"


def test_the_flow_fails_with_the_same_error(context: Context, inbox: Receiver) -> None:
    with pytest.raises(RunError) as raised:
        died(context, {}, passOn="true")
    assert type(raised.value).__name__ == "AccessDenied"
    assert str(raised.value) == DIED["cause"]
    assert len(inbox.received) == 1


@pytest.mark.parametrize("given", [{"relay": {"run": {}}}, {"run": {}, "shard": {}}])
def test_legs_leave_the_notification_to_the_root(
    context: Context, inbox: Receiver, given: Json
) -> None:
    with pytest.raises(RunError):
        died(context, given, passOn="true")
    assert inbox.received == []


def test_several_failing_steps_notify_once(context: Context, inbox: Receiver, run: Json) -> None:
    for step in range(5):
        died(context, {}, step=step)
    assert len(inbox.received) == 1


@pytest.mark.parametrize("name", [*FATAL_ERRORS, *RETRYABLE_ERRORS])
def test_our_own_errors_keep_their_name_with_and_without_a_prefix(name: str) -> None:
    assert {type(same_error(seen, "")).__name__ for seen in (name, f"FC.{name}")} == {name}


@pytest.mark.parametrize("name", ["FC.Unknown", "FnF.TaskTimeout", "Whatever"])
def test_errors_of_the_service_keep_their_full_name(name: str) -> None:
    assert type(same_error(name, "")).__name__ == name


def test_missing_targets_of_a_deployment_are_reported(
    context: Context, run: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTIFY")
    with pytest.raises(InvalidDeployment, match="NOTIFY"):
        died(context, {})


def test_a_failed_run_is_reported_even_if_the_ledger_cannot_be_read(
    scene: Scene, context: Context, inbox: Receiver
) -> None:
    rule = FaultRule(service="oss", kind="error", status=403, code="AccessDenied")
    scene.oss.do(lambda: scene.oss.core.faults.add(rule))
    died(context, {"bucketName": BUCKET})
    assert inbox.received[0].json["bucket"] == BUCKET
