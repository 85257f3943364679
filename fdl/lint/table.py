"""All rules, in the order of the documentation."""

from __future__ import annotations

from fdl.errors import SYNTAX_RULES
from fdl.lint import control, data, form
from fdl.lint.rules import Rule, rule

RULES: tuple[Rule, ...] = (
    *(Rule(name, "error", description) for name, description in SYNTAX_RULES.items()),
    rule("definition-too-large", "error", form.definition_too_large),
    rule("over-limit", "error", form.over_limit),
    rule("mapping-without-source", "error", form.mapping_without_source),
    rule("key-not-provided", "error", data.key_not_provided),
    rule("unknown-context", "error", data.unknown_context),
    rule("service-param-not-mapped", "error", data.service_param_not_mapped),
    rule("callback-without-token", "error", control.callback_without_token),
    rule("unreachable-step", "warning", control.unreachable_step),
    rule("choice-without-default", "warning", control.choice_without_default),
    rule("loop-without-guard", "warning", control.loop_without_guard),
    rule("error-never-matches", "warning", control.error_never_matches),
    rule("service-param-by-default", "warning", data.service_param_by_default),
    rule("boolean-as-string", "warning", data.boolean_as_string),
    rule("paths-compared", "warning", data.paths_compared),
    rule("index-in-path", "warning", data.index_in_path),
    rule("path-like-string", "warning", form.path_like_string),
    rule("numeric-string", "warning", form.numeric_string),
    rule("ambiguous-scalar", "warning", form.ambiguous_scalar),
    rule("version-v1beta1", "warning", form.version_v1beta1),
    rule("fc3-arn", "warning", form.fc3_arn),
)
