"""Arguments of a resource or of the provider as a typed model."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from localcloud.terraform.diagnostics import ArgumentError
from localcloud.terraform.values import Object, given


class Arguments(BaseModel):
    """The arguments that matter to the local cloud, typed.

    Others are kept in Terraform's state and have no effect here.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)


A = TypeVar("A", bound=Arguments)


def parse_arguments(kind: type[A], values: Object) -> A:
    """The arguments as known values; null stands for a missing one.

    Raises:
        ArgumentError: one is missing, or its value is not one that it can have.
    """
    try:
        return kind.model_validate(given(values))
    except ValidationError as error:
        fault = error.errors()[0]
        name, *below = fault["loc"]
        where = f"{'.'.join(map(str, below))}: " if below else ""
        raise ArgumentError(str(name), f"{where}{fault['msg']}.") from error
