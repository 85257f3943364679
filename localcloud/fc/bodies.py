"""Request bodies that both API versions share.

Source: aliyun-fc2 2.5.2, alibabacloud-fc20230330 4.8.3 and what the Terraform provider sends.
"""

from __future__ import annotations

import base64
from typing import Annotated, Literal, TypeVar

from pydantic import AliasChoices, Field, ValidationError

from localcloud.errors import CloudError
from localcloud.fc.model import LogConfig
from localcloud.request_body import RequestBody, describe_problems


class LogConfigBody(RequestBody):
    """``logConfig``; if both fields are empty, nothing is logged."""

    project: str | None = None
    logstore: Annotated[
        str | None, Field(validation_alias=AliasChoices("logstore", "logStore"))
    ] = None
    enable_request_metrics: bool | None = None
    enable_instance_metrics: bool | None = None
    log_begin_rule: Literal["None", ""] | None = None  # the default: no line starts a block

    def config(self) -> LogConfig | None:
        """Return the configuration in the model's form."""
        if not self.project and not self.logstore:
            return None
        return LogConfig(
            project=self.project or "",
            logstore=self.logstore or "",
            **self.changes(without=("project", "logstore", "log_begin_rule")),
        )


class CodeBody(RequestBody):
    """``code``: a base64 zip, or an object in OSS."""

    zip_file: str | None = None
    oss_bucket_name: str | None = None
    oss_object_name: str | None = None

    @property
    def empty(self) -> bool:
        """Whether no code is given."""
        return not (self.zip_file or self.oss_bucket_name)

    def decoded(self) -> bytes:
        """Return the decoded zip.

        Raises:
            CloudError: ``InvalidArgument``, it is not base64.
        """
        try:
            return base64.b64decode(self.zip_file or "", validate=True)
        except ValueError:  # not base64, or not even ASCII
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
    """Parse a request's body.

    Raises:
        CloudError: ``InvalidArgument``, naming every field that is invalid or not supported here.
    """
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise CloudError("InvalidArgument", describe_problems(error)) from error
