"""The result of a check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class CheckResult:
    """One line of ``doctor``.

    Attributes:
        check: what was looked at.
        found: what there is.
        to_do: about it.
        refused: whether somebody lacks a right, or is not who they should be.
    """

    check: str
    state: State
    found: str
    to_do: str = ""
    refused: bool = False
