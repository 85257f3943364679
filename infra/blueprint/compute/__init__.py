"""A deployment's Function Compute resources, for either generation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from infra.blueprint.compute import fc2, fc3
from infra.blueprint.compute.function_specs import FunctionSpec
from infra.blueprint.resources import Resource
from infra.model.generations import Generation

_OF_GENERATION: Final[Mapping[Generation, Callable[[FunctionSpec], list[Resource]]]] = {
    2: fc2.compute,
    3: fc3.compute,
}


def compute(spec: FunctionSpec) -> list[Resource]:
    """Return the functions, preceded by the Function Compute resources that they need."""
    return _OF_GENERATION[spec.environment.generation](spec)
