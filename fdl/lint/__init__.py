"""The linter: finds likely mistakes in a flow definition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from fdl.errors import SYNTAX_RULES
from fdl.lint import control, data, form
from fdl.lint.rules import Finding, Rule, Severity, Subject, rule
from fdl.parse import examine

__all__ = ["RULES", "Finding", "Rule", "Severity", "lint"]

# In the order of the documentation.
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

_REQUEST_BYTES = 1_048_576  # maximum size of any request to the service

_IGNORE = re.compile(r"\s# lint: ignore ([a-z0-9-]+(?:,\s*[a-z0-9-]+)*)")


def lint(text: str, *, max_bytes: int = _REQUEST_BYTES) -> list[Finding]:
    """Lint a definition.

    Args:
        text: the definition, which need not parse. If the parser had to put placeholders into the
            tree, most rules are not checked.
        max_bytes: maximum size of the definition as UTF-8.

    Returns:
        Every finding, by line, except for warnings that are ignored by a comment at the end of
        their line: ``# lint: ignore RULE``, or several rules separated by commas.
    """
    return [*_lint(text, max_bytes)]


@lru_cache(maxsize=64)
def _lint(text: str, max_bytes: int) -> tuple[Finding, ...]:
    """Lint a definition once, though a command renders the same flow several times."""
    ignored = _ignored(text)
    findings = {
        finding
        for finding in _findings(text, max_bytes)
        if finding.severity == "error" or finding.rule not in ignored.get(finding.line, ())
    }
    return tuple(sorted(findings, key=lambda finding: (finding.line, finding.where, finding.rule)))


def _ignored(text: str) -> Mapping[int, Sequence[str]]:
    """Return the rules that each line's comment ignores, by line number."""
    matches = ((number, _IGNORE.search(line)) for number, line in enumerate(text.splitlines(), 1))
    return {number: re.split(r",\s*", match[1]) for number, match in matches if match}


def _findings(text: str, max_bytes: int) -> Iterator[Finding]:
    subject = Subject(text, examine(text), max_bytes)
    for problem in subject.parsed.problems:
        yield Finding(problem.line, problem.where, problem.rule, "error", problem.message)
    for each in RULES:
        for where, message in each.find(subject) if each.find else ():
            line = subject.parsed.lines.get(where, 1)
            yield Finding(line, where, each.id, each.severity, message)
