"""Every fault in a definition is reported with its line and place, and nothing else is raised."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fdl.errors import SYNTAX_RULES, FlowSyntaxError, Problem
from fdl.parse import examine, parse
from fdl.semantics import Semantics
from tests.fdl.broken import BROKEN
from tests.fdl.flows import ARTICLE, article, flow, step
from tests.fdl.values import FIELD_NAMES, FLOW_LIKE

STRICT = Semantics()


def problems(text: str, semantics: Semantics = STRICT) -> list[tuple[str, str]]:
    """Return rule and place of each problem."""
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


def test_a_fault_of_the_whole_document_hides_no_other() -> None:
    assert problems("version: v1\ntype: flow\n1: x") == [("missing-field", "$"), ("yaml", "$")]


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
def test_an_option_rejects_what_is_accepted_by_default(text: str, semantics: Semantics) -> None:
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
def test_an_option_accepts_what_is_rejected_by_default(text: str, semantics: Semantics) -> None:
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


@given(FLOW_LIKE)
def test_any_document_parses_or_is_explained(document: object) -> None:
    parses_or_explains(yaml.safe_dump(document))


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
