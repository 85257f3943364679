"""The linter copes with any text, and finds the faults of the article's flows."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fdl.errors import SYNTAX_RULES
from fdl.lint import RULES, Finding, lint
from tests.fdl.broken import BROKEN
from tests.fdl.flows import ARTICLE, article, flow
from tests.fdl.lint import rules
from tests.fdl.values import FIELD_NAMES, FLOW_LIKE


def test_the_articles_main_flow_lacks_an_event_guard_and_relies_on_strings() -> None:
    assert rules(article("main_restore_flow")) == [
        (46, "boolean-as-string", "steps.checkEmpty.choices[0].condition"),
        (61, "boolean-as-string", "steps.checkEnd.choices[0].condition"),
        (64, "loop-without-guard", "steps.checkEnd.default.goto"),
    ]


def test_the_articles_child_flow_lacks_a_default_and_an_event_guard() -> None:
    assert rules(article("restore_flow")) == [
        (35, "choice-without-default", "steps.CheckJobComplete"),
        (44, "loop-without-guard", "steps.CheckJobComplete.choices[1].goto"),
    ]


def test_a_definition_that_is_too_large_is_refused() -> None:
    text = flow("- {type: pass, name: ä}")
    size = len(text.encode())
    assert not lint(text, max_bytes=size)
    assert [finding.rule for finding in lint(text, max_bytes=size - 1)] == ["definition-too-large"]
    assert not lint(text + "#" * 1_000_000)
    assert lint(text + "#" * 1_048_576)[0].rule == "definition-too-large"


def test_a_comment_suppresses_warnings_on_its_own_line_only() -> None:
    risky = '- {type: choice, name: %s, default: {}, choices: [{condition: $.x == "true"}]}'
    text = flow(f"{risky % 'a'} # lint: ignore boolean-as-string\n{risky % 'b'}")
    assert rules(text) == [(5, "boolean-as-string", "steps.b.choices[0].condition")]


def test_no_comment_suppresses_an_error() -> None:
    text = flow("- {type: pass, name: a, extra: 1} # lint: ignore unknown-field")
    assert rules(text) == [(4, "unknown-field", "steps.a.extra")]


@pytest.mark.parametrize(("text", "rule", "where"), BROKEN)
def test_the_parsers_problems_are_findings(text: str, rule: str, where: str) -> None:
    assert (rule, where, "error") in [
        (finding.rule, finding.where, finding.severity) for finding in lint(text)
    ]


def test_a_harmless_fault_does_not_hide_the_rest() -> None:
    text = flow(
        "- {type: pass, name: a, extra: 1}\n- {type: succeed, name: b}\n- {type: pass, name: c}"
    )
    assert rules(text) == [
        (4, "unknown-field", "steps.a.extra"),
        (6, "unreachable-step", "steps.c"),
    ]


def test_a_finding_reads_as_one_line() -> None:
    finding = Finding(3, "steps.a", "unreachable-step", "warning", "no run ever reaches it")
    assert str(finding) == "line 3: warning: steps.a: no run ever reaches it [unreachable-step]"


def test_the_table_of_rules_describes_each_rule_once() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    assert set(SYNTAX_RULES) < set(ids)
    assert all(rule.description.endswith(".") for rule in RULES)


@given(st.lists(st.dictionaries(FIELD_NAMES, FLOW_LIKE, max_size=6), max_size=3))
def test_any_steps_can_be_linted(document: list[object]) -> None:
    text = yaml.safe_dump({"version": "v1", "type": "flow", "steps": document})
    findings = lint(text)
    assert all(1 <= finding.line <= text.count("\n") + 1 for finding in findings)


NAMES = st.sampled_from("abcd")
GOTO: st.SearchStrategy[dict[str, str]] = st.just({}) | NAMES.map(lambda name: {"goto": name})
CONDITIONS = st.sampled_from(["$.x", "$.y == true", '$.x == "true"', "$.y >= 1", "$.x != $.y"])
FIELDS: dict[str, dict[str, object]] = {
    "pass": {},
    "succeed": {},
    "fail": {},
    "wait": {"duration": "$.x"},
    "task": {"action": "a:B"},
}


@st.composite
def whole_flows(draw: st.DrawFn, depth: int = 2) -> list[object]:
    """Generate steps that parse, except for gotos and names."""
    steps: list[object] = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from([*FIELDS, *(["choice", "foreach"] if depth else [])]))
        more = dict(FIELDS.get(kind, {}))
        if kind == "choice":
            inner = draw(whole_flows(depth - 1))
            more["choices"] = [{"condition": draw(CONDITIONS), **draw(GOTO)}]
            more["default"] = {"steps": inner, **draw(GOTO)}
        elif kind == "foreach":
            more["iterationMapping"] = {"collection": "$.x", "item": "x"}
            more["steps"] = draw(whole_flows(depth - 1))
        if draw(st.booleans()):
            source = draw(st.sampled_from([True, "$local.y", "$input.x"]))
            more["outputMappings"] = [{"target": "x", "source": source}]
        steps.append({"type": kind, "name": draw(NAMES), **more})
    return steps


@given(whole_flows())
def test_any_whole_flow_can_be_linted(steps: list[object]) -> None:
    text = yaml.safe_dump({"version": "v1", "type": "flow", "steps": steps})
    known = {rule.id for rule in RULES}
    for finding in lint(text):
        assert finding.rule in known
        assert finding.where == "$" or finding.line > 1


@given(st.sampled_from(ARTICLE), st.data())
def test_any_damage_to_the_articles_flow_can_be_linted(name: str, data: st.DataObject) -> None:
    lines = article(name).splitlines(keepends=True)
    del lines[data.draw(st.integers(0, len(lines) - 1))]
    assert isinstance(lint("".join(lines)), list)
