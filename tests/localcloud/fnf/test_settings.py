"""Settings that change while the cloud runs, and a role that lacks permissions."""

from __future__ import annotations

import pytest

from localcloud.errors import CloudError
from localcloud.settings import override
from tests.localcloud.fnf.harness import Cloud, output, scenario, until

CHILD = """\
steps:
  - {type: wait, name: w, duration: 60}
"""
PARENT = """\
steps:
  - type: task
    name: child
    resourceArn: acs:fnf:::flow/child
    pattern: sync
"""
START_ONLY = (
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":["fnf:StartExecution"],'
    '"Resource":["*"]}]}'
)
NO_STOP = START_ONLY.replace('"]', '","fnf:DescribeExecution"]', 1)


def turn(cloud: Cloud, **changes: str | float | None) -> None:
    cloud.core.settings = override(cloud.core.settings, changes)


def test_a_flow_is_parsed_by_the_settings_at_the_executions_start() -> None:
    async def play(cloud: Cloud) -> None:
        turn(cloud, unknown_field="warn")
        cloud.flow("steps: [{type: pass, name: p, colour: red}]")
        assert output(await cloud.run()) == {}
        turn(cloud, unknown_field="error")
        with pytest.raises(CloudError, match="colour"):
            await cloud.run()
        turn(cloud, unknown_field="warn")
        assert output(await cloud.run()) == {}

    scenario(play)


def test_an_execution_keeps_the_settings_of_its_start() -> None:
    async def play(cloud: Cloud) -> tuple[str, str]:
        cloud.flow(
            """\
            steps:
              - type: pass
                name: p
                outputMappings: [{target: x, source: $input.nosuch}]
            """
        )
        strict = await cloud.run()
        turn(cloud, missing_key_in_mapping="null")
        lenient = await cloud.run()
        return strict.status, lenient.output

    assert scenario(play) == ("Failed", '{"x":null}')


def test_a_second_report_is_handled_by_the_settings_at_that_moment() -> None:
    async def play(cloud: Cloud) -> None:
        callbacks = cloud.workflow.callbacks
        token = callbacks.token("f", "e", 2)
        with callbacks.expect(token):
            callbacks.report(token, {})
        with pytest.raises(CloudError, match="TaskAlreadyCompleted"):
            callbacks.report(token, {})
        turn(cloud, second_report="ignore")
        callbacks.report(token, {})

    scenario(play)


def test_steps_are_paced_once_a_rate_is_set() -> None:
    async def play(cloud: Cloud) -> list[float]:
        cloud.flow("\n".join(["steps:", *(f"  - {{type: pass, name: p{n}}}" for n in range(5))]))
        took = []
        for rate in (None, 1, "none"):
            turn(cloud, step_entries_per_second=rate)
            execution = await cloud.run()
            assert execution.stopped_at is not None
            took.append(execution.stopped_at - execution.started_at)
        return took

    before, paced, after = scenario(play)
    assert before < 1
    assert paced > 3
    assert after < 1


def test_waiting_for_a_child_needs_permission_to_describe_it() -> None:
    async def play(cloud: Cloud) -> None:
        cloud.ram.detach("children", "flows")
        cloud.ram.create_policy("start", START_ONLY, "", 0)
        cloud.ram.attach("start", "flows")
        cloud.flow(CHILD, "child")
        cloud.flow(PARENT)
        execution = await cloud.run()
        assert execution.error == "fnf.AccessDenied"
        assert "fnf:DescribeExecution" in execution.cause
        assert not cloud.workflow.flows.find("child").executions

    scenario(play)


@pytest.mark.parametrize("may_stop", [True, False])
def test_a_stopped_parent_stops_its_child_if_its_role_permits(may_stop: bool) -> None:
    async def play(cloud: Cloud) -> str:
        if not may_stop:
            cloud.ram.detach("children", "flows")
            cloud.ram.create_policy("start", NO_STOP, "", 0)
            cloud.ram.attach("start", "flows")
        cloud.flow(CHILD, "child")
        cloud.flow(PARENT)
        children = cloud.workflow.flows.find("child").executions
        with cloud.core.clock.running():
            cloud.workflow.start_execution("flow", name="parent")
            await until(lambda: children)
            await cloud.workflow.stop_execution("flow", "parent")
        (child,) = children.values()
        await child.poll(5)
        return child.status

    assert scenario(play) == ("Stopped" if may_stop else "Succeeded")
