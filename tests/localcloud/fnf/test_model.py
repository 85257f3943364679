"""Flows and executions of one account."""

from __future__ import annotations

import asyncio

import pytest

from localcloud.errors import AccessDeniedError, CloudError
from localcloud.fnf.executions import ExecutionFilter
from localcloud.ram.credentials import Principal
from localcloud.settings import Limits, Switches
from tests.localcloud.fnf.harness import ACCOUNT, ROLE, Cloud, events, scenario

PASS = "version: v1\ntype: flow\nsteps: [{type: pass, name: p}]\n"
SLOW = "version: v1\ntype: flow\nsteps: [{type: wait, name: w, duration: 1000}]\n"
ALL = ExecutionFilter()


def test_a_flow_is_created_changed_and_removed() -> None:
    async def play(cloud: Cloud) -> None:
        flows = cloud.workflow.flows
        made = flows.create("f", PASS, description="d", role_arn=ROLE)
        assert flows.find("f") is made
        changed = flows.update("f", definition=SLOW)
        assert (changed.definition, changed.description, changed.role_arn) == (SLOW, "d", ROLE)
        assert changed.modified_at >= changed.created_at
        cloud.workflow.delete_flow("f")
        with pytest.raises(CloudError, match="FlowNotExists"):
            flows.find("f")

    scenario(play)


def test_a_flows_name_is_unique() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.workflow.flows.create("f", PASS)
        with pytest.raises(CloudError, match="FlowAlreadyExists") as refused:
            cloud.workflow.flows.create("f", PASS)
        assert refused.value.status == 409
        cloud.workflow.flows.create("F", PASS)  # names differ by case

    scenario(play)


@pytest.mark.parametrize("name", ["", "1st", "-a", "a b", "解", "x" * 129])
def test_a_bad_name_is_refused(name: str) -> None:
    async def play(cloud: Cloud) -> None:
        with pytest.raises(CloudError, match="InvalidArgument"):
            cloud.workflow.flows.create(name, PASS)
        cloud.workflow.flows.create("f", PASS)
        if name:
            with pytest.raises(CloudError, match="InvalidArgument"):
                cloud.workflow.start_execution("f", name=name)

    scenario(play)


def test_a_bad_definition_is_refused_with_every_fault_and_changes_nothing() -> None:
    async def play(cloud: Cloud) -> None:
        bad = "version: v1\ntype: flow\nsteps: [{type: pass}, {type: nope, name: n}]"
        flows = cloud.workflow.flows
        with pytest.raises(CloudError) as refused:
            flows.create("f", bad)
        assert refused.value.code == "InvalidArgument"
        assert "name" in refused.value.message
        assert "nope" in refused.value.message
        flows.create("f", PASS)
        with pytest.raises(CloudError, match="nope"):
            flows.update("f", definition=bad)
        assert flows.find("f").definition == PASS

    scenario(play)


def test_flows_are_listed_by_name_in_pages() -> None:
    async def play(cloud: Cloud) -> None:
        for name in ("b", "c", "a"):
            cloud.workflow.flows.create(name, PASS)
        first = cloud.workflow.list_flows(limit=2)
        assert [flow.name for flow in first.items] == ["a", "b"]
        second = cloud.workflow.list_flows(limit=2, token=first.next_token)
        assert [flow.name for flow in second.items] == ["c"]
        assert second.next_token == ""

    scenario(play)


def test_a_start_under_the_name_of_a_running_execution_starts_nothing() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.workflow.flows.create("f", SLOW)
        with cloud.core.clock.running():
            first = cloud.workflow.start_execution("f", name="e", input='{"a": 1}')
            assert cloud.workflow.start_execution("f", name="e", input='{"a": 2}') is first
        await first.poll(5)
        with pytest.raises(CloudError, match="ExecutionAlreadyExists") as refused:
            cloud.workflow.start_execution("f", name="e")
        assert refused.value.status == 409
        assert len(cloud.workflow.list_executions("f", which=ALL).items) == 1

    scenario(play)


def test_executions_without_a_name_get_names_of_their_own() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.workflow.flows.create("f", PASS)
        names = {cloud.workflow.start_execution("f").name for _ in range(5)}
        assert len(names) == 5

    scenario(play)


@pytest.mark.parametrize("text", ["[]", "1", "{", "null"])
def test_an_input_that_is_not_a_json_object_is_refused(text: str) -> None:
    async def play(cloud: Cloud) -> None:
        cloud.workflow.flows.create("f", PASS)
        with pytest.raises(CloudError, match="InvalidArgument"):
            cloud.workflow.start_execution("f", input=text)

    scenario(play)


def test_an_execution_keeps_the_definition_it_started_with() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.workflow.flows.create("f", SLOW)
        execution = cloud.workflow.start_execution("f")
        cloud.workflow.flows.update("f", definition=PASS)
        await execution.poll(5)
        assert execution.definition == SLOW
        assert "w" in {event.step for event in events(execution)}

    scenario(play)


def test_a_long_poll_ends_with_the_execution_or_with_its_time() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.workflow.flows.create("f", SLOW)
        with cloud.core.clock.running():
            cloud.workflow.start_execution("f", name="e")
            early = await cloud.workflow.describe_execution("f", "e", wait_seconds=0.01)
            assert (early.status, early.output, early.stopped_at) == ("Running", "", None)
        late = await cloud.workflow.describe_execution("f", "e", wait_seconds=30)
        assert late.status == "Succeeded"
        again = await cloud.workflow.describe_execution("f", "e", wait_seconds=30)
        assert again is late

    scenario(play)


def test_a_missing_resource_is_named() -> None:
    async def play(cloud: Cloud) -> None:
        with pytest.raises(CloudError, match="FlowNotExists"):
            cloud.workflow.start_execution("f")
        cloud.workflow.flows.create("f", PASS)
        with pytest.raises(CloudError, match=r"ExecutionNotExists.*'e'") as refused:
            cloud.workflow.execution("f", "e")
        assert refused.value.status == 404

    scenario(play)


def test_an_execution_can_be_stopped_before_its_first_step() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.workflow.flows.create("f", PASS)
        cloud.workflow.start_execution("f", name="e")
        stopped = await cloud.workflow.stop_execution("f", "e", error="No", cause="changed my mind")
        assert (stopped.status, stopped.error) == ("Stopped", "No")
        assert [event.type for event in events(stopped)] == ["ExecutionStopped"]

    scenario(play)


def test_an_ended_execution_cannot_be_stopped() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.flow(PASS)
        execution = await cloud.run(name="e")
        with pytest.raises(CloudError, match="has ended: Succeeded") as refused:
            await cloud.workflow.stop_execution("flow", "e", error="Late")
        assert (refused.value.code, refused.value.status) == ("ExecutionNotRunning", 400)
        assert (execution.status, execution.error) == ("Succeeded", "")

    scenario(play)


def test_stopping_an_ended_execution_may_be_without_effect() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.flow(PASS)
        execution = await cloud.run(name="e")
        assert (await cloud.workflow.stop_execution("flow", "e", error="Late")) is execution
        assert (execution.status, execution.error) == ("Succeeded", "")

    scenario(play, switches=Switches(stop_ended_execution="ignore"))


def test_executions_are_listed_newest_first_in_pages_and_by_filter() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.flow("steps: [{type: choice, name: c, choices: [{condition: $.bad, steps: "
                   "[{type: fail, name: f}]}]}]")  # fmt: skip
        for index in range(5):
            await cloud.run({"bad": index == 2}, name=f"run-{index}")
            cloud.core.clock.advance(100)
        listed = cloud.workflow.list_executions
        first = listed("flow", limit=3, which=ALL)
        assert [e.name for e in first.items] == ["run-4", "run-3", "run-2"]
        second = listed("flow", limit=3, token=first.next_token, which=ALL)
        assert [e.name for e in second.items] == ["run-1", "run-0"]
        assert second.next_token == ""
        assert [e.name for e in listed("flow", which=ExecutionFilter(status="Failed")).items] == [
            "run-2"
        ]
        assert [e.name for e in listed("flow", which=ExecutionFilter(prefix="run-3")).items] == [
            "run-3"
        ]
        since = first.items[1].started_at
        recent = listed("flow", which=ExecutionFilter(started_from=since)).items
        assert [e.name for e in recent] == ["run-4", "run-3"]

    scenario(play)


def test_a_history_is_read_in_pages() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.flow(PASS)
        await cloud.run(name="e")
        first = cloud.workflow.history("flow", "e", limit=4)
        assert [event.id for event in first.items] == [1, 2, 3, 4]
        second = cloud.workflow.history("flow", "e", limit=4, token=first.next_token)
        assert [event.id for event in second.items] == [5, 6]
        assert second.next_token == ""
        with pytest.raises(CloudError, match="InvalidArgument"):
            cloud.workflow.history("flow", "e", token="x")

    scenario(play)


def test_deleting_a_flow_stops_its_executions_and_a_new_flow_has_none() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.workflow.flows.create("f", SLOW)
        with cloud.core.clock.running():
            execution = cloud.workflow.start_execution("f", name="e")
            await asyncio.sleep(0)
            cloud.workflow.delete_flow("f")
            cloud.workflow.flows.create("f", PASS)
            assert cloud.workflow.list_executions("f", which=ALL).items == []
        await execution.poll(5)
        assert execution.status == "Stopped"

    scenario(play)


def test_running_executions_are_limited() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.workflow.flows.create("f", SLOW)
        with cloud.core.clock.running():
            pair = [cloud.workflow.start_execution("f") for _ in range(2)]
            with pytest.raises(CloudError, match="ResourceThrottled"):
                cloud.workflow.start_execution("f")
        for execution in pair:
            await execution.poll(5)
        await cloud.workflow.start_execution("f").poll(5)

    scenario(play, limits=Limits(running_executions=2))


def test_a_refusal_names_principal_action_and_flow() -> None:
    async def play(cloud: Cloud) -> None:
        nobody = Principal(ACCOUNT, f"acs:ram::{ACCOUNT}:user/nobody", user="nobody")
        with pytest.raises(AccessDeniedError) as refused:
            cloud.workflow.authorize(nobody, "StartExecution", "f")
        assert refused.value.message == (
            f"acs:ram::{ACCOUNT}:user/nobody is not allowed to fnf:StartExecution on"
            f" acs:fnf:cn-hangzhou:{ACCOUNT}:flow/f"
        )

    scenario(play)
