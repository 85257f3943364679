"""Helpers that run the linter."""

from __future__ import annotations

from fdl.lint import lint


def places(text: str, rule: str) -> list[str]:
    """Return the places of one rule's findings."""
    return [finding.where for finding in lint(text) if finding.rule == rule]


def rules(text: str) -> list[tuple[int, str, str]]:
    """Return line, rule and place of every finding."""
    return [(finding.line, finding.rule, finding.where) for finding in lint(text)]
