"""Every fault in a definition is named with its line and place, and nothing else is raised."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fdl.errors import SYNTAX_RULES, FlowSyntaxError, Problem, SyntaxRule
from fdl.parse import examine, parse
from fdl.semantics import Semantics
from tests.fdl.flows import ARTICLE, article, flow, step, task
from tests.fdl.values import JSON

STRICT = Semantics()
HEAD = "version: v1\ntype: flow"
PASS = "- {type: pass, name: a}"
INNER = "steps: [{type: pass, name: b}]"

# Inputs that break each rule in each way: definition, rule, place.
BROKEN_FLOWS: list[tuple[str, SyntaxRule, str]] = [
    ("", "wrong-type", "$"),
    ("a: [", "yaml", "$"),
    ("a: \x07", "yaml", "$"),
    ('a: "\\UFFFFFFFF"', "yaml", "$"),
    ("a: b\n---\nc: d", "yaml", "$"),
    ("[" * 5000, "yaml", "$"),
    ("a: " + "[" * 80 + "]" * 80, "yaml", "$"),
    (flow("- &a {type: pass, name: a, outputMappings: [*a]}"), "yaml", "$"),
    (flow(PASS, f"{HEAD}\nname: x"), "unknown-field", "name"),
    (HEAD, "missing-field", "$"),
    (flow(PASS, "type: flow"), "missing-field", "$"),
    (flow(PASS, "version: v1"), "missing-field", "$"),
    (flow("- {name: a}"), "missing-field", "steps.a"),
    (flow("- {type: pass}"), "missing-field", "steps[0]"),
    (flow("- step"), "wrong-type", "steps[0]"),
    (flow("- {type: pass, name: 1}"), "wrong-type", "steps.1.name"),
    (flow("- {type: pass, name: ''}"), "bad-value", "steps[0].name"),
    (flow(PASS, "version: v2\ntype: flow"), "bad-value", "$"),
    (flow(PASS, "version: v1\ntype: graph"), "bad-value", "$"),
    (f"{HEAD}\nsteps: []", "bad-value", "steps"),
    (flow(PASS, f"{HEAD}\ntimeoutSeconds: 31536001"), "bad-value", "timeoutSeconds"),
    (flow(f"{PASS}\n{PASS}"), "duplicate-name", "steps.a"),
    (flow("- {type: loop, name: a, steps: []}"), "not-supported", "steps.a"),
]
# The same for the fields of one step: its type and fields, rule, place in the step.
BROKEN_STEPS: list[tuple[str, str, SyntaxRule, str]] = [
    ("pass", "name: b", "yaml", ".name"),
    ("pass", "end: !!int yes", "yaml", ".end"),
    ("pass", "end: !Ref x", "yaml", ".end"),
    ("task", "action: 'fnf:A', timeoutSeconds: .inf", "yaml", ".timeoutSeconds"),
    ("task", "action: 'fnf:A', serviceParams: {1: a}", "yaml", ".serviceParams"),
    ("task", "action: 'fnf:A', serviceParams: !!set {a}", "yaml", ".serviceParams"),
    ("task", "action: 'fnf:A', serviceParams: {a: \"\\uD800\"}", "yaml", ".serviceParams.a"),
    ("pass", "extra: 1", "unknown-field", ".extra"),
    ("succeed", "end: true", "unknown-field", ".end"),
    ("fail", "end: true", "unknown-field", ".end"),
    (
        "pass",
        "outputMappings: [{target: a, source: 1, from: b}]",
        "unknown-field",
        ".outputMappings[0].from",
    ),
    ("task", "pattern: sync", "missing-field", ""),
    ("wait", "end: true", "missing-field", ""),
    ("choice", "end: true", "missing-field", ""),
    ("choice", "choices: [{}]", "missing-field", ".choices[0]"),
    ("parallel", "branches: [{}]", "missing-field", ".branches[0]"),
    ("foreach", INNER, "missing-field", ""),
    ("foreach", f"iterationMapping: {{item: i}}, {INNER}", "missing-field", ".iterationMapping"),
    ("pass", "outputMappings: [{source: b}]", "missing-field", ".outputMappings[0]"),
    ("pass", "end: 'true'", "wrong-type", ".end"),
    ("jump", "end: true", "wrong-type", ""),
    ("wait", "duration: 1.5", "wrong-type", ".duration"),
    ("choice", "choices: [{condition: true}]", "wrong-type", ".choices[0].condition"),
    ("choice", "choices: [{condition: $.a}], default:", "wrong-type", ".default"),
    ("wait", "duration: 1, timestamp: $.t", "bad-value", ""),
    ("wait", "duration: -1", "bad-value", ".duration"),
    ("wait", "timestamp: '2030-02-31T12:00:00Z'", "bad-value", ".timestamp"),
    ("wait", "timestamp: '2030-01-31 12:00:00'", "bad-value", ".timestamp"),
    (
        "foreach",
        f"iterationMapping: {{collection: $.c, item: i, index: i}}, {INNER}",
        "bad-value",
        "",
    ),
    ("wait", "duration: 1 hour", "bad-path", ".duration"),
    ("wait", "duration: $input.d", "bad-path", ".duration"),
    (
        "pass",
        "outputMappings: [{target: b, source: $inputs.x}]",
        "bad-path",
        ".outputMappings[0].source",
    ),
    (
        "pass",
        "outputMappings: [{target: b, source: $local.a-b}]",
        "bad-path",
        ".outputMappings[0].source",
    ),
    ("choice", "choices: [{condition: $.a = 1}]", "bad-condition", ".choices[0].condition"),
    ("choice", "choices: [{condition: '!$.a'}]", "bad-condition", ".choices[0].condition"),
    ("task", "resourceArn: 'acs:fc:::services/<s>/functions/f'", "bad-arn", ".resourceArn"),
    ("task", "resourceArn: 'acs:fnf:::flows/f'", "bad-arn", ".resourceArn"),
    ("task", "resourceArn: f", "bad-arn", ".resourceArn"),
    ("task", "action: StartExecution", "bad-arn", ".action"),
    (
        "choice",
        "choices: [{condition: $.b, steps: [{type: pass, name: b}], goto: b}]",
        "goto-no-sibling",
        ".choices[0].goto",
    ),
    (
        "parallel",
        "branches: [{steps: [{type: pass, name: a}]}]",
        "duplicate-name",
        ".branches[0].steps.a",
    ),
]
# The same for a task that is followed by a step named next.
BROKEN_TASKS: list[tuple[str, SyntaxRule, str]] = [
    ("action: 'fnf:StartExecution'", "bad-value", ""),
    ("pattern: async", "bad-value", ".pattern"),
    ("timeoutSeconds: 0", "bad-value", ".timeoutSeconds"),
    ("timeoutSeconds: 1.5", "wrong-type", ".timeoutSeconds"),
    ("serviceParams: [a]", "wrong-type", ".serviceParams"),
    ("serviceParams: {Input: $.}", "bad-path", ".serviceParams.Input"),
    ("retry: {errors: [E]}", "wrong-type", ".retry"),
    ("retry: [{maxAttempts: 1}]", "missing-field", ".retry[0]"),
    ("retry: [{errors: []}]", "bad-value", ".retry[0].errors"),
    ("retry: [{errors: [1]}]", "wrong-type", ".retry[0].errors[0]"),
    ("retry: [{errors: [E], multiplier: two}]", "wrong-type", ".retry[0].multiplier"),
    ("retry: [{errors: [E], multiplier: 0.5}]", "bad-value", ".retry[0].multiplier"),
    ("retry: [{errors: [E], maxAttempts: -1}]", "bad-value", ".retry[0].maxAttempts"),
    ("retry: [{errors: [E], intervalSeconds: 86401}]", "bad-value", ".retry[0].intervalSeconds"),
    (
        "retry: [{errors: [E], maxIntervalSeconds: 86401}]",
        "bad-value",
        ".retry[0].maxIntervalSeconds",
    ),
    ("catch: [{errors: [E]}]", "missing-field", ".catch[0]"),
    ("catch: [{errors: [E], goto: nowhere}]", "goto-no-sibling", ".catch[0].goto"),
    ("catch: [{errors: [E], goto: next, steps: []}]", "not-supported", ".catch[0].steps"),
    ("errorMappings: [{target: e, source: $local.error}]", "bad-value", ""),
    (
        "catch: [{errors: [E], goto: next}], errorMappings: [{target: e, source: $local.x}]",
        "bad-path",
        ".errorMappings",
    ),
]
BROKEN: list[tuple[str, SyntaxRule, str]] = [
    *BROKEN_FLOWS,
    *((step(kind, more), rule, f"steps.a{where}") for kind, more, rule, where in BROKEN_STEPS),
    *((task(more), rule, f"steps.call{where}") for more, rule, where in BROKEN_TASKS),
]


def problems(text: str, semantics: Semantics = STRICT) -> list[tuple[str, str]]:
    """Rule and place of each problem."""
    with pytest.raises(FlowSyntaxError) as error:
        parse(text, semantics)
    return [(problem.rule, problem.where) for problem in error.value.problems]


@pytest.mark.parametrize(("text", "rule", "where"), BROKEN)
def test_a_fault_is_named_with_its_rule_and_place(text: str, rule: str, where: str) -> None:
    assert problems(text) == [(rule, where)]


def test_every_rule_of_the_parser_can_be_broken() -> None:
    assert {rule for _, rule, _ in BROKEN} == set(SYNTAX_RULES)


def test_all_faults_are_found_at_once_in_the_order_of_their_lines() -> None:
    text = """version: v3
type: flow
steps:
  - type: task
    name: call
    retry:
      - errors: E
        intervalSeconds: soon
  - type: wait
    name: sleep
    duration: 5
    until: later
  - type: choice
    name: call
    choices:
      - condition: $.a ==
        goto: elsewhere
"""
    with pytest.raises(FlowSyntaxError) as error:
        parse(text)
    assert [(problem.line, problem.rule) for problem in error.value.problems] == [
        (1, "bad-value"),
        (4, "missing-field"),
        (7, "wrong-type"),
        (8, "wrong-type"),
        (12, "unknown-field"),
        (13, "duplicate-name"),
        (16, "bad-condition"),
        (17, "goto-no-sibling"),
    ]
    assert "line 12: steps.sleep.until: there is no field until here" in str(error.value)


def test_a_problem_reads_as_one_line() -> None:
    assert str(Problem(3, "steps.a", "is wrong")) == "line 3: steps.a: is wrong"


def test_a_tag_of_another_tool_is_one_problem_not_two() -> None:
    text = step("task", "resourceArn: !Ref Service/function")
    assert problems(text) == [("yaml", "steps.a.resourceArn")]


def test_aliases_are_fine_while_they_stay_small() -> None:
    text = flow(
        """
        - {type: wait, name: a, duration: 1, outputMappings: &out [{target: x, source: 1}]}
        - {type: wait, name: b, duration: 1, outputMappings: *out}
        """
    )
    assert len(parse(text).steps.steps) == 2
    bomb = "a: &a0 [x, x]\n" + "".join(
        f"b{n}: &a{n + 1} [*a{n}, *a{n}, *a{n}, *a{n}]\n" for n in range(20)
    )
    assert ("yaml", "$") in problems(bomb)


@pytest.mark.parametrize(
    ("text", "semantics"),
    [
        (
            flow("- {type: pass, name: a}", "version: v1beta1\ntype: flow"),
            Semantics(version_v1beta1="reject"),
        ),
        (
            flow("- {type: task, name: a, resourceArn: 'acs:fc:::functions/f'}"),
            Semantics(fc3_arn="reject"),
        ),
    ],
)
def test_what_is_accepted_by_default_can_be_rejected(text: str, semantics: Semantics) -> None:
    assert parse(text)
    assert len(problems(text, semantics)) == 1


@pytest.mark.parametrize(
    ("text", "semantics"),
    [
        (flow("- {type: pass, name: a, extra: 1}"), Semantics(unknown_field="warn")),
        (
            flow("- type: parallel\n  name: a\n  branches: [{steps: [{type: pass, name: a}]}]"),
            Semantics(duplicate_step_names="allow"),
        ),
        (
            flow("- {type: choice, name: a, choices: [{condition: '!$.a'}]}"),
            Semantics(undocumented_operators="allow"),
        ),
    ],
)
def test_what_is_rejected_by_default_can_be_accepted(text: str, semantics: Semantics) -> None:
    assert len(problems(text)) == 1
    assert parse(text, semantics)


def test_one_series_never_holds_a_name_twice() -> None:
    text = flow("- {type: pass, name: a}\n- {type: pass, name: a}")
    assert problems(text, Semantics(duplicate_step_names="allow")) == [
        ("duplicate-name", "steps.a")
    ]


def parses_or_explains(text: str) -> None:
    parsed = examine(text)
    assert parsed.problems or parsed.flow
    assert all(problem.line >= 1 and problem.message for problem in parsed.problems)


FIELD_NAMES = (
    st.sampled_from(["version", "type", "steps", "name", "resourceArn", "action", "pattern", "end"])
    | st.sampled_from(["serviceParams", "retry", "catch", "errors", "goto", "target", "source"])
    | st.sampled_from(["inputMappings", "outputMappings", "choices", "condition", "default"])
    | st.sampled_from(["branches", "duration", "timestamp", "iterationMapping", "collection"])
    | st.sampled_from(["item", "index", "timeoutSeconds"])
)
FIELD_VALUES = (
    JSON
    | st.sampled_from(["task", "pass", "wait", "choice", "foreach", "parallel", "fail", "v1"])
    | st.sampled_from(["$.a", "$input.a", "a", 1, '$.a == "b"', "acs:fnf:::flow/f", "flow"])
)
FLOW_LIKE = st.recursive(
    FIELD_VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELD_NAMES, inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=200)
@given(FLOW_LIKE)
def test_any_document_parses_or_is_explained(document: object) -> None:
    parses_or_explains(yaml.safe_dump(document))


@settings(max_examples=200)
@given(st.lists(st.dictionaries(FIELD_NAMES, FLOW_LIKE, max_size=6), max_size=3))
def test_any_steps_parse_or_are_explained(document: list[object]) -> None:
    parses_or_explains(yaml.safe_dump({"version": "v1", "type": "flow", "steps": document}))


@given(st.text() | st.text(alphabet="ab:-[]{}&*!%@\"'\\#|>?,~ \n\t01.xuU"))
def test_any_text_parses_or_is_explained(text: str) -> None:
    parses_or_explains(text)


@given(st.data())
def test_any_damage_to_the_articles_flow_is_explained(data: st.DataObject) -> None:
    text = article(data.draw(st.sampled_from(ARTICLE)))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    parses_or_explains(text[:start] + data.draw(st.text(max_size=5)) + text[end:])
