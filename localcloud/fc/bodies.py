"""The bodies of requests, as far as both versions of the API share them.

Source: aliyun-fc2 2.5.2, alibabacloud-fc20230330 4.8.3 and what the Terraform provider sends.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from localcloud.errors import CloudError
from localcloud.fc.model import LogConfig


class RequestBody(BaseModel):
    """A request's body: fields that are left out or null stay as they are.

    A field that the local cloud does not know is refused unless it is empty, which says nothing:
    the Terraform provider sends nulls and empty blocks.
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
        """The fields as the API spells them."""
        names: list[str] = []
        for name, field in cls.model_fields.items():
            alias = field.validation_alias or name
            choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
            names += [str(choice) for choice in choices]
        return tuple(names)

    def changes(self, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
        """The fields that are given, by their name here."""
        return {
            name: getattr(self, name)
            for name in self.model_fields_set
            if name not in without and getattr(self, name) is not None
        }


def _empty(value: object) -> bool:
    """Whether a JSON value is empty, including everything in it."""
    if isinstance(value, Mapping):
        return all(map(_empty, value.values()))
    if isinstance(value, list):
        return all(map(_empty, value))
    return not value


class LogConfigBody(RequestBody):
    """``logConfig``; both empty: no logs."""

    project: str | None = None
    logstore: Annotated[
        str | None, Field(validation_alias=AliasChoices("logstore", "logStore"))
    ] = None
    enable_request_metrics: bool | None = None
    enable_instance_metrics: bool | None = None
    log_begin_rule: Literal["None", ""] | None = None  # the default: no line starts a block

    def config(self) -> LogConfig | None:
        """The configuration in the model's form."""
        if not self.project and not self.logstore:
            return None
        return LogConfig(
            project=self.project or "",
            logstore=self.logstore or "",
            **self.changes(without=("project", "logstore", "log_begin_rule")),
        )


class CodeBody(RequestBody):
    """``code``: a zip as base64, or an object of OSS."""

    zip_file: str | None = None
    oss_bucket_name: str | None = None
    oss_object_name: str | None = None

    @property
    def empty(self) -> bool:
        """Whether it is empty."""
        return not (self.zip_file or self.oss_bucket_name)

    def decoded(self) -> bytes:
        """The zip's bytes.

        Raises:
            CloudError: ``InvalidArgument``, it is not base64.
        """
        try:
            return base64.b64decode(self.zip_file or "", validate=True)
        except ValueError:  # binascii's own, or of text that is not ASCII
            raise CloudError("InvalidArgument", "code.zipFile is not base64") from None


class FunctionBody(RequestBody):
    """Body of CreateFunction and UpdateFunction."""

    function_name: str | None = None
    description: str | None = None
    runtime: str | None = None
    handler: str | None = None
    memory_size: int | None = None
    timeout: int | None = None
    environment: Annotated[
        dict[str, str] | None, Field(validation_alias="environmentVariables")
    ] = None
    instance_concurrency: int | None = None
    code: CodeBody | None = None


B = TypeVar("B", bound=RequestBody)


def read_body(kind: type[B], text: bytes) -> B:
    """A request's body.

    Raises:
        CloudError: ``InvalidArgument``, naming every field that is wrong or left out here.
    """
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise CloudError("InvalidArgument", "; ".join(map(_problem, error.errors()))) from error


def _problem(fault: ErrorDetails) -> str:
    location = ".".join(map(str, fault["loc"])) or "body"
    if fault["type"] == "extra_forbidden":
        return f"{location} is not offered by the local cloud"
    return f"{location}: {fault['msg']}"
