"""Tasks that wait for a report (``pattern: waitForCallback``)."""

from __future__ import annotations

import base64

import pytest

from localcloud.errors import CloudError
from localcloud.fnf.executions import Execution
from localcloud.settings import Switches
from tests.localcloud.fnf.harness import Cloud, Json, events, output, scenario, until

WAITING = """
steps:
  - type: task
    name: t
    resourceArn: acs:fc:::services/s/functions/f
    pattern: waitForCallback
    inputMappings: [{target: token, source: $context.task.token}]
"""


async def token_of(cloud: Cloud, call: int = 1) -> str:
    await until(lambda: len(cloud.functions.calls) >= call)
    return str(cloud.functions.events("f")[call - 1]["token"])


def test_a_report_ends_the_wait_with_its_output() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.flow(WAITING)
        execution = cloud.workflow.start_execution("flow", name="e")
        token = await token_of(cloud)
        assert base64.b64decode(token).startswith(b"v1#flow#e#2#")
        assert cloud.workflow.report_task_succeeded(token, '{"x": 1}') == 2
        await execution.poll(5)
        assert output(execution) == {"x": 1}
        types = [event.type for event in events(execution)]
        assert types[3:7] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]

    scenario(play, functions={"f": lambda _: {}})


def test_a_function_may_report_before_it_returns() -> None:
    async def play(cloud: Cloud) -> Json:
        cloud.functions.functions["f"] = lambda event: {
            "ignored": cloud.workflow.report_task_succeeded(event["token"], '{"early": true}')
        }
        cloud.flow(WAITING)
        return output(await cloud.run())

    assert scenario(play) == {"early": True}


def test_a_reported_failure_fails_the_task_and_can_be_retried_with_the_same_token() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.flow(WAITING + "    retry: [{errors: [Again], maxAttempts: 1}]")
        execution = cloud.workflow.start_execution("flow")
        first = await token_of(cloud)
        cloud.workflow.report_task_failed(first, "Again", "why")
        second = await token_of(cloud, 2)
        assert second == first
        cloud.workflow.report_task_failed(second, "Again", "still")
        await execution.poll(5)
        assert (execution.error, execution.cause) == ("Again", "still")

    scenario(play, functions={"f": lambda _: {}})


@pytest.mark.parametrize("second_report", ["error", "ignore"])
def test_the_first_report_decides(second_report: Json) -> None:
    async def play(cloud: Cloud) -> None:
        cloud.flow(WAITING)
        execution = cloud.workflow.start_execution("flow")
        token = await token_of(cloud)
        cloud.workflow.report_task_succeeded(token, '{"n": 1}')
        for _ in range(2):  # before and after the execution has ended
            if second_report == "error":
                with pytest.raises(CloudError, match="TaskAlreadyCompleted"):
                    cloud.workflow.report_task_succeeded(token, '{"n": 2}')
            else:
                assert cloud.workflow.report_task_succeeded(token, '{"n": 2}') == 2
            await execution.poll(5)
        assert output(execution) == {"n": 1}

    scenario(play, functions={"f": lambda _: {}}, switches=Switches(second_report=second_report))


@pytest.mark.parametrize("token", ["", "nonsense", "djEjZiNlIzIjeA==", "I+ino+mHig==", "解"])
def test_a_token_that_was_never_issued_is_refused(token: str) -> None:
    async def play(cloud: Cloud) -> None:
        with pytest.raises(CloudError, match="InvalidTaskToken"):
            cloud.workflow.report_task_succeeded(token, "{}")

    scenario(play)


@pytest.mark.parametrize("text", ["", "[1]", "no JSON"])
def test_a_report_must_be_a_json_object(text: str) -> None:
    async def play(cloud: Cloud) -> None:
        with pytest.raises(CloudError, match="InvalidArgument"):
            cloud.workflow.report_task_succeeded("any", text)

    scenario(play)


def test_a_task_that_is_never_called_back_times_out() -> None:
    async def play(cloud: Cloud) -> Execution:
        cloud.flow(WAITING + "    timeoutSeconds: 3600")
        return await cloud.run()

    execution = scenario(play, functions={"f": lambda _: {}})
    assert execution.error == "FnF.TaskTimeout"


def test_a_task_whose_function_cannot_be_called_does_not_wait() -> None:
    async def play(cloud: Cloud) -> Execution:
        cloud.flow(WAITING)
        return await cloud.run()

    execution = scenario(play)
    assert execution.error == "FC.FunctionNotFound"
    assert "TaskSubmitFailed" in {event.type for event in events(execution)}
