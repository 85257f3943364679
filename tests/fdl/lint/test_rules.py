"""Each rule finds what breaks it, at the right place, and nothing where it is kept."""

from __future__ import annotations

import pytest

from fdl.lint import RULES
from tests.fdl.broken import BROKEN
from tests.fdl.flows import TASK, flow, step, task
from tests.fdl.lint import places

NO_INPUT = "version: v1\ntype: flow\ninputMappings: []"
MAPPED = "inputMappings: [{target: a, source: $input.a}]"
CHOICE = "- {type: choice, name: c, default: {}, choices: [{condition: %s}], inputMappings: [%s]}"


def choice(condition: str, lines: str = "{target: a, source: $input.a}") -> str:
    return flow(CHOICE % (condition, lines))


# rule, a definition that breaks it, where, one that keeps it
CASES: list[tuple[str, str, str, str]] = [
    (
        "over-limit",
        step("wait", "duration: 172801"),
        "steps.a.duration",
        step("wait", "duration: 172800"),
    ),
    (
        "over-limit",
        step("parallel", f"branches: [{', '.join(['{steps: [{type: succeed, name: x}]}'] * 101)}]"),
        "steps.a.branches",
        step("parallel", f"branches: [{', '.join(['{steps: [{type: succeed, name: x}]}'] * 100)}]"),
    ),
    (
        "mapping-without-source",
        step("pass", "outputMappings: [{target: x, source: 1}, {target: y}]"),
        "steps.a.outputMappings[1]",
        step("pass", "outputMappings: [{target: x, source: ''}]"),
    ),
    (
        "mapping-without-source",
        task("catch: [{errors: [E], goto: next}], errorMappings: [{target: e}]"),
        "steps.call.errorMappings[0]",
        task("catch: [{errors: [E], goto: next}], errorMappings: [{target: e, source: 1}]"),
    ),
    (
        "mapping-without-source",
        flow("- {type: pass, name: a}", "version: v1\ntype: flow\ninputMappings: [{target: e}]"),
        "inputMappings[0]",
        flow("- {type: pass, name: a}", "version: v1\ntype: flow\ninputMappings: []"),
    ),
    (
        "unknown-context",
        task("inputMappings: [{target: x, source: $context.flow.version}]"),
        "steps.call.inputMappings[0].source",
        task("inputMappings: [{target: x, source: $context.flow.name}]"),
    ),
    (
        "service-param-not-mapped",
        task(f"{MAPPED}, serviceParams: {{Input: $, ExecutionName: $.name}}"),
        "steps.call.serviceParams.ExecutionName",
        task(f"{MAPPED}, serviceParams: {{Input: $, ExecutionName: $.a.name, Type: Sync}}"),
    ),
    (
        "service-param-not-mapped",
        flow(f"- {{{TASK}, serviceParams: {{ExecutionName: $.name}}}}", NO_INPUT),
        "steps.call.serviceParams.ExecutionName",
        task("serviceParams: {ExecutionName: $.name}"),
    ),
    (
        "service-param-by-default",
        task("serviceParams: {ExecutionName: $.name}"),
        "steps.call.serviceParams.ExecutionName",
        task(f"{MAPPED}, serviceParams: {{ExecutionName: $.a}}"),
    ),
    (
        "boolean-as-string",
        choice("'\"FALSE\" != $.a.b'"),
        "steps.c.choices[0].condition",
        choice("'\"FALSE\" != $.a.b' # lint: ignore paths-compared, boolean-as-string").replace(
            "}], input", "\n}], input"
        ),
    ),
    (
        "callback-without-token",
        task(f"pattern: waitForCallback, {MAPPED}"),
        "steps.call",
        task(
            "pattern: waitForCallback, "
            "inputMappings: [{target: token, source: $context.task.token}]"
        ),
    ),
    (
        "callback-without-token",
        task("pattern: waitForCallback"),
        "steps.call",
        task("pattern: sync"),
    ),
    (
        "unreachable-step",
        flow("- {type: pass, name: a, end: true}\n- {type: pass, name: b}"),
        "steps.b",
        flow("- {type: pass, name: a}\n- {type: pass, name: b, end: true}"),
    ),
    (
        "unreachable-step",
        flow("- {type: succeed, name: a}\n- {type: pass, name: b}"),
        "steps.b",
        task("end: true, catch: [{errors: [E], goto: next}]"),
    ),
    (
        "unreachable-step",
        flow(
            """
            - type: choice
              name: a
              choices: [{condition: $.x, goto: c}]
              default: {steps: [{type: fail, name: f}]}
            - {type: pass, name: b}
            - {type: pass, name: c}
            """
        ),
        "steps.b",
        flow(
            """
            - type: choice
              name: a
              choices: [{condition: $.x, goto: c}]
              default: {steps: [{type: succeed, name: f}]}
            - {type: pass, name: b}
            - {type: pass, name: c}
            """
        ),
    ),
    (
        "unreachable-step",
        flow(
            """
            - type: parallel
              name: a
              branches: [{steps: [{type: pass, name: x}]}, {steps: [{type: fail, name: f}]}]
            - {type: pass, name: b}
            """
        ),
        "steps.b",
        flow(
            """
            - type: parallel
              name: a
              branches: [{steps: [{type: pass, name: x}]}]
            - {type: pass, name: b}
            """
        ),
    ),
    (
        "unreachable-step",
        step("parallel", "branches: [{steps: [{type: fail, name: f}, {type: pass, name: g}]}]"),
        "steps.a.branches[0].steps.g",
        step("parallel", "branches: [{steps: [{type: pass, name: f}, {type: pass, name: g}]}]"),
    ),
    (
        "choice-without-default",
        step("choice", "choices: [{condition: $.x}]"),
        "steps.a",
        step("choice", "choices: [{condition: $.x}], default: {}"),
    ),
    (
        "error-never-matches",
        task("retry: [{errors: [A]}, {errors: [B, A]}]"),
        "steps.call.retry[1].errors[1]",
        task("retry: [{errors: [A]}, {errors: [B]}], catch: [{errors: [A], goto: next}]"),
    ),
    (
        "error-never-matches",
        task("catch: [{errors: [FnF.ALL], goto: next}, {errors: [B], goto: next}]"),
        "steps.call.catch[1].errors[0]",
        task("catch: [{errors: [B], goto: next}, {errors: [FnF.ALL], goto: next}]"),
    ),
    (
        "boolean-as-string",
        choice("'true == \"true\"'"),
        "steps.c.choices[0].condition",
        choice("'$.a == \"yes\" || $.a == true'"),
    ),
    (
        "boolean-as-string",
        choice("'1 < 2 && (\"false\" != false)'"),
        "steps.c.choices[0].condition",
        choice('\'1 < 2 && ("false" != "true")\''),
    ),
    (
        "boolean-as-string",
        choice('$.a == "true"', "{target: a, source: true}"),
        "steps.c.choices[0].condition",
        choice('$.a == "true"', "{target: a, source: 'true'}"),
    ),
    (
        "boolean-as-string",
        flow(
            """
            - {type: pass, name: init, outputMappings: [{target: end, source: false}]}
            - type: choice
              name: c
              inputMappings: [{target: done, source: $local.end}]
              choices: [{condition: $.done == "true"}]
            """
        ),
        "steps.c.choices[0].condition",
        flow(
            """
            - {type: pass, name: init, outputMappings: [{target: end, source: false}]}
            - {type: pass, name: b, outputMappings: [{target: end, source: $input.e}]}
            - {type: choice, name: c, choices: [{condition: $.end == "yes"}]}
            """
        ),
    ),
    (
        "boolean-as-string",
        flow(
            """
            - type: foreach
              name: each
              inputMappings: [{target: end, source: false}]
              iterationMapping: {collection: $.end, item: x}
              steps:
                - {type: choice, name: c, choices: [{condition: $.end == "true"}]}
            """
        ),
        "steps.each.steps.c.choices[0].condition",
        flow(
            """
            - type: foreach
              name: each
              inputMappings: [{target: end, source: false}]
              iterationMapping: {collection: $.end, item: x}
              steps:
                - {type: task, name: t, action: 'a:B'}
                - {type: choice, name: c, choices: [{condition: $.end == "yes"}]}
            """
        ),
    ),
    (
        "boolean-as-string",
        flow(
            """
            - {type: pass, name: a, outputMappings: [{target: end, source: false}]}
            - {type: pass, name: t, outputMappings: [{target: other, source: 1}]}
            - {type: choice, name: c, choices: [{condition: $.end == "true"}]}
            """
        ),
        "steps.c.choices[0].condition",
        flow(
            """
            - {type: pass, name: a, outputMappings: [{target: end, source: false}]}
            - {type: task, name: t, action: 'a:B'}
            - {type: choice, name: c, choices: [{condition: $.end == "yes"}]}
            """
        ),
    ),
    (
        "paths-compared",
        choice("$.a != $.a.b"),
        "steps.c.choices[0].condition",
        choice("$.a <= $.a.b && $.a == 1"),
    ),
    (
        "index-in-path",
        step("pass", "outputMappings: [{target: x, source: '$input.a[0].b'}]"),
        "steps.a.outputMappings[0].source",
        step("pass", "outputMappings: [{target: x, source: '$input.a[*].b'}]"),
    ),
    (
        "path-like-string",
        step("pass", "outputMappings: [{target: x, source: $.a}]"),
        "steps.a.outputMappings[0].source",
        step("pass", "outputMappings: [{target: x, source: a$}]"),
    ),
    (
        "path-like-string",
        step("pass", "outputMappings: [{target: x, source: [{a: $local.b}]}]"),
        "steps.a.outputMappings[0].source",
        step("pass", "outputMappings: [{target: x, source: [{a: b}]}]"),
    ),
    (
        "path-like-string",
        task("serviceParams: {Input: {a: $.b}}"),
        "steps.call.serviceParams.Input",
        task("serviceParams: {Input: {a: b}}"),
    ),
    (
        "numeric-string",
        step("wait", "duration: '10'"),
        "steps.a.duration",
        step("wait", "duration: 10"),
    ),
    (
        "version-v1beta1",
        flow("- {type: pass, name: a}", "version: v1beta1\ntype: flow"),
        "version",
        flow("- {type: pass, name: a}"),
    ),
    (
        "fc3-arn",
        step("task", "resourceArn: 'acs:fc:::functions/f'"),
        "steps.a.resourceArn",
        step("task", "resourceArn: 'acs:fc:::services/s/functions/f'"),
    ),
    *(
        (
            "ambiguous-scalar",
            step("pass", f"outputMappings: [{{target: x, source: {scalar}}}]"),
            "steps.a.outputMappings[0].source",
            step("pass", f"outputMappings: [{{target: x, source: '{scalar}'}}]"),
        )
        for scalar in ("y", "No", "on", "010", "0o17", "1e3", "1_000", "12:30:00", "2030-01-31")
    ),
    (
        "ambiguous-scalar",
        step("pass", "outputMappings: [{target: n, source: 1}]"),
        "steps.a.outputMappings[0].target",
        step("pass", "outputMappings: [{target: x, source: 1.5}, {target: z, source: -3}]"),
    ),
]


@pytest.mark.parametrize(("rule", "broken", "where", "_clean"), CASES)
def test_a_rule_finds_what_breaks_it(rule: str, broken: str, where: str, _clean: str) -> None:
    assert where in places(broken, rule)


@pytest.mark.parametrize(("rule", "_broken", "_where", "clean"), CASES)
def test_a_rule_finds_nothing_where_it_is_kept(
    rule: str, _broken: str, _where: str, clean: str
) -> None:
    assert not places(clean, rule)


def test_every_rule_has_a_case_that_breaks_it() -> None:
    tested = {rule for rule, *_ in CASES} | {rule for _, rule, _ in BROKEN}
    alone = {"definition-too-large", "key-not-provided", "loop-without-guard"}
    assert tested | alone == {rule.id for rule in RULES}
