"""A loop that does not check its event id is found, however it is made."""

from __future__ import annotations

import pytest

from tests.fdl.flows import flow
from tests.fdl.lint import places

LOOP = """
- {type: pass, name: start%s}
- {type: pass, name: work%s}
- type: choice
  name: check
  inputMappings:
    - {target: end, source: $input.end}%s
  choices:
    - condition: %s
      goto: done
  default: {goto: work}
- {type: pass, name: done}
"""
COUNT = ", outputMappings: [{target: n, source: $context.step.eventId}]"


def loop(*, start: str = "", work: str = "", line: str = "", condition: str = "$.end") -> str:
    line = f"\n    - {line}" if line else ""
    return flow(LOOP % (start, work, line, condition))


@pytest.mark.parametrize(
    "text",
    [
        loop(line="{target: id, source: $context.step.eventId}", condition="$.id >= 4000"),
        loop(
            line="{target: id, source: $context.step.eventId}",
            condition="$.end || (4000 < $.id && $.end)",
        ),
        loop(
            line="{target: id, source: $local.b}",
            condition="$.id >= 4000",
            work=", inputMappings: [{target: b, source: $input.a}], "
            "outputMappings: [{target: a, source: $context.step.eventId}]",
        ),
        loop(work=COUNT, line="{target: id, source: $local.n}", condition="$.id >= $.end"),
        flow(
            """
            - {type: choice, name: a, choices: [{condition: $.x, goto: b}]}
            - {type: pass, name: b}
            """
        ),
    ],
)
def test_a_guarded_loop_compares_its_event_id(text: str) -> None:
    assert not places(text, "loop-without-guard")


@pytest.mark.parametrize(
    "text",
    [
        loop(),
        loop(line="{target: id, source: $context.step.eventId}"),
        loop(line="{target: id, source: $context.step.eventId}", condition="$.id == 4000"),
        loop(line="{target: id, source: $local.page}", condition="$.id >= 4000"),
        loop(start=COUNT, line="{target: id, source: $local.n}", condition="$.id >= 4000"),
    ],
)
def test_a_loop_that_does_not_check_its_event_id_is_found(text: str) -> None:
    assert places(text, "loop-without-guard") == ["steps.check.default.goto"]


def test_a_catch_can_make_a_loop_too() -> None:
    text = flow(
        "- {type: task, name: a, action: 'a:B', catch: [{errors: [E], goto: b}], end: true}\n"
        "- {type: task, name: b, action: 'a:B', catch: [{errors: [E], goto: a}]}"
    )
    assert places(text, "loop-without-guard") == ["steps.b.catch[0].goto"]


def test_a_guard_may_stand_deep_in_the_loop() -> None:
    text = flow(
        """
        - type: foreach
          name: each
          iterationMapping: {collection: $.list, item: item}
          steps:
            - type: choice
              name: guard
              inputMappings: [{target: id, source: $context.step.eventId}]
              choices: [{condition: $.id > 4000, steps: [{type: fail, name: stop}]}]
              default: {}
        - {type: choice, name: again, choices: [{condition: $.more, goto: each}], default: {}}
        """
    )
    assert not places(text, "loop-without-guard")


def test_an_edge_into_a_loop_is_not_an_edge_back() -> None:
    text = flow(
        """
        - {type: choice, name: start, choices: [{condition: $.x, goto: enter}], default: {}}
        - {type: choice, name: first, choices: [{condition: $.x}], default: {goto: next}, end: true}
        - {type: choice, name: enter, choices: [{condition: $.x}], default: {goto: first}}
        - {type: pass, name: last, end: true}
        - {type: choice, name: next, choices: [{condition: $.x, goto: first}], default: {}}
        """
    )
    assert places(text, "loop-without-guard") == ["steps.next.choices[0].goto"]


def test_an_unreachable_loop_needs_no_guard() -> None:
    text = flow(
        """
        - {type: succeed, name: a}
        - {type: choice, name: b, choices: [{condition: $.x, goto: b}], default: {}}
        """
    )
    assert not places(text, "loop-without-guard")


def test_a_loop_with_two_edges_back_is_found_once() -> None:
    text = flow(
        """
        - {type: pass, name: a}
        - type: choice
          name: b
          choices: [{condition: $.x, goto: a}, {condition: $.y, goto: a}]
          default: {}
        """
    )
    assert places(text, "loop-without-guard") == ["steps.b.choices[0].goto"]
