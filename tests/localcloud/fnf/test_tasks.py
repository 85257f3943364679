"""Tasks that call functions: results, errors, retries, catches, time-outs, faults."""

from __future__ import annotations

import asyncio

import pytest

from localcloud.errors import AccessDeniedError, CloudError
from localcloud.faults import FaultRule
from localcloud.fnf.executions import Execution
from localcloud.meters import FNF_TRANSITIONS
from localcloud.settings import Switches
from tests.localcloud.fnf.harness import (
    Cloud,
    Function,
    Json,
    events,
    output,
    run_flow,
    scenario,
)

TASK = """
steps:
  - type: task
    name: t
    resourceArn: acs:fc:::services/s/functions/f
"""
PATIENT = (
    TASK
    + """
    retry:
      - errors: [FC.ResourceExhausted, FlakyError]
        intervalSeconds: 10
        multiplier: 2
        maxAttempts: 3
"""
)


def failing(times: int, error: Exception, result: Json = None) -> Function:
    """Return a function that raises a number of times, then returns."""
    left = [times]

    def function(_: Json) -> Json:
        left[0] -= 1
        if left[0] >= 0:
            raise error
        return result or {}

    return function


class FlakyError(Exception):
    """An error that a function raises."""


def types(execution: Execution) -> list[str]:
    return [event.type for event in events(execution)]


def duration(execution: Execution) -> float:
    assert execution.stopped_at is not None
    return execution.stopped_at - execution.started_at


def test_the_flows_role_calls_and_the_event_is_the_steps_input() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.flow(TASK)
        assert output(await cloud.run({"x": 1}, name="e")) == {"y": 2}
        ((caller, function, event),) = cloud.functions.calls
        assert (function, event) == ("f", {"x": 1})
        assert caller.role == "flows"

    scenario(play, functions={"f": lambda _: {"y": 2}})


@pytest.mark.parametrize("result", [[1], "text", None, 5, b"no JSON"])
def test_a_result_that_is_not_an_object_is_an_invalid_local(result: Json) -> None:
    execution = run_flow(TASK, functions={"f": lambda _: result})
    assert execution.error == "FnF.InvalidLocal"


def test_an_error_is_named_after_the_class_of_the_functions_exception() -> None:
    execution = run_flow(TASK, functions={"f": failing(1, FlakyError("not today"))})
    assert (execution.error, execution.cause) == ("FlakyError", "not today")
    prefixed = run_flow(
        TASK,
        functions={"f": failing(1, FlakyError())},
        switches=Switches(exception_name="fc_prefixed"),
    )
    assert prefixed.error == "FC.FlakyError"


@pytest.mark.parametrize(
    ("exception_name", "caught"),
    [
        ("bare", ["FlakyError"]),
        ("fc_prefixed", ["FC.FlakyError"]),
        ("both", ["FlakyError", "FC.FlakyError"]),
    ],
)
@pytest.mark.parametrize("name", ["FlakyError", "FC.FlakyError"])
def test_a_catch_matches_an_exception_by_each_of_its_names(
    exception_name: Json, caught: list[str], name: str
) -> None:
    execution = run_flow(
        TASK + f"    catch: [{{errors: [{name}], goto: safe}}]\n  - {{type: pass, name: safe}}",
        functions={"f": failing(1, FlakyError())},
        switches=Switches(exception_name=exception_name),
    )
    assert execution.status == ("Succeeded" if name in caught else "Failed")


def test_a_long_cause_is_kept_whole_up_to_4096_characters() -> None:
    for length, kept in ((4_096, 4_096), (5_000, 4_096)):
        execution = run_flow(TASK, functions={"f": failing(1, FlakyError("x" * length))})
        assert len(execution.cause) == kept


@pytest.mark.parametrize(
    ("refusal", "name"),
    [
        (CloudError("ResourceExhausted", "", 429), "FC.ResourceExhausted"),
        (CloudError("TooManyRequests", "", 429), "FC.ResourceExhausted"),
        (CloudError("ResourceThrottled", "", 503), "FC.ResourceThrottled"),
        (CloudError("ServiceUnavailable", "", 503), "FC.InternalServerError"),
        (CloudError("InternalServerError", "", 500), "FC.InternalServerError"),
        (CloudError("FunctionNotFound", "", 404), "FC.FunctionNotFound"),
        (AccessDeniedError(principal="p", action="a", resource="r"), "FC.AccessDenied"),
    ],
)
def test_a_refusal_by_function_compute_has_the_error_name_documented_for_flows(
    refusal: CloudError, name: str
) -> None:
    execution = run_flow(TASK, functions={"f": failing(1, refusal)})
    assert (execution.error, execution.cause) == (name, refusal.message)


@pytest.mark.parametrize("switch", ["FC.Unknown", "FC.InternalServerError"])
def test_a_function_that_ends_without_raising_leaves_an_error_that_is_retried(
    switch: Json,
) -> None:
    async def play(cloud: Cloud) -> Execution:
        cloud.flow(TASK)
        cloud.functions.break_once("f", b'{"errorMessage": "Process exited unexpectedly"}')
        return await cloud.run()

    execution = scenario(
        play,
        functions={"f": lambda _: {}},
        switches=Switches(nameless_function_error=switch),
    )
    assert (execution.error, execution.cause) == (switch, "Process exited unexpectedly")


def test_a_flow_without_a_role_may_call_nothing() -> None:
    async def play(cloud: Cloud) -> Execution:
        cloud.flow(TASK)
        cloud.workflow.flows.update("flow", role_arn="")
        return await cloud.run()

    execution = scenario(play, functions={"f": lambda _: {}})
    assert execution.error == "FC.AccessDenied"
    assert "RoleArn" in execution.cause


def test_a_role_that_does_not_trust_the_service_is_refused_by_name() -> None:
    async def play(cloud: Cloud) -> Execution:
        trust = cloud.ram.role("flows").trust_text.replace("fnf.aliyuncs", "fc.aliyuncs")
        cloud.ram.update_role("flows", trust_text=trust, description=None)
        cloud.flow(TASK)
        return await cloud.run()

    execution = scenario(play, functions={"f": lambda _: {}})
    assert execution.error == "FC.AccessDenied"
    assert "sts:AssumeRole" in execution.cause
    assert "role/flows" in execution.cause


def test_the_roles_session_ends_with_the_execution() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.flow(TASK)
        output(await cloud.run())
        assert not cloud.credentials._by_id

    scenario(play, functions={"f": lambda _: {}})


@pytest.mark.parametrize(
    "arn", ["acs:fc:cn-beijing::services/s/functions/f", "acs:fc::1:services/s/functions/f"]
)
def test_other_regions_and_accounts_cannot_be_called(arn: str) -> None:
    execution = run_flow(
        TASK.replace("acs:fc:::services/s/functions/f", arn), functions={"f": lambda _: {}}
    )
    assert execution.error == "FC.AccessDenied"
    assert "outside this local cloud" in execution.cause


def test_retries_wait_in_cloud_time_longer_each_time() -> None:
    execution = run_flow(PATIENT, functions={"f": failing(3, FlakyError(), {"done": 1})})
    assert output(execution) == {"done": 1}
    assert 70 <= duration(execution) < 75
    assert types(execution) == [
        "ExecutionStarted",
        "StepEntered",
        "StepStarted",
        *["TaskScheduled", "TaskStarted", "TaskFailed"] * 3,
        *["TaskScheduled", "TaskStarted", "TaskSucceeded"],
        "StepSucceeded",
        "StepExited",
        "ExecutionSucceeded",
    ]


def test_when_the_retries_are_used_up_the_last_error_stands() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.flow(PATIENT)
        execution = await cloud.run()
        assert execution.error == "FlakyError"
        assert len(cloud.functions.calls) == 4

    scenario(play, functions={"f": failing(9, FlakyError())})


def test_an_error_that_no_policy_names_is_not_retried() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.flow(PATIENT)
        assert (await cloud.run()).error == "ValueError"
        assert len(cloud.functions.calls) == 1

    scenario(play, functions={"f": failing(9, ValueError())})


@pytest.mark.parametrize(("billed", "transitions"), [("no", 1), ("yes", 4)])
def test_retries_may_be_billed(billed: Json, transitions: int) -> None:
    async def play(cloud: Cloud) -> float:
        cloud.flow(PATIENT)
        output(await cloud.run())
        return cloud.core.meters.read()[FNF_TRANSITIONS]

    assert transitions == scenario(
        play,
        functions={"f": failing(3, FlakyError())},
        switches=Switches(retries_are_transitions=billed),
    )


CAUGHT = (
    PATIENT
    + """
    outputMappings: [{target: fine, source: $local.fine}]
    catch:
      - {errors: [Other], goto: never}
      - {errors: [FnF.ALL], goto: handle}
    errorMappings:
      - {target: failure, source: $local.error}
      - {target: why, source: $local.cause}
  - {type: pass, name: never}
  - {type: pass, name: handle, outputMappings: [{target: handled, source: true}]}
"""
)


def test_a_caught_error_reaches_later_steps_by_its_error_mappings() -> None:
    execution = run_flow(CAUGHT, functions={"f": failing(9, FlakyError("why not"))})
    assert output(execution) == {"failure": "FlakyError", "why": "why not", "handled": True}
    assert "never" not in {event.step for event in events(execution)}


def test_what_succeeds_in_the_end_is_not_caught() -> None:
    execution = run_flow(CAUGHT, functions={"f": failing(3, FlakyError(), {"fine": 1})})
    assert output(execution) == {"fine": 1, "handled": True}


def test_a_fault_in_a_tasks_own_mappings_is_not_caught() -> None:
    execution = run_flow(CAUGHT, functions={"f": lambda _: {"no": "such key"}})
    assert execution.error == "FnF.EvaluationError"


TIMED = (
    TASK
    + """
    timeoutSeconds: 60
    retry: [{errors: [FnF.TaskTimeout], intervalSeconds: 5, maxAttempts: 1}]
"""
)


def sleeper(cloud: Cloud, seconds: float) -> Function:
    async def function(_: Json) -> Json:
        await cloud.core.clock.sleep(seconds)
        return {}

    return function


@pytest.mark.parametrize(("scope", "attempts"), [("per_attempt", 2), ("total", 1)])
def test_a_task_times_out_per_attempt_or_over_all(scope: Json, attempts: int) -> None:
    async def play(cloud: Cloud) -> None:
        cloud.functions.functions["f"] = sleeper(cloud, 100)
        cloud.flow(TIMED)
        execution = await cloud.run()
        assert execution.error == "FnF.TaskTimeout"
        assert types(execution).count("TaskTimedOut") == attempts
        assert len(cloud.functions.calls) == attempts
        assert 60 * attempts <= duration(execution) < 60 * attempts + 20

    scenario(play, switches=Switches(timeout_scope=scope))


def test_retries_count_against_a_total_time_limit() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.functions.functions["f"] = failing(99, FlakyError())
        cloud.flow(
            TASK
            + "    timeoutSeconds: 60\n"
            + "    retry: [{errors: [FnF.ALL], intervalSeconds: 25, multiplier: 1, maxAttempts: 9}]"
        )
        execution = await cloud.run()
        assert execution.error == "FnF.TaskTimeout"
        assert len(cloud.functions.calls) == 3

    scenario(play, switches=Switches(timeout_scope="total"))


@pytest.mark.parametrize(("default", "status"), [("none", "Succeeded"), ("600", "Failed")])
def test_a_task_may_have_a_default_time_limit(default: Json, status: str) -> None:
    async def play(cloud: Cloud) -> str:
        cloud.functions.functions["f"] = sleeper(cloud, 601)
        cloud.flow(TASK)
        return (await cloud.run()).status

    assert scenario(play, switches=Switches(default_task_timeout=default)) == status


def test_a_running_function_holds_the_clock() -> None:
    async def play(cloud: Cloud) -> None:
        async def busy(_: Json) -> Json:
            await asyncio.sleep(0.05)  # wall time: the function works
            return {}

        cloud.functions.functions["f"] = busy
        cloud.flow(
            """
            steps:
              - type: parallel
                name: both
                branches:
                  - steps: [{type: wait, name: w, duration: 3600}]
                  - steps: [{type: task, name: t, resourceArn: 'acs:fc:::services/s/functions/f'}]
            """
        )
        execution = await cloud.run()
        output(execution)
        ended = next(e.time for e in events(execution) if e.type == "TaskSucceeded")
        assert ended - execution.started_at < 3600

    scenario(play)


def test_a_stop_cancels_the_running_function() -> None:
    async def play(cloud: Cloud) -> None:
        started, cancelled = asyncio.Event(), asyncio.Event()

        async def endless(_: Json) -> Json:
            started.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.set()
                raise

        cloud.functions.functions["f"] = endless
        cloud.flow(TASK)
        cloud.workflow.start_execution("flow", name="e")
        await started.wait()
        execution = await cloud.workflow.stop_execution("flow", "e", error="Enough", cause="bored")
        assert cancelled.is_set()
        assert execution.status == "Stopped"
        assert (execution.error, execution.cause) == ("Enough", "bored")
        assert types(execution)[-1] == "ExecutionStopped"

    scenario(play)


def test_the_task_of_an_asynchronous_call_continues_at_once_whatever_the_outcome() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.functions.functions["f"] = failing(9, FlakyError())
        cloud.flow(TASK + "    serviceParams: {InvocationType: Async}")
        assert output(await cloud.run({"x": 1})) == {}
        assert cloud.functions.events("f") == [{"x": 1}]

    scenario(play)


def test_an_asynchronous_call_that_is_refused_fails_the_task() -> None:
    execution = run_flow(TASK + "    serviceParams: {InvocationType: Async}")
    assert execution.error == "FC.FunctionNotFound"


@pytest.mark.parametrize("params", ["{InvocationType: Later}", "{MessageBody: $}"])
def test_wrong_parameters_of_a_call_are_refused(params: str) -> None:
    execution = run_flow(TASK + f"    serviceParams: {params}", functions={"f": lambda _: {}})
    assert execution.error == "FC.InvalidArgument"


@pytest.mark.parametrize(
    ("kind", "calls", "error"),
    [("error", 0, "FC.Unknown"), ("late_error", 1, "FC.Unknown"), ("duplicate", 2, "")],
)
def test_faults_hit_the_calls_of_tasks(kind: Json, calls: int, error: str) -> None:
    async def play(cloud: Cloud) -> None:
        cloud.core.faults.add(
            FaultRule(
                service="fnf", operation="Task", target="flow/t", kind=kind, code="FC.Unknown"
            )
        )
        cloud.core.faults.add(FaultRule(service="fnf", operation="Task", target="flow/other"))
        cloud.flow(TASK)
        execution = await cloud.run()
        assert execution.error == error
        assert len(cloud.functions.calls) == calls

    scenario(play, functions={"f": lambda _: {}})


def test_calling_an_unsupported_service_is_an_error() -> None:
    execution = run_flow(
        TASK.replace("resourceArn: acs:fc:::services/s/functions/f", "action: ocr:Recognize")
    )
    assert execution.error == "ocr.NotSupported"
