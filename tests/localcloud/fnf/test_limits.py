"""Limits of an execution: the bytes of a step, the events of its history, its step rate."""

from __future__ import annotations

from localcloud.settings import Limits, Switches
from tests.localcloud.fnf.harness import EACH, ECHO, Cloud, events, output, run_flow, scenario


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
