"""An execution that a restart interrupts, at any moment, ends as it would have without it."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, fields

import orjson
import pytest
from pydantic import ValidationError

from fdl.tree import Json
from localcloud.fnf.executions import Execution, ExecutionState
from localcloud.fnf.snapshots import dump_execution, dump_flow, load_flow
from localcloud.meters import FNF_TRANSITIONS
from localcloud.settings import Settings, Switches
from tests.localcloud.fnf.harness import Cloud, events, output

CHILD = """\
steps:
  - {type: task, name: work, resourceArn: "acs:fc:::services/s/functions/double"}
  - {type: wait, name: rest, duration: 60}
"""
MAIN = """\
steps:
  - type: task
    name: first
    resourceArn: acs:fc:::services/s/functions/flaky
    retry: [{errors: [Flaky], intervalSeconds: 5, maxAttempts: 3, multiplier: 2}]
    outputMappings: [{target: n, source: $local.n}]
  - type: foreach
    name: each
    iterationMapping: {collection: $.items, item: item, index: index}
    steps:
      - type: task
        name: double
        resourceArn: acs:fc:::services/s/functions/double
        inputMappings: [{target: n, source: $input.item}]
      - {type: wait, name: pause, duration: 30}
    outputMappings: [{target: doubled, source: "$local[*].n"}]
  - type: parallel
    name: both
    branches:
      - steps:
          - type: task
            name: child
            resourceArn: acs:fnf:::flow/child
            pattern: sync
            inputMappings: [{target: n, source: $input.n}]
            serviceParams: {Input: $}
            outputMappings: [{target: n, source: $local.n}]
      - steps:
          - {type: wait, name: short, duration: 10}
          - type: task
            name: fails
            resourceArn: acs:fc:::services/s/functions/broken
            catch: [{errors: [Broken], goto: caught}]
          - {type: pass, name: caught}
  - type: choice
    name: more
    choices: [{condition: "$.n < 3", goto: again}]
    default: {goto: last}
  - type: pass
    name: again
  - type: task
    name: last
    resourceArn: acs:fc:::services/s/functions/double
    inputMappings: [{target: n, source: $local.n}]
"""
GIVEN: Json = {"items": [1, 2, 3, 4, 5], "n": 1}


@dataclass(frozen=True)
class Moment:
    """The state stored at one moment, and the calls made by then."""

    executions: list[tuple[bytes, list[bytes]]]
    now: float
    succeeded: Counter[str]


class Doubles:
    """The functions, and how often each was called with each event."""

    def __init__(self) -> None:
        self.flaky = 0

    async def double(self, event: Json) -> Json:
        await asyncio.sleep(0)
        assert isinstance(event, dict)
        n = event["n"]
        assert isinstance(n, int)
        return {"n": n * 2}

    async def fail_twice(self, event: Json) -> Json:
        self.flaky += 1
        if self.flaky < 3:
            raise Flaky("not yet")
        assert isinstance(event, dict)
        return {"n": 1}

    async def broken(self, _: Json) -> Json:
        await asyncio.sleep(0)
        raise Broken("always")


class Flaky(Exception):  # noqa: N818 - its name is what the flow catches
    pass


class Broken(Exception):  # noqa: N818 - the flow's error name
    pass


def a_cloud(settings: Settings) -> Cloud:
    functions = Doubles()
    return Cloud(
        settings,
        {"double": functions.double, "flaky": functions.fail_twice, "broken": functions.broken},
    )


def all_executions(cloud: Cloud) -> list[Execution]:
    return [e for flow in cloud.workflow.flows for e in flow.executions.values()]


def outcomes(cloud: Cloud) -> Counter[str]:
    return Counter(
        f"{execution.flow}/{event.step}"
        for execution in all_executions(cloud)
        for event in events(execution)
        if event.type == "TaskSucceeded"
    )


def take(cloud: Cloud) -> Moment:
    kept = [
        (dump_execution(e), [e.history.dump(chunk) for chunk in e.history.chunks()])
        for e in all_executions(cloud)
    ]
    return Moment(kept, cloud.core.clock.now(), outcomes(cloud))


def restarted(cloud: Cloud, moment: Moment) -> Cloud:
    again = a_cloud(cloud.core.settings)
    again.core.clock.advance(max(0, moment.now - again.core.clock.now()))
    again.workflow.callbacks.restore(cloud.workflow.callbacks.snapshot())
    for flow in cloud.workflow.flows:
        again.workflow.flows.add(load_flow(dump_flow(flow)))
    for text, chunks in moment.executions:
        execution = again.workflow.adopt(text)
        for chunk in chunks:
            execution.history.load(chunk)
    return again


def shape(execution: Execution) -> Counter[tuple[str, str]]:
    return Counter((event.type, event.step) for event in events(execution))


@pytest.mark.parametrize("event_counts", ["upper", "lower"])
def test_the_outcome_does_not_depend_on_when_the_restart_happens(event_counts: str) -> None:
    settings = Settings(switches=Switches(event_counts=event_counts))  # type: ignore[arg-type]

    async def play() -> None:
        cloud = a_cloud(settings)
        cloud.flow(MAIN, "main")
        cloud.flow(CHILD, "child")
        moments: list[Moment] = []
        running = asyncio.create_task(cloud.run(GIVEN, flow="main", name="it"))
        seen = -1
        while not running.done():
            await asyncio.sleep(0)
            count = sum(len(e.history) for e in all_executions(cloud))
            if count != seen:
                seen = count
                moments.append(take(cloud))
        whole = running.result()
        wanted = output(whole)
        transitions = cloud.core.meters.read()[FNF_TRANSITIONS]
        assert len(moments) > 10

        for moment in moments:
            again = restarted(cloud, moment)
            before = again.core.meters.read().get(FNF_TRANSITIONS, 0)
            _, failed = again.workflow.resume()
            assert failed == 0
            execution = again.workflow.execution("main", "it")
            await execution.poll(30)
            assert output(execution) == wanted
            assert len(all_executions(again)) == 2
            # No call that had ended is made again.
            called = Counter(name for _, name, _ in again.functions.calls)
            tasks = ("main/double", "child/work", "main/last")
            assert called["double"] == 7 - sum(moment.succeeded[task] for task in tasks)
            assert again.core.meters.read().get(FNF_TRANSITIONS, 0) - before <= transitions
            ids = [event.id for event in events(execution)]
            assert ids == list(range(1, len(ids) + 1))
            assert shape(execution).keys() == shape(whole).keys()

    asyncio.run(play())


@pytest.mark.parametrize("name", [field.name for field in fields(ExecutionState)])
async def test_a_saved_execution_without_one_of_its_fields_is_refused(name: str) -> None:
    cloud = a_cloud(Settings())
    cloud.flow(CHILD, "child")
    await cloud.run({"n": 1}, flow="child", name="it")
    (execution,) = all_executions(cloud)
    saved = orjson.loads(dump_execution(execution))
    del saved[name]
    with pytest.raises(ValidationError, match=name):
        cloud.workflow.adopt(orjson.dumps(saved))
