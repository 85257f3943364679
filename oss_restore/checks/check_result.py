"""Results of the checks of ``doctor``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class CheckResult:
    """The result of a check, which ``doctor`` prints as a line.

    Attributes:
        check: name of the check, set by :func:`oss_restore.checks.deployment_checks.examine`.
        found: the finding.
        to_do: how to resolve it.
        refused: whether a permission or the right credentials are missing.
    """

    check: str
    state: State
    found: str
    to_do: str = ""
    refused: bool = False


def ok(found: str) -> CheckResult:
    """Make a result without a problem."""
    return CheckResult("", "ok", found)


def warn(found: str, to_do: str) -> CheckResult:
    """Make a result about a possible problem, or about something that could not be checked."""
    return CheckResult("", "warn", found, to_do)


def fail(found: str, to_do: str, *, refused: bool = False) -> CheckResult:
    """Make a result about a problem that prevents runs."""
    return CheckResult("", "fail", found, to_do, refused)
