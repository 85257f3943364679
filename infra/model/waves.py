"""The order in which environments are deployed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from infra.model.environment import Environment

CANARY: Final = 0


@dataclass(frozen=True)
class Wave:
    """Environments that are deployed in parallel, after every earlier wave has succeeded."""

    number: int
    environments: tuple[Environment, ...]

    @property
    def name(self) -> str:
        """``canary``, or ``wave N``."""
        return "canary" if self.number == CANARY else f"wave {self.number}"


def waves(environments: Iterable[Environment]) -> tuple[Wave, ...]:
    """Return the waves in order, each with its environments sorted by name."""
    ordered = sorted(environments, key=lambda environment: (environment.wave, environment.name))
    return tuple(
        Wave(number, tuple(members))
        for number, members in groupby(ordered, lambda environment: environment.wave)
    )
