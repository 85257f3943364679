"""Tasks that start executions of other flows."""

from __future__ import annotations

import orjson
import pytest

from localcloud.fnf.executions import Execution, ExecutionFilter
from localcloud.settings import Limits, Switches
from tests.localcloud.fnf.harness import Cloud, Json, events, output, scenario, until

SYNC = """
steps:
  - type: task
    name: child
    resourceArn: acs:fnf:::flow/child
    pattern: sync
"""
CHILD = """
steps:
  - type: pass
    name: p
    outputMappings: [{target: seen, source: $input}]
"""
SLOW = "steps: [{type: wait, name: w, duration: 1000}]"


def children(cloud: Cloud, flow: str = "child") -> list[Execution]:
    return cloud.workflow.list_executions(flow, which=ExecutionFilter()).items


def test_a_sync_task_waits_for_the_child_and_has_its_output() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.flow(CHILD, "child")
        cloud.flow(SYNC)
        execution = await cloud.run({"b": 1, "a": 2})
        assert output(execution) == {"seen": {"b": 1, "a": 2}}
        (child,) = children(cloud)
        assert child.input == '{"a":2,"b":1}'  # compact, keys in order
        assert "TaskSubmitted" in {event.type for event in events(execution)}

    scenario(play)


def test_service_params_choose_the_childs_input_and_name() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.flow(CHILD, "child")
        cloud.flow(SYNC + "    serviceParams: {Input: $.pick, ExecutionName: $.name}")
        execution = await cloud.run({"pick": {"x": 1}, "name": "one", "other": 2})
        assert output(execution) == {"seen": {"x": 1}}
        assert [child.name for child in children(cloud)] == ["one"]

    scenario(play)


def test_by_default_the_task_continues_once_the_child_has_started() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.flow(SLOW, "child")
        cloud.flow(SYNC.replace("    pattern: sync\n", ""))
        cloud.core.clock.hold()
        execution = cloud.workflow.start_execution("flow")
        await execution.poll(5)
        (child,) = children(cloud)
        assert not child.ended
        assert output(execution) == {"FlowName": "child", "Name": child.name}
        cloud.core.clock.release()
        await child.poll(5)
        assert child.status == "Succeeded"

    scenario(play)


def test_the_api_action_starts_a_flow_by_parameters() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.flow(CHILD, "child")
        cloud.flow(
            """
            steps:
              - type: task
                name: next
                action: fnf:StartExecution
                serviceParams: {FlowName: child, ExecutionName: $.name, Input: $}
            """
        )
        output(await cloud.run({"name": "leg-2"}))
        (child,) = children(cloud)
        await child.poll(5)
        assert output(child) == {"seen": {"name": "leg-2"}}

    scenario(play)


@pytest.mark.parametrize(
    "params", ["{FlowName: child, Nonsense: 1}", "{FlowName: child, Input: [1]}", "{Input: $}"]
)
def test_wrong_parameters_are_refused(params: str) -> None:
    async def play(cloud: Cloud) -> str:
        cloud.flow(CHILD, "child")
        cloud.flow(
            "steps: [{type: task, name: t, action: 'fnf:StartExecution',"
            f" serviceParams: {params}}}]"
        )
        return (await cloud.run()).error

    assert scenario(play) == "fnf.InvalidArgument"


def test_reusing_an_ended_executions_name_is_an_error_that_can_be_caught() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.flow(CHILD, "child")
        cloud.flow(
            SYNC
            + """    serviceParams: {Input: {}, ExecutionName: fixed}
    catch: [{errors: [fnf.ExecutionAlreadyExists], goto: fine}]
  - {type: pass, name: fine, outputMappings: [{target: fine, source: true}]}
"""
        )
        assert output(await cloud.run()) == {"seen": {}, "fine": True}
        execution = await cloud.run()
        assert output(execution) == {"fine": True}
        assert "TaskSubmitFailed" in {event.type for event in events(execution)}

    scenario(play)


def test_two_parents_share_the_child_that_runs_under_the_same_name() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.flow(SLOW, "child")
        cloud.flow(SYNC + "    serviceParams: {Input: {}, ExecutionName: fixed}")
        with cloud.core.clock.running():
            pair = [cloud.workflow.start_execution("flow") for _ in range(2)]
        for execution in pair:
            await execution.poll(5)
            output(execution)
        assert len(children(cloud)) == 1

    scenario(play)


def test_a_failed_childs_error_and_cause_are_the_tasks() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.flow("steps: [{type: fail, name: f, error: Audit, cause: why}]", "child")
        cloud.flow(SYNC + "    retry: [{errors: [Audit], maxAttempts: 2}]")
        execution = await cloud.run()
        assert (execution.error, execution.cause) == ("Audit", "why")
        assert len(children(cloud)) == 3

    scenario(play)


@pytest.mark.parametrize("name", ["FnF.RuntimeError", "FnF.TaskTimeout"])
@pytest.mark.parametrize(
    "child",
    [
        "steps: [{type: fail, name: f}]",
        "version: v1\ntype: flow\ntimeoutSeconds: 1\n" + SLOW,
    ],
)
def test_a_child_that_failed_without_an_error_name_gets_one(name: Json, child: str) -> None:
    async def play(cloud: Cloud) -> str:
        cloud.flow(child, "child")
        cloud.flow(SYNC)
        return (await cloud.run()).error

    assert scenario(play, switches=Switches(nameless_child_error=name)) == name


def test_a_stopped_child_fails_the_task_with_the_stops_error() -> None:
    async def play(cloud: Cloud) -> str:
        cloud.flow(SLOW, "child")
        cloud.flow(SYNC)
        with cloud.core.clock.running():
            parent = cloud.workflow.start_execution("flow")
            await until(lambda: children(cloud))
            child = children(cloud)[0]
            await cloud.workflow.stop_execution("child", child.name, error="AnyCustomError")
        await parent.poll(5)
        return parent.error

    assert scenario(play) == "AnyCustomError"


def test_a_stop_of_the_parent_stops_its_sync_children_and_theirs() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.flow(SLOW, "grandchild")
        cloud.flow(SYNC.replace("flow/child", "flow/grandchild"), "child")
        cloud.flow(SYNC)
        with cloud.core.clock.running():
            cloud.workflow.start_execution("flow", name="e")
            await until(lambda: children(cloud, "grandchild"))
        parent = await cloud.workflow.stop_execution("flow", "e")
        assert parent.status == "Stopped"
        for flow in ("child", "grandchild"):
            assert [child.status for child in children(cloud, flow)] == ["Stopped"]
        # the wait of 1,000 seconds was not jumped over
        assert parent.stopped_at is not None
        assert parent.stopped_at - parent.started_at < 1000

    scenario(play)


def test_a_role_that_may_not_start_the_child_is_refused_with_action_and_resource() -> None:
    async def play(cloud: Cloud) -> Execution:
        cloud.ram.detach("children", "flows")
        cloud.flow(CHILD, "child")
        cloud.flow(SYNC)
        return await cloud.run()

    execution = scenario(play)
    assert execution.error == "fnf.AccessDenied"
    assert "fnf:StartExecution" in execution.cause
    assert "acs:fnf:cn-hangzhou:1234567890123456:flow/child" in execution.cause


def test_a_missing_child_is_named() -> None:
    async def play(cloud: Cloud) -> Execution:
        cloud.flow(SYNC)
        return await cloud.run()

    execution = scenario(play)
    assert execution.error == "fnf.FlowNotExists"
    assert "child" in execution.cause


def test_children_may_have_a_depth_limit() -> None:
    async def play(cloud: Cloud) -> tuple[str, int]:
        cloud.flow(SYNC.replace("flow/child", "flow/flow"))
        execution = await cloud.run()
        return execution.error, len(children(cloud, "flow"))

    assert scenario(play, limits=Limits(child_depth=3)) == ("fnf.ChildDepthExceeded", 4)


def test_a_child_calls_back_the_task_whose_token_it_was_started_with() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.flow(
            """
            steps:
              - type: task
                name: t
                action: fnf:StartExecution
                pattern: waitForCallback
                inputMappings: [{target: token, source: $context.task.token}]
                serviceParams: {FlowName: child, Input: {}, CallbackFnFTaskToken: $.token}
            """
        )
        cloud.flow(CHILD, "child")
        assert output(await cloud.run()) == {"seen": {}}
        cloud.workflow.flows.update(
            "child",
            definition="version: v1\ntype: flow\nsteps: [{type: fail, name: f, error: Oh}]",
        )
        assert (await cloud.run()).error == "Oh"

    scenario(play)


def test_a_stopped_execution_keeps_the_input_as_it_was_sent() -> None:
    async def play(cloud: Cloud) -> str:
        cloud.flow(CHILD, "child")
        execution = cloud.workflow.start_execution("child", input='{ "b": 1,  "a": 2 }')
        await execution.poll(5)
        assert orjson.loads(execution.output) == {"seen": {"a": 2, "b": 1}}
        return execution.input

    assert scenario(play) == '{ "b": 1,  "a": 2 }'
