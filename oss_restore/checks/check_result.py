"""What a check of ``doctor`` finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class CheckResult:
    """One line of ``doctor``.

    Attributes:
        check: its name; :func:`oss_restore.checks.deployment_checks.examine` fills it in.
        found: what was found.
        to_do: what to do about it.
        refused: whether a permission or the right credentials are missing.
    """

    check: str
    state: State
    found: str
    to_do: str = ""
    refused: bool = False


def ok(found: str) -> CheckResult:
    """What is as it should be."""
    return CheckResult("", "ok", found)


def warn(found: str, to_do: str) -> CheckResult:
    """What may cause trouble, or could not be looked at."""
    return CheckResult("", "warn", found, to_do)


def fail(found: str, to_do: str, *, refused: bool = False) -> CheckResult:
    """What prevents runs."""
    return CheckResult("", "fail", found, to_do, refused)
