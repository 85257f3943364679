"""The resources that would exist after applying a Terraform plan or a synthesized stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.model.user_files import MAX_JSON_BYTES, FileError, parse_json, read_text

Value = object  # of an argument, as JSON
_HINT: Final = "pass the output of terraform show -json for a plan, or a synthesized cdk.tf.json"


class InvalidPlanError(Exception):
    """The input is neither a plan nor a stack."""


@dataclass(frozen=True)
class PlannedResource:
    """A resource as planned.

    Attributes:
        address: such as ``alicloud_ram_role.flows_role``.
        type: such as ``alicloud_ram_role``.
        arguments: the arguments that are known before it is created.
    """

    address: str
    type: str
    arguments: Mapping[str, Value]

    def text(self, *names: str) -> str:
        """Return the first of these arguments that is a string; empty if none is known."""
        values = (self.arguments.get(name) for name in names)
        return next((value for value in values if isinstance(value, str) and value), "")


class _PlanModel(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Resource(_PlanModel):
    address: str
    type: str
    mode: str = "managed"
    values: dict[str, Value] = {}


class _Module(_PlanModel):
    resources: tuple[_Resource, ...] = ()
    child_modules: tuple[_Module, ...] = ()

    def all(self) -> Iterator[_Resource]:
        yield from self.resources
        for module in self.child_modules:
            yield from module.all()


class _Values(_PlanModel):
    root_module: _Module = _Module()


class _Plan(_PlanModel):
    """The output of ``terraform show -json``."""

    format_version: str
    planned_values: _Values
    errored: bool = False


class _Stack(_PlanModel):
    """The output of CDKTF."""

    terraform: dict[str, Value]
    resource: dict[str, dict[str, dict[str, Value]]] = Field(default={})


def planned_resources(text: str) -> tuple[PlannedResource, ...]:
    """Return the resources of a plan or a stack, sorted by address.

    Raises:
        InvalidPlanError: it is neither, or the plan is incomplete.
    """
    try:
        document = parse_json(text, Path("plan"))
        if isinstance(document, dict) and "planned_values" in document:
            resources = _of_plan(_Plan.model_validate(document))
        else:
            resources = _of_stack(_Stack.model_validate(document))
    except ValidationError as error:
        raise InvalidPlanError(f"neither a plan nor a stack: {_HINT}") from error
    except FileError as error:
        raise InvalidPlanError(f"{error.reason}: {_HINT}") from error
    return tuple(sorted(resources, key=lambda resource: resource.address))


def read_plan(path: Path) -> tuple[PlannedResource, ...]:
    """Return the resources of a file.

    Raises:
        InvalidPlanError: it cannot be read, or is neither a plan nor a stack.
    """
    try:
        return planned_resources(read_text(path, MAX_JSON_BYTES))
    except FileError as error:
        raise InvalidPlanError(error.reason) from error


def _of_plan(plan: _Plan) -> list[PlannedResource]:
    if plan.errored:
        raise InvalidPlanError("the plan ended with an error, so it is incomplete")
    return [
        PlannedResource(resource.address, resource.type, resource.values)
        for resource in plan.planned_values.root_module.all()
        if resource.mode == "managed"
    ]


def _of_stack(stack: _Stack) -> list[PlannedResource]:
    return [
        PlannedResource(f"{kind}.{name}", kind, arguments)
        for kind, bodies in stack.resource.items()
        for name, arguments in bodies.items()
    ]
