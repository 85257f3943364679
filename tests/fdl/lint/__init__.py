"""Short ways to ask the linter."""

from __future__ import annotations

from fdl.lint import lint


def found(text: str, rule: str) -> list[str]:
    """Where a rule finds something."""
    return [finding.where for finding in lint(text) if finding.rule == rule]


def rules(text: str) -> list[tuple[int, str, str]]:
    """Line, rule and place of every finding."""
    return [(finding.line, finding.rule, finding.where) for finding in lint(text)]
