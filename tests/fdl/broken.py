"""Definitions that break each rule of the parser in every possible way."""

from __future__ import annotations

from fdl.errors import SyntaxRule
from tests.fdl.flows import flow, step, task

HEAD = "version: v1\ntype: flow"
PASS = "- {type: pass, name: a}"
INNER = "steps: [{type: pass, name: b}]"

# Inputs that break each rule: definition, rule, place.
BROKEN_FLOWS: list[tuple[str, SyntaxRule, str]] = [
    ("", "wrong-type", "$"),
    ("a: [", "yaml", "$"),
    ("a: \x07", "yaml", "$"),
    ('a: "\\UFFFFFFFF"', "yaml", "$"),
    ("a: b\n---\nc: d", "yaml", "$"),
    ("[" * 5000, "yaml", "$"),
    ("a: " + "[" * 80 + "]" * 80, "yaml", "$"),
    (flow("- &a {type: pass, name: a, outputMappings: [*a]}"), "yaml", "$"),
    (flow(PASS, f"{HEAD}\nname: 1"), "wrong-type", "name"),
    (flow(PASS, f"{HEAD}\ntitle: x"), "unknown-field", "title"),
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
