"""Foreach and parallel: their branches' input and output, and how the branches interact."""

from __future__ import annotations

import pytest

from localcloud.settings import Limits, Switches
from tests.localcloud.fnf.harness import EACH, Json, events, output, run_flow


def test_a_foreach_passes_each_iteration_its_item_and_collects_the_locals_in_order() -> None:
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


def test_a_collection_that_is_not_a_list_is_an_error() -> None:
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
