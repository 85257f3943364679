"""Keys that nothing provides are found where the definition alone shows it, and only there."""

from __future__ import annotations

import pytest

from tests.fdl.flows import flow
from tests.fdl.lint import places

HEAD = "version: v1\ntype: flow\ninputMappings: [{target: given, source: $input.given}]"
MAKER = "- {type: pass, name: maker, outputMappings: [{target: made, source: 1}]}\n"
# case: where, steps
NOT_PROVIDED = {
    "duration": (
        "steps.a.duration",
        "- {type: wait, name: a, duration: $.other}",
    ),
    "timestamp": (
        "steps.a.timestamp",
        "- {type: wait, name: a, timestamp: $.other}",
    ),
    "made too late": (
        "steps.a.duration",
        f"- {{type: wait, name: a, duration: $.made}}\n{MAKER}",
    ),
    "collection": (
        "steps.a.iterationMapping.collection",
        """
        - type: foreach
          name: a
          iterationMapping: {collection: $.other, item: x}
          steps: [{type: pass, name: b}]
        """,
    ),
    "condition": (
        "steps.a.choices[0].condition",
        "- {type: choice, name: a, default: {}, choices: [{condition: '$.given && $.other'}]}",
    ),
    "not mapped on": (
        "steps.a.choices[0].condition",
        """
        - type: choice
          name: a
          inputMappings: [{target: x, source: $input.given}]
          choices: [{condition: $.given}]
        """,
    ),
    "in the input, not in the local": (
        "steps.a.inputMappings[0].source",
        "- {type: pass, name: a, inputMappings: [{target: x, source: $local.given}]}",
    ),
    "in the local, not in the input": (
        "steps.a.inputMappings[0].source",
        f"{MAKER}- {{type: pass, name: a, inputMappings: [{{target: x, source: $input.made}}]}}",
    ),
    "a pass step has no local": (
        "steps.a.outputMappings[0].source",
        "- {type: pass, name: a, outputMappings: [{target: x, source: $local.given}]}",
    ),
    "the local of a parallel step is a list": (
        "steps.a.outputMappings[0].source",
        """
        - type: parallel
          name: a
          outputMappings: [{target: x, source: $local.made}]
          branches: [{steps: [{type: pass, name: b, outputMappings: [{target: made, source: 1}]}]}]
        """,
    ),
    "no branch of the choice leaves it": (
        "steps.a.outputMappings[0].source",
        """
        - type: choice
          name: a
          default: {}
          outputMappings: [{target: x, source: $local.y}]
          choices: [{condition: $.given, steps: [{type: wait, name: b, duration: 1}]}]
        """,
    ),
    "in an iteration": (
        "steps.a.steps.b.duration",
        """
        - type: foreach
          name: a
          iterationMapping: {collection: $.given, item: x}
          steps: [{type: wait, name: b, duration: $.y}]
        """,
    ),
}
PROVIDED = {
    "the flow's mappings": "- {type: wait, name: a, duration: $.given}",
    "an earlier step": f"{MAKER}- {{type: wait, name: a, duration: $.made}}",
    "an earlier step, through a mapping": (
        f"{MAKER}- {{type: pass, name: a, inputMappings: [{{target: x, source: $local.made}}]}}"
    ),
    "a task's result, which may hold anything": """
        - {type: task, name: t, action: 'a:B'}
        - {type: wait, name: a, duration: $.other}
        """,
    "a later step, on the way round": """
        - {type: choice, name: a, choices: [{condition: $.made, goto: z}], default: {}}
        - {type: pass, name: m, outputMappings: [{target: made, source: 1}]}
        - {type: choice, name: b, choices: [{condition: $.made, goto: a}], default: {}}
        - {type: pass, name: z}
        """,
    "a branch, through its choice": """
        - type: choice
          name: c
          default: {}
          choices:
            - condition: $.given
              steps: [{type: pass, name: b, outputMappings: [{target: made, source: 1}]}]
        - {type: wait, name: a, duration: $.made}
        """,
    "the iteration's item and index": """
        - type: foreach
          name: a
          iterationMapping: {collection: $.given, item: x, index: i}
          steps:
            - {type: choice, name: b, default: {}, choices: [{condition: $.x > $.i && $.given}]}
        """,
    "a caught error": """
        - type: task
          name: t
          action: a:B
          outputMappings: []
          catch: [{errors: [E], goto: a}]
          errorMappings: [{target: cause, source: $local.cause}]
        - {type: choice, name: a, default: {}, choices: [{condition: $.cause == "x"}]}
        """,
    "the parallel step's branches, as a list": """
        - type: parallel
          name: a
          outputMappings: [{target: x, source: '$local[*].made'}]
          branches: [{steps: [{type: pass, name: b, outputMappings: [{target: made, source: 1}]}]}]
        """,
    "nobody, but nobody comes here": """
        - {type: succeed, name: s}
        - {type: wait, name: a, duration: $.other}
        """,
}


@pytest.mark.parametrize("case", NOT_PROVIDED)
def test_a_key_that_nothing_provides_is_found(case: str) -> None:
    where, steps = NOT_PROVIDED[case]
    assert places(flow(steps, HEAD), "key-not-provided") == [where]


@pytest.mark.parametrize("case", PROVIDED)
def test_a_key_that_something_may_provide_is_not_found(case: str) -> None:
    assert not places(flow(PROVIDED[case], HEAD), "key-not-provided")


def test_the_flows_own_mappings_are_checked_too() -> None:
    head = (
        "version: v1\ntype: flow\ninputMappings: [{target: x, source: $local.y}]\n"
        "outputMappings: [{target: z, source: $local.made}, {target: w, source: $local.other}]"
    )
    assert places(flow(MAKER, head), "key-not-provided") == [
        "inputMappings[0].source",
        "outputMappings[1].source",
    ]
