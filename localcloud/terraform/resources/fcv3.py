"""Function Compute 3.0: functions.

The order of calls, and so the required permissions, is that of the real provider (its source). The
actions for tags are named after the API's operations (assumed). VPC, NAS and tracing are stored in
Terraform's state and have no effect.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Final

from pydantic import Field

from localcloud.clock import iso_time
from localcloud.fc.code import code_checksum
from localcloud.fc.model import Fc3Config
from localcloud.fc.platform import SERVICE_HOST
from localcloud.terraform.arguments import Arguments
from localcloud.terraform.diagnostics import ArgumentError
from localcloud.terraform.resources.base import ResourceHandler, generated_name
from localcloud.terraform.resources.fc_generations import (
    LogArguments,
    function_settings,
    log_config,
    observed_log,
    observed_settings,
    runtime_warnings,
)
from localcloud.terraform.resources.tags import change_tags, observed_tags
from localcloud.terraform.session import Session
from localcloud.terraform.values import Object

_ALL: Final = "*"
_TAGGING: Final = ("fc:TagResources", "fc:UntagResources")


class CodeArguments(Arguments):
    """The ``code`` block. ``zip_file`` is base64, not a path."""

    zip_file: str = ""
    checksum: str = ""
    oss_bucket_name: str = ""
    oss_object_name: str = ""


class InitializerArguments(Arguments):
    """The ``initializer`` block."""

    handler: str = ""
    timeout: int = 3


class LifecycleArguments(Arguments):
    """The ``instance_lifecycle_config`` block."""

    initializer: tuple[InitializerArguments, ...] = ()


class Fc3FunctionArguments(Arguments):
    """Arguments of ``alicloud_fcv3_function``. Memory in MB, times in seconds."""

    function_name: str = ""
    description: str = ""
    handler: str
    runtime: str
    memory_size: int = 128
    cpu: float = 0
    disk_size: int = 512
    timeout: int = 3
    instance_concurrency: int = 1
    environment_variables: dict[str, str] = Field(default={})
    role: str = ""
    internet_access: bool = True
    log_config: tuple[LogArguments, ...] = ()
    instance_lifecycle_config: tuple[LifecycleArguments, ...] = ()
    code: tuple[CodeArguments, ...] = ()
    layers: tuple[str, ...] = ()
    custom_container_config: tuple[object, ...] = ()
    custom_runtime_config: tuple[object, ...] = ()
    tags: dict[str, str] = Field(default={})

    @property
    def config(self) -> Fc3Config:
        """Convert the arguments to Function Compute's form."""
        lifecycle = self.instance_lifecycle_config[0] if self.instance_lifecycle_config else None
        initializers = lifecycle.initializer if lifecycle else ()
        initializer = initializers[0] if initializers else InitializerArguments()
        return function_settings(
            Fc3Config,
            self,
            self.environment_variables,
            initializer=initializer.handler,
            initialization_timeout=initializer.timeout,
            log_config=log_config(self.log_config),
        )


class Fc3FunctionHandler(ResourceHandler[Fc3FunctionArguments]):
    """``alicloud_fcv3_function``. Its id is its name.

    Function Compute does not return the code, so changes outside of Terraform are not detected; any
    change in the ``code`` block uploads it again.
    """

    arguments = Fc3FunctionArguments
    volatile = frozenset({"last_modified_time", "code_size"})

    def warnings(self, planned: Object) -> Iterable[str]:
        return runtime_warnings(planned)

    async def create(self, session: Session, planned: Fc3FunctionArguments) -> str:
        name = planned.function_name or generated_name("terraform-")
        session.authorize("fc:CreateFunction", _arn(session, _ALL))
        if planned.role:
            session.pass_role(planned.role, SERVICE_HOST)
        session.account.fc.functions.create(name, planned.config, _code(session, planned))
        self._tag(session, name, Fc3FunctionArguments(handler="", runtime=""), planned)
        return name

    async def read(self, session: Session, id_: str, state: Object) -> Object | None:
        session.authorize("fc:GetFunction", _arn(session, id_))
        function = session.account.fc.functions.get(id_)
        if function is None:
            return None
        config = function.config
        observed: Object = {
            **observed_settings(config),
            "id": id_,
            "function_name": id_,
            "function_id": function.function_id,
            "function_arn": _arn(session, id_),
            "code_size": function.code_size,
            "create_time": iso_time(function.created_at),
            "last_modified_time": iso_time(function.modified_at),
            "state": "Active",
            "last_update_status": "Successful",
            "log_config": observed_log(config.log_config, log_begin_rule="None"),
            "instance_lifecycle_config": [],
            **observed_tags(function.tags, state),
        }
        if config.initializer:
            initializer: Object = {
                "handler": config.initializer,
                "timeout": config.initialization_timeout,
            }
            observed["instance_lifecycle_config"] = [{"initializer": [initializer]}]
        return observed

    async def update(
        self, session: Session, id_: str, prior: Fc3FunctionArguments, planned: Fc3FunctionArguments
    ) -> None:
        """Send the code if its block has changed; make no call if only tags have."""
        apart = {"tags"}
        if planned.model_dump(exclude=apart) != prior.model_dump(exclude=apart):
            session.authorize("fc:UpdateFunction", _arn(session, id_))
            if planned.role and planned.role != prior.role:
                session.pass_role(planned.role, SERVICE_HOST)
            code = _code(session, planned) if planned.code != prior.code else None
            session.account.fc.functions.update(id_, planned.config, code)
        self._tag(session, id_, prior, planned)

    async def delete(self, session: Session, id_: str, prior: Fc3FunctionArguments) -> None:
        session.authorize("fc:DeleteFunction", _arn(session, id_))
        if id_ in session.account.fc.functions:
            session.account.fc.functions.delete(id_)

    @staticmethod
    def _tag(
        session: Session, name: str, prior: Fc3FunctionArguments, planned: Fc3FunctionArguments
    ) -> None:
        function, arn = session.account.fc.functions.find(name), _arn(session, name)
        change_tags(session, function, arn, prior.tags, planned.tags, _TAGGING)


def _code(session: Session, planned: Fc3FunctionArguments) -> bytes:
    """Return the zip in the arguments or in OSS."""
    for name in ("layers", "custom_container_config", "custom_runtime_config"):
        if getattr(planned, name):
            raise ArgumentError(name, "The local cloud only runs functions from zips.")
    code_block = planned.code[0] if planned.code else CodeArguments()
    if code_block.zip_file:
        try:
            code = base64.b64decode(code_block.zip_file, validate=True)
        except ValueError:  # not base64, or not even ASCII
            raise ArgumentError(
                "code", "zip_file must be base64, as made by filebase64()."
            ) from None
    elif code_block.oss_bucket_name and code_block.oss_object_name:
        code = session.read_code(code_block.oss_bucket_name, code_block.oss_object_name)
    else:
        raise ArgumentError("code", "Set zip_file, or both oss_bucket_name and oss_object_name.")
    if code_block.checksum not in ("", code_checksum(code)):
        raise ArgumentError(
            "code", f"The code's checksum is {code_checksum(code)}, not {code_block.checksum}."
        )
    return code


def _arn(session: Session, name: str) -> str:
    return session.account.fc.arn(f"functions/{name}")
