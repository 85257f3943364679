"""Typed arguments of a resource or of the provider."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from localcloud.terraform.diagnostics import ArgumentError
from localcloud.terraform.values import Object, present


class Arguments(BaseModel):
    """The arguments that the local cloud uses, typed.

    Others are stored in Terraform's state and have no effect here.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)


A = TypeVar("A", bound=Arguments)


def parse_arguments(kind: type[A], values: Object) -> A:
    """Parse known arguments; null means missing.

    Raises:
        ArgumentError: an argument is missing or has an invalid value.
    """
    try:
        return kind.model_validate(present(values))
    except ValidationError as error:
        fault = error.errors()[0]
        name, *below = fault["loc"]
        where = f"{'.'.join(map(str, below))}: " if below else ""
        raise ArgumentError(str(name), f"{where}{fault['msg']}.") from error
