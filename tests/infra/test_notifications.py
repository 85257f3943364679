"""Notifications of a run's end: the flow's part, and their deployment."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from fdl.lint import lint
from infra.blueprint.flows import render_flows
from infra.model.flow_limits import MAX_EVENTS
from infra.model.names import FLOWS, FUNCTIONS, NOTIFIER
from infra.policies.runtime import functions_policy
from infra.synthesis.app import build_app
from localcloud.faults import FaultRule
from localcloud.fnf.executions import Execution
from tests.infra.application import Application
from tests.infra.environments import ACCOUNT, small_environment
from tests.localcloud.fnf.harness import Cloud, output, scenario
from thaw.errors import AccessDenied, InvalidInput
from thaw.notification_targets import targets_of

Json = dict[str, Any]

KEYS = [f"key-{number:03}" for number in range(20)]
NOTIFY: list[Json] = [
    {"name": "ops", "webhook": {"signed": True}},
    {"name": "storage_team", "dingtalk": {}, "when": ["failures", "failed"]},
    {"name": "audit", "mns": {"queue": "restore-ends"}},
    {"name": "fans", "mns": {"topic": "restores", "endpoint": "http://127.0.0.1:9"}},
]
NOTIFYING = small_environment(notify=NOTIFY)


def run(application: Application, *, fault: FaultRule | None = None, **fields: object) -> Execution:
    async def play(cloud: Cloud) -> Execution:
        if fault is not None:
            cloud.core.faults.add(fault)
        return await application.start(cloud, **fields)

    return scenario(play)


def test_only_the_root_execution_notifies_of_the_end() -> None:
    application = Application(KEYS, relay_at_event=40)
    execution = run(application, maxKeys=5, waitFor="run")
    assert Counter(application.legs) == {"root": 1, "relay": application.legs.count("relay")}
    assert application.legs.count("relay") > 0
    (notice,) = application.notices
    assert notice["run"]["runId"] == "run-1"
    assert notice["executionName"] == "run-1"
    assert "error" not in notice
    assert output(execution)["outcomes"] == {"requested": len(KEYS)}


def test_the_flows_do_not_depend_on_notifications() -> None:
    assert render_flows(small_environment()) == render_flows(NOTIFYING)


def test_a_failed_notification_does_not_fail_the_run() -> None:
    application = Application(KEYS, notify_error=RuntimeError("no network"))
    execution = run(application)
    assert execution.status == "Succeeded"
    assert output(execution)["outcomes"] == {"requested": len(KEYS)}


TASKS = ["init", "listArchiveFiles", "invokeRestoreFlow", "rollUp", "relay", "sharePagesOut",
         "awaitReadable", "lastLook", "summarize"]  # fmt: skip


@pytest.mark.parametrize("task", TASKS)
def test_whichever_task_fails_the_run_notifies_once(task: str) -> None:
    code = "FC.FunctionNotFound"
    fault = FaultRule(service="fnf", operation="Task", target=f"*/{task}", code=code, times=1)
    application = Application(KEYS, relay_at_event=40)
    execution = run(application, fault=fault, waitFor="run", maxKeys=5)
    notices = [event for event in application.notices if "relay" not in event["input"]]
    assert [event["error"] for event in notices] == [code]
    assert (execution.status, execution.error) == ("Failed", code)


def test_the_notification_of_refused_input_contains_the_input() -> None:
    refusal = InvalidInput("bucketName is required")
    application = Application(KEYS, refusal=refusal)
    execution = run(application, prefix=7)
    (notice,) = application.notices
    assert (notice["input"], notice["cause"]) == ({"prefix": 7}, "bucketName is required")
    assert execution.error == "InvalidInput"


def test_a_lister_that_fails_is_reported_once_and_the_others_finish() -> None:
    denied = AccessDenied("no")
    application = Application(KEYS, fatal_errors={"key-003": denied})
    shards = [{"number": 0, "until": "key-009"}, {"number": 1, "marker": "key-009"}]
    execution = run(application, shards=shards, waitFor="run")
    errors = [event["error"] for event in application.notices if "shard" not in event["input"]]
    assert errors == ["AccessDenied"]
    assert (execution.error, execution.cause) == ("AccessDenied", "no")
    assert set(KEYS[10:]) <= application.requests.keys()


def test_a_duplicated_call_names_the_calling_step() -> None:
    fault = FaultRule(service="fnf", operation="Task", target="*/tellEnd", kind="duplicate")
    application = Application(KEYS)
    run(application, fault=fault)
    first, second = application.notices
    assert first == second
    assert isinstance(first["step"], int)


def test_the_latest_relay_leaves_room_for_the_notification() -> None:
    latest = MAX_EVENTS - 100 - 9 * 3 * 10
    small_environment(notify=NOTIFY, limits={"relay_at_event": latest})
    with pytest.raises(ValueError, match=f"at most {latest}"):
        small_environment(notify=NOTIFY, limits={"relay_at_event": latest + 1})


def test_the_linter_finds_nothing_in_a_flow_that_notifies() -> None:
    assert [lint(flow.text) for flow in render_flows(NOTIFYING)] == [[] for _ in FLOWS]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Json:
    outdir = tmp_path_factory.mktemp("cdktf") / "cdktf.out"
    build_app([NOTIFYING], outdir).synth()
    return dict(json.loads((outdir / "stacks" / "dev" / "cdk.tf.json").read_text()))


def test_secrets_are_sensitive_variables_without_a_default(stack: Json) -> None:
    assert set(stack["variable"]) == {
        "notify_ops_url",
        "notify_ops_secret",
        "notify_storage_team_url",
        "notify_storage_team_secret",
    }
    for variable in stack["variable"].values():
        assert variable["sensitive"] is True
        assert variable["nullable"] is False
        assert "default" not in variable


def test_the_function_gets_the_settings_that_it_reads(stack: Json) -> None:
    given = stack["resource"]["alicloud_fc_function"][NOTIFIER]["environment_variables"]
    assert given["ENVIRONMENT"] == "dev"
    assert given["NOTIFY_OPS_SECRET"] == "${var.notify_ops_secret}"
    read = targets_of(given)
    assert [(target.name, target.kind, target.endings) for target in read] == [
        ("ops", "webhook", ("succeeded", "failures", "failed", "stopped")),
        ("storage_team", "dingtalk", ("failures", "failed")),
        ("audit", "mns-queue", ("succeeded", "failures", "failed", "stopped")),
        ("fans", "mns-topic", ("succeeded", "failures", "failed", "stopped")),
    ]
    assert [target.url for target in read] == [
        "${var.notify_ops_url}",
        "${var.notify_storage_team_url}",
        f"https://{ACCOUNT}.mns.cn-hangzhou.aliyuncs.com/queues/restore-ends/messages",
        "http://127.0.0.1:9/topics/restores/messages",
    ]


def test_no_other_function_gets_a_secret(stack: Json) -> None:
    functions = stack["resource"]["alicloud_fc_function"]
    others = {name: body for name, body in functions.items() if name != NOTIFIER}
    assert {*others, NOTIFIER} == set(FUNCTIONS)
    assert "var." not in json.dumps(others)


def test_the_functions_may_send_to_exactly_the_named_topics_and_queues() -> None:
    policy = json.loads(functions_policy(NOTIFYING))
    messages = {
        action: tuple(statement["Resource"])
        for statement in policy["Statement"]
        for action in statement["Action"]
        if action.startswith("mns:")
    }
    assert messages == {
        "mns:SendMessage": (f"acs:mns:cn-hangzhou:{ACCOUNT}:/queues/restore-ends/messages",),
        "mns:PublishMessage": (f"acs:mns:cn-hangzhou:{ACCOUNT}:/topics/restores/messages",),
    }
    assert "mns:" not in functions_policy(small_environment())


@pytest.mark.parametrize(
    ("notify", "message"),
    [
        ([{"name": "a"}], "exactly one of webhook, dingtalk and mns is required"),
        ([{"name": "a", "webhook": {}, "dingtalk": {}}], "exactly one of webhook, dingtalk"),
        ([{"name": "a", "mns": {}}], "exactly one of topic and queue is required"),
        ([{"name": "a", "mns": {"topic": "t", "queue": "q"}}], "exactly one of topic and queue"),
        ([{"name": "A-b", "webhook": {}}], "is not a valid name of a target"),
        ([{"name": "a", "mns": {"topic": "a/b"}}], "is not a valid name of a topic or queue"),
        ([{"name": "a", "webhook": {}, "when": []}], "name at least one of succeeded"),
        ([{"name": "a", "webhook": {}, "when": ["never"]}], "'succeeded'"),
        ([{"name": "a", "webhook": {"url": "https://x"}}], "webhook.url"),
        ([{"name": "a", "webhook": {}}] * 2, "the name 'a' appears twice"),
        ([{"name": f"a{n}", "webhook": {}} for n in range(6)], "6 targets, over the limit of 5"),
    ],
)
def test_an_invalid_target_is_refused(notify: list[Json], message: str) -> None:
    with pytest.raises(ValueError, match=message.replace(".", r"\.")):
        small_environment(notify=notify)
