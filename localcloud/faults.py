"""Fault injection by rules, with a rate and a seed."""

from __future__ import annotations

import random
from fnmatch import fnmatchcase
from itertools import count
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class FaultRule(BaseModel):
    """A rule for which calls fail, how, and how often.

    Attributes:
        service: the service that the rule applies to.
        operation: glob over the operation's name, such as ``RestoreObject`` or ``Invoke``.
        target: glob over the target: ``bucket/key``, or a function's or flow's name.
        kind: the kind of fault. ``error`` responds with ``status`` and ``code`` and does nothing;
            ``late_error`` does the work, then responds with the error; ``reset`` cuts the
            connection; ``delay`` responds after ``seconds`` of wall time; ``crash`` kills the
            function's process mid-work; ``duplicate`` runs a task twice (at-least-once delivery);
            ``damage`` corrupts a copy's data, and ``drop_metadata`` omits its content headers and
            user metadata; both still report success.
        rate: fraction of matching calls to hit, 0 to 1.
        times: maximum number of calls to hit; None for no limit.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    service: Literal["oss", "fc", "fnf"]
    operation: str = Field(default="*", max_length=1024)
    target: str = Field(default="*", max_length=4096)
    kind: Literal[
        "error",
        "late_error",
        "reset",
        "delay",
        "crash",
        "duplicate",
        "damage",
        "drop_metadata",
    ] = "error"
    status: int = Field(default=503, ge=400, le=599)
    code: str = Field(default="ServiceUnavailable", pattern=r"^[A-Za-z0-9_.-]{1,128}$")
    seconds: float = Field(default=0, ge=0, le=3600)
    rate: float = Field(default=1, ge=0, le=1)
    times: int | None = Field(default=None, ge=0, le=10**9)

    @model_validator(mode="after")
    def _is_of_its_service(self) -> FaultRule:
        if self.kind in ("damage", "drop_metadata") and self.service != "oss":
            raise ValueError(f"{self.kind} applies to copies, which only oss makes")
        return self


class Faults:
    """The active rules. The first rule that matches and fires is applied.

    Args:
        seed: makes the choice of calls repeatable.
    """

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)  # noqa: S311 - not for secrets
        self._rules: dict[int, FaultRule] = {}
        self._numbers = count(1)

    def add(self, rule: FaultRule) -> int:
        """Append a rule, and return its number."""
        number = next(self._numbers)
        self._rules[number] = rule.model_copy()
        return number

    def rules(self) -> dict[int, FaultRule]:
        """Return the active rules by number, with their remaining ``times``."""
        return dict(self._rules)

    def remove(self, number: int) -> bool:
        """Remove a rule; return False if no rule has that number."""
        return self._rules.pop(number, None) is not None

    def clear(self) -> None:
        """Remove every rule."""
        self._rules.clear()

    def pick(self, service: str, operation: str, target: str) -> FaultRule | None:
        """Return the rule that applies to this call, if any, and count down its ``times``."""
        for rule in self._rules.values():
            if (
                rule.service == service
                and rule.times != 0
                and fnmatchcase(operation, rule.operation)
                and fnmatchcase(target, rule.target)
                and (rule.rate >= 1 or self._random.random() < rule.rate)
            ):
                if rule.times is not None:
                    rule.times -= 1
                return rule
        return None
