"""What a flow does, step type by step type (docs 122492 to 122501)."""

from __future__ import annotations

import pytest

from fdl.parse import examine
from fdl.semantics import Semantics
from localcloud.meters import FNF_TRANSITIONS
from localcloud.settings import Settings
from tests.localcloud.fnf.harness import (
    ECHO,
    Cloud,
    Function,
    Json,
    events,
    output,
    run_flow,
    scenario,
)


def remembering(seen: list[Json], result: Json) -> Function:
    """Return a function that records its events."""

    def function(event: Json) -> Json:
        seen.append(event)
        return result

    return function


def test_a_steps_default_input_is_the_flows_input_with_its_local_over_it() -> None:
    seen: list[Json] = []
    execution = run_flow(
        f"""
        steps:
          - type: pass
            name: constants
            outputMappings: [{{target: a, source: local}}, {{target: b, source: 2}}]
          - {{type: task, name: look, {ECHO}}}
        """,
        {"a": "input", "c": 3},
        functions={"echo": remembering(seen, {})},
    )
    assert output(execution) == {"a": "local", "b": 2}
    assert seen == [{"a": "local", "b": 2, "c": 3}]


def test_only_mapped_values_are_passed_on() -> None:
    seen: list[Json] = []
    execution = run_flow(
        f"""
        steps:
          - type: task
            name: look
            {ECHO}
            inputMappings: [{{target: x, source: $input.a}}, {{target: y, source: "$input.b.c[1]"}}]
            outputMappings: [{{target: z, source: $local.r}}, {{target: x, source: $input.x}}]
        """,
        {"a": 1, "b": {"c": [5, 6]}},
        functions={"echo": remembering(seen, {"r": 7, "s": 8})},
    )
    assert seen == [{"x": 1, "y": 6}]
    assert output(execution) == {"z": 7, "x": 1}


def test_the_flows_own_mappings_shape_input_and_output() -> None:
    execution = run_flow(
        """
        version: v1
        type: flow
        inputMappings: [{target: n, source: $input.given.n}]
        outputMappings: [{target: all, source: $local}, {target: n, source: $input.n}]
        steps:
          - type: pass
            name: p
            outputMappings: [{target: seen, source: $input}]
        """,
        {"given": {"n": 1}},
    )
    assert output(execution) == {"all": {"seen": {"n": 1}}, "n": 1}


def test_the_context_has_flow_execution_and_the_steps_event() -> None:
    async def play(cloud: Cloud) -> Json:
        cloud.flow(
            """
            steps:
              - {type: pass, name: first}
              - type: pass
                name: second
                outputMappings:
                  - {target: flow, source: $context.flow.name}
                  - {target: execution, source: $context.execution.name}
                  - {target: event, source: $context.step.eventId}
            """
        )
        return output(await cloud.run(name="run-1"))

    assert scenario(play) == {"flow": "flow", "execution": "run-1", "event": 6}


def test_a_missing_key_in_a_mapping_fails_the_execution_by_default() -> None:
    text = """
    steps:
      - type: pass
        name: p
        outputMappings: [{target: a, source: $input.nope}]
    """
    execution = run_flow(text)
    assert (execution.status, execution.error) == ("Failed", "FnF.EvaluationError")
    assert "step p" in execution.cause
    assert "nope" in execution.cause

    lenient = Settings(semantics=Semantics(missing_key_in_mapping="null"))
    assert output(run_flow(text, settings=lenient)) == {"a": None}


CHOICE = """
steps:
  - type: choice
    name: fork
    choices:
      - condition: $.way == "steps"
        steps:
          - type: pass
            name: inner
            outputMappings: [{target: seen, source: $input.way}]
      - condition: $.way == "goto"
        goto: last
      - condition: $.way == "both"
        steps:
          - type: pass
            name: inner2
            outputMappings: [{target: seen, source: both}]
        goto: last
  - type: pass
    name: skipped
    outputMappings: [{target: passed, source: true}]
  - type: pass
    name: last
"""


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ("steps", {"seen": "steps", "passed": True}),
        ("goto", {}),
        ("both", {"seen": "both"}),
        ("none", {"passed": True}),
    ],
)
def test_a_choice_takes_the_first_option_that_holds(way: str, expected: Json) -> None:
    assert output(run_flow(CHOICE, {"way": way})) == expected


def test_a_choice_without_a_match_or_default_may_be_an_error() -> None:
    strict = Settings(semantics=Semantics(choice_without_default="error"))
    execution = run_flow(CHOICE, {"way": "none"}, settings=strict)
    assert execution.error == "FnF.EvaluationError"


def test_a_loop_ends_by_its_condition() -> None:
    execution = run_flow(
        """
        steps:
          - type: task
            name: count
            resourceArn: acs:fc:::services/s/functions/count
            inputMappings: [{target: n, source: $local.n}]
          - type: choice
            name: enough
            choices:
              - {condition: $.n < 5, goto: count}
        """.replace(
            "          - type: task\n            name: count",
            "          - type: pass\n            name: zero\n"
            "            outputMappings: [{target: n, source: 0}]\n"
            "          - type: task\n            name: count",
        ),
        functions={"count": lambda event: {"n": event["n"] + 1}},
    )
    assert output(execution) == {"n": 5}


def test_end_and_succeed_end_only_the_series_they_are_in() -> None:
    execution = run_flow(
        """
        steps:
          - type: choice
            name: fork
            choices:
              - condition: $.go == "on"
                steps:
                  - {type: succeed, name: enough}
                  - {type: fail, name: never}
          - type: pass
            name: after
            outputMappings: [{target: after, source: true}]
            end: true
          - {type: fail, name: beyond}
        """,
        {"go": "on"},
    )
    assert output(execution) == {"after": True}


def test_succeed_returns_its_mapped_output() -> None:
    execution = run_flow(
        """
        steps:
          - type: succeed
            name: done
            outputMappings: [{target: a, source: $input.a}]
        """,
        {"a": 1, "b": 2},
    )
    assert output(execution) == {"a": 1}


def test_fail_fails_every_parent_with_its_error_and_cause() -> None:
    execution = run_flow(
        """
        steps:
          - type: parallel
            name: both
            branches:
              - steps:
                  - {type: fail, name: refuse, error: NoWay, cause: because}
              - steps:
                  - {type: pass, name: fine}
          - {type: pass, name: never}
        """
    )
    assert (execution.status, execution.error, execution.cause) == ("Failed", "NoWay", "because")
    assert execution.output == ""
    failed = [event.step for event in events(execution) if event.type == "StepFailed"]
    assert failed == ["refuse", "both"]
    assert "never" not in {event.step for event in events(execution)}
    last = events(execution)[-1]
    assert (last.type, last.detail) == ("ExecutionFailed", '{"cause":"because","error":"NoWay"}')


def test_a_wait_takes_cloud_time_only() -> None:
    execution = run_flow("steps: [{type: wait, name: w, duration: $.s}]", {"s": 172_800})
    assert execution.status == "Succeeded"
    assert execution.stopped_at is not None
    assert execution.stopped_at - execution.started_at >= 172_800


def test_a_wait_until_a_time_in_the_past_ends_at_once() -> None:
    execution = run_flow(
        "steps: [{type: wait, name: w, timestamp: $.at}]", {"at": "2001-02-03T04:05:06Z"}
    )
    assert execution.status == "Succeeded"
    assert execution.stopped_at is not None
    assert execution.stopped_at - execution.started_at < 5


@pytest.mark.parametrize("duration", [-1, 1.5, "1e3", 172_801, "soon", None, True, [1]])
def test_a_wait_that_is_not_a_whole_number_or_too_long_is_an_error(duration: Json) -> None:
    execution = run_flow("steps: [{type: wait, name: w, duration: $.s}]", {"s": duration})
    assert execution.error == "FnF.EvaluationError"


@pytest.mark.parametrize(
    "moment",
    [
        *("tomorrow", "2030-01-01T00:00:00", "20300101T100000Z", "2030-01-01T10:00Z"),
        *("2030-01-01 10:00:00Z", "2030-02-30T10:00:00Z", 5),
    ],
)
def test_a_wait_until_an_invalid_time_is_an_error(moment: Json) -> None:
    execution = run_flow("steps: [{type: wait, name: w, timestamp: $.at}]", {"at": moment})
    assert execution.error == "FnF.EvaluationError"


def test_a_flow_times_out_as_a_whole() -> None:
    execution = run_flow(
        """
        version: v1
        type: flow
        timeoutSeconds: 60
        steps: [{type: wait, name: w, duration: 61}, {type: pass, name: never}]
        """
    )
    assert execution.status == "TimedOut"
    assert events(execution)[-1].type == "ExecutionTimedOut"
    assert "60 seconds" in execution.cause


@pytest.mark.parametrize(
    ("text", "transitions"),
    [
        # The three examples of the price page (docs 117830).
        ("foreach", 5),
        ("parallel", 4),
        ("choice", 2),
    ],
)
def test_every_entered_step_is_one_transition(text: str, transitions: int) -> None:
    flows = {
        "foreach": f"""
            steps:
              - type: foreach
                name: each
                iterationMapping: {{collection: $.xs, item: x}}
                steps: [{{type: task, name: t, {ECHO}}}]
            """,
        "parallel": f"""
            steps:
              - type: parallel
                name: three
                branches:
                  - steps: [{{type: task, name: a, {ECHO}}}]
                  - steps: [{{type: task, name: b, {ECHO}}}]
                  - steps: [{{type: task, name: c, {ECHO}}}]
            """,
        "choice": f"""
            steps:
              - type: choice
                name: one
                choices:
                  - condition: $.x == 1
                    steps: [{{type: task, name: a, {ECHO}}}]
            """,
    }

    async def play(cloud: Cloud) -> float:
        cloud.flow(flows[text])
        output(await cloud.run({"xs": [1, 2, 3, 4], "x": 1}))
        return cloud.core.meters.read()[FNF_TRANSITIONS]

    assert scenario(play, functions={"echo": lambda _: {}}) == transitions


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("duration", value) for value in ("10", 10, 0, 1.5, -1, "1e1", "0x10", "ten")),
        *(("timestamp", f"2001-02-03{rest}") for rest in ("T04:05:06Z", "T04:05:06.7+08:00")),
        *(("timestamp", f"2001-02-03{rest}") for rest in ("T040506Z", "T04:05Z", " 04:05:06Z", "")),
        ("timestamp", "20010203T040506Z"),
    ],
)
def test_a_wait_accepts_by_path_what_it_accepts_literally(field: str, value: Json) -> None:
    literal = f"version: v1\ntype: flow\nsteps: [{{type: wait, name: w, {field}: {value!r}}}]"
    execution = run_flow(f"steps: [{{type: wait, name: w, {field}: $.x}}]", {"x": value})
    assert (execution.status == "Succeeded") is not bool(examine(literal).problems)


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 2**64 + 1, 10**300])
def test_a_constant_over_64_bits_is_a_float(number: int) -> None:
    execution = run_flow(
        f"""
        steps:
          - type: pass
            name: large
            outputMappings: [{{target: n, source: {number}}}]
        """
    )
    assert output(execution) == {"n": float(number)}
