"""Tasks that publish to a topic or send to a queue of Message Service."""

from __future__ import annotations

import orjson
import pytest

from localcloud.fnf.executions import Execution
from tests.localcloud.fnf.harness import Cloud, Json, output, scenario, until

TASK = """
steps:
  - type: task
    name: tell
    resourceArn: acs:mns:::/{destination}/messages
    pattern: {pattern}
    inputMappings:
      - {{target: token, source: $context.task.token}}
      - {{target: item, source: $input.item}}
    serviceParams: {params}
"""
MAY_SEND = (
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":["mns:PublishMessage",'
    '"mns:SendMessage"],"Resource":["acs:mns:*:*:/*/jobs/messages"]}]}'
)


def flow(
    destination: str = "topics/jobs",
    pattern: str = "requestResponse",
    params: str = "{MessageBody: $}",
) -> str:
    return TASK.format(destination=destination, pattern=pattern, params=params)


def permit(cloud: Cloud) -> None:
    cloud.ram.create_policy("messages", MAY_SEND, "", 0)
    cloud.ram.attach("messages", "flows")


def run(text: str, given: Json) -> tuple[Cloud, Execution]:
    async def play(cloud: Cloud) -> tuple[Cloud, Execution]:
        permit(cloud)
        cloud.flow(text)
        return cloud, await cloud.run(given)

    return scenario(play)


@pytest.mark.parametrize("destination", ["topics/jobs", "queues/jobs"])
def test_a_message_has_the_tasks_input_and_the_task_continues(destination: str) -> None:
    cloud, execution = run(flow(destination), {"item": 7})
    (message,) = cloud.workflow.messages.all
    assert message.destination == destination
    assert orjson.loads(message.body)["item"] == 7
    assert output(execution)["MessageId"] == message.id


def test_a_receiver_of_a_message_can_end_the_task_that_waits_for_a_callback() -> None:
    async def play(cloud: Cloud) -> None:
        permit(cloud)
        cloud.flow(flow(pattern="waitForCallback"))
        execution = cloud.workflow.start_execution("flow", input='{"item": 7}')
        await until(lambda: cloud.workflow.messages.all)
        token = orjson.loads(cloud.workflow.messages.all[0].body)["token"]
        cloud.workflow.report_task_succeeded(token, '{"done": true}')
        await execution.poll(5)
        assert output(execution) == {"done": True}

    scenario(play)


@pytest.mark.parametrize(
    ("text", "given", "error"),
    [
        (flow("topics/others"), {"item": 1}, "mns.AccessDenied"),
        (flow(params="{}"), {"item": 1}, "mns.InvalidArgument"),
        (flow(params="{MessageBody: $.item}"), {"item": 1}, "mns.InvalidArgument"),
        (flow(params="{MessageBody: $, DelaySeconds: 5}"), {"item": 1}, "mns.InvalidArgument"),
        (flow().replace("mns:::", "mns:cn-beijing::"), {"item": 1}, "mns.AccessDenied"),
        (flow().replace("/topics/jobs", "/topics"), {"item": 1}, "mns.NotSupported"),
    ],
)
def test_a_message_that_is_not_accepted_fails_the_task(text: str, given: Json, error: str) -> None:
    cloud, execution = run(text, given)
    assert (execution.status, execution.error) == ("Failed", error)
    assert cloud.workflow.messages.all == []
