"""What a flow does, step type by step type (docs 122492 to 122501)."""

from __future__ import annotations

import pytest

from fdl.semantics import Semantics
from localcloud.meters import FNF_TRANSITIONS
from localcloud.settings import Limits, Settings, Switches
from tests.localcloud.fnf.harness import Cloud, Function, Json, events, output, run_flow, scenario

ECHO = "resourceArn: acs:fc:::services/s/functions/echo"


def remembering(seen: list[Json], result: Json) -> Function:
    """A function that keeps its events."""

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


def test_mappings_leave_only_what_they_map() -> None:
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


def test_context_tells_flow_execution_and_the_event_of_the_step() -> None:
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


def test_end_and_succeed_end_only_the_series_they_stand_in() -> None:
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


def test_succeed_gives_its_mapped_output() -> None:
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
    assert execution.output == '{"cause":"because","error":"NoWay"}'
    failed = [event.step for event in events(execution) if event.type == "StepFailed"]
    assert failed == ["refuse", "both"]
    assert "never" not in {event.step for event in events(execution)}
    last = events(execution)[-1]
    assert (last.type, last.detail) == ("ExecutionFailed", execution.output)


def test_a_foreach_gives_each_iteration_its_item_and_collects_their_locals_in_order() -> None:
    execution = run_flow(
        """
        steps:
          - type: foreach
            name: each
            iterationMapping: {collection: $.names, item: name, index: i}
            steps:
              - type: wait
                name: pause
                duration: $.name.wait
              - type: pass
                name: greet
                outputMappings:
                  - {target: hello, source: $input.name.who}
                  - {target: number, source: $input.i}
                  - {target: all, source: $input.names}
            outputMappings:
              - {target: hellos, source: "$local[*].hello"}
              - {target: numbers, source: "$local[*].number"}
        """,
        {"names": [{"who": "a", "wait": 60}, {"who": "b", "wait": 0}]},
    )
    assert output(execution) == {"hellos": ["a", "b"], "numbers": [0, 1]}


def test_the_default_output_of_foreach_and_parallel_is_empty() -> None:
    execution = run_flow(
        """
        steps:
          - type: foreach
            name: each
            iterationMapping: {collection: $.xs, item: x}
            steps:
              - {type: pass, name: p, outputMappings: [{target: y, source: $input.x}]}
          - type: parallel
            name: both
            branches:
              - steps:
                  - {type: pass, name: q, outputMappings: [{target: z, source: 1}]}
        """,
        {"xs": [1, 2]},
    )
    assert output(execution) == {}


def test_a_parallels_local_is_the_list_of_its_branches_locals() -> None:
    execution = run_flow(
        """
        steps:
          - type: parallel
            name: both
            branches:
              - steps:
                  - {type: pass, name: a, outputMappings: [{target: result, source: pass1}]}
              - steps:
                  - {type: pass, name: b, outputMappings: [{target: result, source: pass2}]}
            outputMappings: [{target: result, source: "$local[*].result"}]
        """
    )
    assert output(execution) == {"result": ["pass1", "pass2"]}


EACH = """
steps:
  - type: foreach
    name: each
    iterationMapping: {collection: $.xs, item: x}
    steps:
      - {type: pass, name: p, outputMappings: [{target: y, source: $input.x}]}
    outputMappings: [{target: ys, source: "$local[*].y"}]
"""


def test_more_items_than_may_run_at_once_are_an_error_or_queue() -> None:
    items = {"xs": list(range(5))}
    limits = Limits(foreach_iterations=4)
    execution = run_flow(EACH, items, limits=limits)
    assert execution.error == "FnF.ConcurrencyLimitExceeded"
    queue = Switches(foreach_over_limit="queue")
    assert output(run_flow(EACH, items, limits=limits, switches=queue)) == {"ys": items["xs"]}


def test_a_queueing_foreach_runs_no_more_than_the_limit_at_once() -> None:
    text = EACH.replace(
        "{type: pass, name: p, outputMappings: [{target: y, source: $input.x}]}",
        "{type: wait, name: w, duration: 10}",
    ).replace('outputMappings: [{target: ys, source: "$local[*].y"}]', "")
    execution = run_flow(
        text,
        {"xs": list(range(6))},
        limits=Limits(foreach_iterations=2),
        switches=Switches(foreach_over_limit="queue"),
    )
    output(execution)
    assert execution.stopped_at is not None
    assert 30 <= execution.stopped_at - execution.started_at < 40


def test_too_many_branches_are_an_error() -> None:
    execution = run_flow(
        """
        steps:
          - type: parallel
            name: both
            branches:
              - steps: [{type: pass, name: a}]
              - steps: [{type: pass, name: b}]
        """,
        limits=Limits(parallel_branches=1),
    )
    assert execution.error == "FnF.ConcurrencyLimitExceeded"


def test_an_empty_collection_is_fine_or_an_error() -> None:
    assert output(run_flow(EACH, {"xs": []})) == {"ys": []}
    strict = run_flow(EACH, {"xs": []}, switches=Switches(foreach_over_empty="error"))
    assert strict.error == "FnF.EvaluationError"


def test_a_collection_that_is_no_list_is_an_error() -> None:
    execution = run_flow(EACH, {"xs": "abc"})
    assert execution.error == "FnF.EvaluationError"
    assert "a string" in execution.cause


FAILING = """
steps:
  - type: foreach
    name: each
    iterationMapping: {collection: $.xs, item: x}
    steps:
      - type: wait
        name: pause
        duration: $.x
      - type: choice
        name: bad
        choices:
          - condition: $.x == 1
            steps: [{type: fail, name: refuse, error: Bad}]
      - {type: pass, name: survived}
"""


@pytest.mark.parametrize(
    ("failing_iteration", "survivors"), [("fail_after_all", 1), ("cancel_others", 0)]
)
def test_a_failing_iteration_lets_the_others_end_or_cancels_them(
    failing_iteration: Json, survivors: int
) -> None:
    execution = run_flow(
        FAILING, {"xs": [1, 5]}, switches=Switches(failing_iteration=failing_iteration)
    )
    assert (execution.status, execution.error) == ("Failed", "Bad")
    assert [e.step for e in events(execution) if e.type == "StepExited"].count(
        "survived"
    ) == survivors


def test_a_wait_takes_cloud_time_only() -> None:
    execution = run_flow("steps: [{type: wait, name: w, duration: $.s}]", {"s": 172_800})
    assert execution.status == "Succeeded"
    assert execution.stopped_at is not None
    assert execution.stopped_at - execution.started_at >= 172_800


def test_a_wait_until_a_moment_that_has_passed_ends_at_once() -> None:
    execution = run_flow(
        "steps: [{type: wait, name: w, timestamp: $.at}]", {"at": "2001-02-03T04:05:06Z"}
    )
    assert execution.status == "Succeeded"
    assert execution.stopped_at is not None
    assert execution.stopped_at - execution.started_at < 5


@pytest.mark.parametrize("duration", [-1, 172_801, "soon", None, True, [1]])
def test_a_wait_for_no_number_or_too_long_is_an_error(duration: Json) -> None:
    execution = run_flow("steps: [{type: wait, name: w, duration: $.s}]", {"s": duration})
    assert execution.error == "FnF.EvaluationError"


@pytest.mark.parametrize("moment", ["tomorrow", "2030-01-01T00:00:00", 5])
def test_a_wait_until_no_moment_is_an_error(moment: Json) -> None:
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


def test_a_step_whose_data_is_too_large_fails_the_execution_and_nothing_catches_that() -> None:
    execution = run_flow(
        """
        steps:
          - type: task
            name: big
            resourceArn: acs:fc:::services/s/functions/big
            catch: [{errors: [FnF.ALL], goto: safe}]
          - {type: pass, name: safe}
        """,
        functions={"big": lambda _: {"x": "x" * 17_000}},
    )
    assert (execution.status, execution.error) == ("Failed", "FnF.PayloadTooLarge")
    assert "step big" in execution.cause


def test_sizes_count_bytes_or_escaped_text() -> None:
    given = {"x": "解" * 4_000}  # 12,000 bytes as UTF-8, 24,000 escaped
    text = "steps: [{type: pass, name: p, outputMappings: [{target: y, source: $input.x}]}]"
    assert run_flow(text, given).status == "Succeeded"
    escaped = run_flow(text, given, switches=Switches(size_measure="escaped"))
    assert escaped.error == "FnF.PayloadTooLarge"


def test_an_input_beyond_the_event_limit_calls_no_function() -> None:
    async def play(cloud: Cloud) -> tuple[str, int]:
        cloud.flow(f"steps: [{{type: task, name: t, {ECHO}}}]")
        execution = await cloud.run({"x": "x" * 32_768})
        return execution.error, len(cloud.functions.calls)

    assert scenario(play, functions={"echo": lambda _: {}}) == ("FnF.PayloadTooLarge", 0)


def test_an_execution_that_uses_up_its_events_fails_at_the_limit() -> None:
    execution = run_flow(
        """
        steps:
          - {type: pass, name: again}
          - type: choice
            name: always
            choices: [{condition: $.x == 1, goto: again}]
        """,
        {"x": 1},
    )
    assert (execution.status, execution.error) == ("Failed", "FnF.EventLimitExceeded")
    assert len(execution.history) == 5_000
    assert events(execution)[-1].type == "ExecutionFailed"


def test_a_limit_in_one_branch_ends_the_others_at_once() -> None:
    execution = run_flow(
        """
        steps:
          - type: parallel
            name: both
            branches:
              - steps: [{type: wait, name: long, duration: 1000}]
              - steps:
                  - type: pass
                    name: big
                    outputMappings: [{target: a, source: $input}, {target: b, source: $input}]
        """,
        {"x": "x" * 12_000},
    )
    assert execution.error == "FnF.PayloadTooLarge"
    assert execution.stopped_at is not None
    assert execution.stopped_at - execution.started_at < 100


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


def test_step_entries_are_paced_in_cloud_time_when_a_rate_is_set() -> None:
    execution = run_flow(
        EACH,
        {"xs": list(range(100))},
        limits=Limits(step_entries_per_second=10),
    )
    output(execution)
    assert execution.stopped_at is not None
    # 101 entries: ten at once, then ten a second
    assert 9 <= execution.stopped_at - execution.started_at < 15
