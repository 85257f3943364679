"""What a check of ``doctor`` finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class CheckResult:
    """One line of ``doctor``.

    Attributes:
        check: its name.
        found: what was found.
        to_do: what to do about it.
        refused: whether a permission or the right credentials are missing.
    """

    check: str
    state: State
    found: str
    to_do: str = ""
    refused: bool = False
