"""Fault injection: by rule, with a rate and a seed."""

from __future__ import annotations

import random
from fnmatch import fnmatchcase
from itertools import count
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class FaultRule(BaseModel):
    """One rule: which calls fail, how, and how often.

    Attributes:
        service: the service that the rule applies to.
        operation: glob over the operation's name, such as ``RestoreObject`` or ``Invoke``.
        target: glob over what it acts on: ``bucket/key``, a function's or a flow's name.
        kind: what happens. ``error`` answers ``status`` and ``code`` and does nothing;
            ``late_error`` does the work, then answers the error all the same; ``reset`` cuts the
            connection; ``delay`` answers after ``seconds`` of wall time; ``crash`` ends the
            function's process in mid-work; ``duplicate`` runs a task twice (at least once);
            ``damage`` makes a copy's data another than its source's, ``drop_metadata`` leaves its
            content headers and user metadata out, and both answer as if all was well.
        rate: the share of matching calls that are hit, 0 to 1.
        times: how many calls to hit at the most; None for no end.
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
            raise ValueError(f"{self.kind} is of copies, which only oss makes")
        return self


class Faults:
    """The rules in force. The first that matches and fires decides.

    Args:
        seed: makes the choice of calls repeatable.
    """

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)  # noqa: S311 - not for secrets
        self._rules: dict[int, FaultRule] = {}
        self._numbers = count(1)

    def add(self, rule: FaultRule) -> int:
        """Add a rule after the others, and return its number."""
        number = next(self._numbers)
        self._rules[number] = rule.model_copy()
        return number

    def rules(self) -> dict[int, FaultRule]:
        """The rules in force by number, with their remaining ``times``."""
        return dict(self._rules)

    def remove(self, number: int) -> bool:
        """Remove a rule; false if there is no rule of that number."""
        return self._rules.pop(number, None) is not None

    def clear(self) -> None:
        """Remove every rule."""
        self._rules.clear()

    def pick(self, service: str, operation: str, target: str) -> FaultRule | None:
        """The rule that applies to this call, if any; counts down its ``times``."""
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
