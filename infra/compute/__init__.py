"""Function Compute of a deployment: the one place where its generation decides what is deployed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from infra.compute import fc2, fc3
from infra.compute.parts import Parts
from infra.generations import Generation
from infra.resources import Resource

_OF_GENERATION: Final[Mapping[Generation, Callable[[Parts], list[Resource]]]] = {
    2: fc2.compute,
    3: fc3.compute,
}


def compute(parts: Parts) -> list[Resource]:
    """The functions, and before them what they need of Function Compute."""
    return _OF_GENERATION[parts.environment.generation](parts)
