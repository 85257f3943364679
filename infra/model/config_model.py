"""The base class of every part of an environment file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel, ConfigDict


class ConfigModel(BaseModel):
    """A part of an environment file: immutable, and without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def sections_in(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the models in a field's annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from sections_in(inner)
