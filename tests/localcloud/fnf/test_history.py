"""The history of executions."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.fnf.executions import Execution
from localcloud.fnf.history import EventHistory, EventType
from localcloud.settings import Settings, Switches
from tests.localcloud.fnf.harness import Cloud, Json, events, run_flow, scenario


def test_two_pass_steps_leave_the_documented_events() -> None:
    """The sample of docs 123157."""
    execution = run_flow("steps: [{type: pass, name: pass1}, {type: pass, name: pass2}]")
    assert [(e.id, e.step, e.type, e.cause, e.detail) for e in events(execution)] == [
        (1, "", "ExecutionStarted", 0, '{"input":{}}'),
        (2, "pass1", "StepEntered", 1, '{"input":{},"local":{}}'),
        (3, "pass1", "StepStarted", 2, '{"input":{}}'),
        (4, "pass1", "StepSucceeded", 3, '{"output":{}}'),
        (5, "pass1", "StepExited", 4, '{"local":{}}'),
        (6, "pass2", "StepEntered", 5, '{"input":{},"local":{}}'),
        (7, "pass2", "StepStarted", 6, '{"input":{}}'),
        (8, "pass2", "StepSucceeded", 7, '{"output":{}}'),
        (9, "pass2", "StepExited", 8, '{"local":{}}'),
        (10, "", "ExecutionSucceeded", 9, '{"output":{}}'),
    ]


def test_events_show_the_locals_of_their_time() -> None:
    execution = run_flow(
        """
        steps:
          - {type: pass, name: a, outputMappings: [{target: x, source: 1}]}
          - {type: pass, name: b, outputMappings: [{target: x, source: 2}]}
        """
    )
    exited = [e.detail for e in events(execution) if e.type == "StepExited"]
    assert exited == ['{"local":{"x":1}}', '{"local":{"x":2}}']


CHOICE = """
steps:
  - type: choice
    name: c
    choices:
      - condition: $.x == 1
        steps: [{type: pass, name: p}]
"""


@pytest.mark.parametrize(("estimate", "count"), [("upper", 6 + 4), ("lower", 4 + 4)])
def test_a_choices_branch_counts_by_the_estimate(estimate: Json, count: int) -> None:
    execution = run_flow(CHOICE, {"x": 1}, switches=Switches(event_counts=estimate))
    assert len(execution.history) == 2 + count


def test_every_type_has_the_apis_name() -> None:
    assert EventType.TASK_SUBMIT_FAILED.wire == "TaskSubmitFailed"
    assert EventType.EXECUTION_TIMED_OUT.wire == "ExecutionTimedOut"
    assert len({kind.wire for kind in EventType}) == 21


# Random flows: what holds for the history of any execution.


def leaf(kind: str) -> dict[str, Any]:
    match kind:
        case "wait":
            return {"type": "wait", "duration": 5}
        case "fail":
            return {"type": "fail", "error": "Bad"}
        case "task":
            arn = "acs:fc:::services/s/functions/f"
            retry = [{"errors": ["FlakyError"], "maxAttempts": 1}]
            return {"type": "task", "resourceArn": arn, "retry": retry, "timeoutSeconds": 30}
        case "catching":
            return {**leaf("task"), "catch": [{"errors": ["FnF.ALL"], "goto": "GOTO"}]}
        case _:
            return {"type": kind}


LEAVES = st.sampled_from(["pass", "succeed", "wait", "fail", "task", "catching"]).map(leaf)


def composite(children: st.SearchStrategy[list[Any]]) -> st.SearchStrategy[Any]:
    def foreach(steps: list[Any]) -> dict[str, Any]:
        mapping = {"collection": "$.xs", "item": "x", "index": "i"}
        return {"type": "foreach", "iterationMapping": mapping, "steps": steps}

    def parallel(branches: list[list[Any]]) -> dict[str, Any]:
        return {"type": "parallel", "branches": [{"steps": steps} for steps in branches]}

    def choice(steps: list[Any]) -> dict[str, Any]:
        option = {"condition": "$.yes", "steps": steps}
        return {"type": "choice", "choices": [option], "default": {"goto": "GOTO"}}

    return st.one_of(
        children.map(foreach),
        st.lists(children, min_size=1, max_size=3).map(parallel),
        children.map(choice),
    )


SERIES = st.recursive(
    st.lists(LEAVES, min_size=1, max_size=3),
    lambda series: st.lists(LEAVES | composite(series), min_size=1, max_size=3),
    max_leaves=12,
)


def named(series: list[Any], names: Counter[str]) -> list[Any]:
    """Name these steps, and add a goto to the last of the series."""
    steps = []
    for step in [*series, {"type": "pass"}]:
        names["step"] += 1
        own = {**step, "name": f"{step['type']}{names['step']}"}
        if "steps" in own:
            own["steps"] = named(own["steps"], names)
        if "branches" in own:
            own["branches"] = [{"steps": named(b["steps"], names)} for b in own["branches"]]
        if "choices" in own:
            own["choices"] = [{**o, "steps": named(o["steps"], names)} for o in own["choices"]]
        steps.append(own)
    text = orjson.dumps(steps).decode()
    return list(orjson.loads(text.replace('"GOTO"', f'"{steps[-1]["name"]}"')))


class FlakyError(Exception):
    """Raised by every third call."""


def play_random(
    series: list[Any], switches: Switches, *, stop_after: float | None = None
) -> Execution:
    calls = Counter[str]()

    def function(_: Json) -> Json:
        calls["f"] += 1
        if calls["f"] % 3 == 0:
            raise FlakyError
        return {"n": calls["f"]}

    async def play(cloud: Cloud) -> Execution:
        steps = orjson.dumps(named(series, Counter())).decode()
        cloud.flow(f'{{"version": "v1", "type": "flow", "steps": {steps}}}')
        given = orjson.dumps({"xs": [1, 2, 3], "yes": True}).decode()
        execution = cloud.workflow.start_execution("flow", name="e", input=given)
        if stop_after is not None:
            await cloud.core.clock.spawn(cloud.core.clock.sleep(stop_after))
            await cloud.workflow.stop_execution("flow", "e")
        await execution.poll(30)
        return execution

    # scenario() also checks that nothing holds the clock at the end
    return scenario(play, functions={"f": function}, settings=Settings(switches=switches))


def check_order(execution: Execution) -> None:
    history = events(execution)
    assert [event.id for event in history] == list(range(1, len(history) + 1))
    assert all(0 <= event.cause < event.id for event in history)
    assert [event.id for event in history if event.cause == 0] == [1]
    assert [event.time for event in history] == sorted(event.time for event in history)
    assert history[-1].type == f"Execution{execution.status}"
    assert sum(event.type.startswith("Execution") for event in history) == 2


@settings(max_examples=40)
@given(
    series=SERIES,
    estimate=st.sampled_from(["upper", "lower"]),
)
def test_a_finished_execution_left_every_step_that_it_entered(
    series: list[Any], estimate: Json
) -> None:
    execution = play_random(series, Switches(event_counts=estimate))
    assert execution.status in ("Succeeded", "Failed")
    assert execution.error in ("", "Bad", "FlakyError")
    check_order(execution)
    seen = Counter((event.type, event.step) for event in events(execution))
    for (kind, step), count in seen.items():
        for entered, left in (
            ("StepEntered", "StepExited"),
            ("BranchEntered", "BranchExited"),
            ("IterationEntered", "IterationExited"),
        ):
            if kind in (entered, left):
                assert seen[entered, step] == seen[left, step] == count
    tasks = Counter(event.type for event in events(execution))
    assert tasks["TaskScheduled"] == tasks["TaskSucceeded"] + tasks["TaskFailed"]


@settings(max_examples=20)
@given(series=SERIES)
def test_a_failure_that_cancels_the_others_leaves_an_orderly_history(series: list[Any]) -> None:
    execution = play_random(series, Switches(failing_iteration="cancel_others"))
    assert execution.status in ("Succeeded", "Failed")
    check_order(execution)


@settings(max_examples=20)
@given(series=SERIES, after=st.floats(0, 20))
def test_a_stop_at_any_moment_leaves_an_orderly_history(series: list[Any], after: float) -> None:
    switches = Switches(stop_ended_execution="ignore")
    check_order(play_random(series, switches, stop_after=after))


VALUES: st.SearchStrategy[Json] = st.sampled_from([0, 1, "x", "解", None, [1], {"k": []}])
DOCUMENTS = st.dictionaries(st.sampled_from(["a", "b", "c"]), VALUES, max_size=3)


@given(st.lists(st.tuples(st.sampled_from(EventType), DOCUMENTS, DOCUMENTS), max_size=150))
def test_a_history_survives_serialization(entries: list[tuple[EventType, Any, Any]]) -> None:
    history, kept = (EventHistory(lambda: 1.5, 10_000) for _ in range(2))
    for kind, first, second in entries:
        both = (first, second) if kind is EventType.STEP_ENTERED else first
        history.append(kind, "s", len(history), both)
    for chunk in history.chunks():
        kept.load(history.dump(chunk))
    assert kept.page(0, 200) == history.page(0, 200)


def test_a_chunk_of_a_stored_history_holds_a_shared_value_once() -> None:
    history = EventHistory(lambda: 0.0, 10_000)
    shared: Json = ["x" * 1_000]
    for index in range(100):
        history.append(EventType.STEP_STARTED, "s", index, {"group": shared, "index": index})
    assert all(len(history.dump(chunk)) < 5_000 for chunk in history.chunks())
