"""Typed models of JSON request bodies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails


class RequestBody(BaseModel):
    """A request's body, in which missing and null fields mean no change.

    Unknown fields are refused unless they are empty: the Terraform provider sends nulls and empty
    blocks.
    """

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_what_is_empty(cls, data: object) -> object:
        if not isinstance(data, Mapping):
            return data
        known = set(cls.names())
        return {name: value for name, value in data.items() if name in known or not _empty(value)}

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the field names in the API's spelling."""
        names: list[str] = []
        for name, field in cls.model_fields.items():
            alias = field.validation_alias or name
            choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
            names += [str(choice) for choice in choices]
        return tuple(names)

    def changes(self, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return the fields that are set, by attribute name."""
        return {
            name: getattr(self, name)
            for name in self.model_fields_set
            if name not in without and getattr(self, name) is not None
        }


def _empty(value: object) -> bool:
    """Return whether a JSON value is empty, recursively."""
    if isinstance(value, Mapping):
        return all(map(_empty, value.values()))
    if isinstance(value, list):
        return all(map(_empty, value))
    return not value


def describe_problems(error: ValidationError) -> str:
    """Every field that is invalid or not supported here, by its name."""
    return "; ".join(map(_problem, error.errors()))


def _problem(fault: ErrorDetails) -> str:
    location = ".".join(map(str, fault["loc"])) or "body"
    if fault["type"] == "extra_forbidden":
        return f"{location} is not supported by the local cloud"
    return f"{location}: {fault['msg']}"
