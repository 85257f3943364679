"""Function Compute 3.0: functions.

The order of calls, and so the rights that they need, are the provider's own (its source). The names
of the rights for tags are those of the API's operations (assumed). VPC, NAS and tracing are kept in
Terraform's state and have no effect: there is no such network.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Final

from pydantic import Field

from localcloud.fc.code import code_checksum
from localcloud.fc.model import Fc3Config
from localcloud.fc.platform import SERVICE_HOST
from localcloud.terraform.arguments import Arguments
from localcloud.terraform.diagnostics import ArgumentError
from localcloud.terraform.resources.base import (
    ResourceHandler,
    generated_name,
    iso_time,
)
from localcloud.terraform.resources.fc_log_config import LogArguments, log_config, observed_log
from localcloud.terraform.resources.runtimes import runtime_warnings
from localcloud.terraform.resources.tags import authorize_tags, observed_tags
from localcloud.terraform.session import Session
from localcloud.terraform.values import Object

_ALL: Final = "*"


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
        """The arguments in Function Compute's form."""
        lifecycle = self.instance_lifecycle_config[0] if self.instance_lifecycle_config else None
        initializers = lifecycle.initializer if lifecycle else ()
        initializer = initializers[0] if initializers else InitializerArguments()
        return Fc3Config(
            handler=self.handler,
            runtime=self.runtime,
            description=self.description,
            memory_size=self.memory_size,
            timeout=self.timeout,
            initializer=initializer.handler,
            initialization_timeout=initializer.timeout,
            environment=self.environment_variables,
            instance_concurrency=self.instance_concurrency,
            role=self.role,
            internet_access=self.internet_access,
            log_config=log_config(self.log_config),
            cpu=self.cpu,
            disk_size=self.disk_size,
        )


class Fc3FunctionHandler(ResourceHandler[Fc3FunctionArguments]):
    """``alicloud_fcv3_function``. Its id is its name.

    Function Compute does not return the code, so changes outside Terraform are not detected; any
    change in the ``code`` block uploads it again.
    """

    arguments = Fc3FunctionArguments
    volatile = frozenset({"last_modified_time", "code_size"})

    def warnings(self, planned: Object) -> Iterable[str]:
        return runtime_warnings(planned)

    async def create(self, session: Session, wanted: Fc3FunctionArguments) -> str:
        name = wanted.function_name or generated_name("terraform-")
        session.authorize("fc:CreateFunction", _arn(session, _ALL))
        if wanted.role:
            session.pass_role(wanted.role, SERVICE_HOST)
        session.account.fc.functions.create(name, wanted.config, _code(session, wanted))
        self._tag(session, name, Fc3FunctionArguments(handler="", runtime=""), wanted)
        return name

    async def read(self, session: Session, id_: str, known: Object) -> Object | None:
        session.authorize("fc:GetFunction", _arn(session, id_))
        function = session.account.fc.functions.get(id_)
        if function is None:
            return None
        config = function.config
        observed: Object = {
            "id": id_,
            "function_name": id_,
            "function_id": function.function_id,
            "function_arn": _arn(session, id_),
            "description": config.description,
            "handler": config.handler,
            "runtime": config.runtime,
            "memory_size": config.memory_size,
            "cpu": config.cpu,
            "disk_size": config.disk_size,
            "timeout": config.timeout,
            "instance_concurrency": config.instance_concurrency,
            "environment_variables": dict(config.environment),
            "role": config.role,
            "internet_access": config.internet_access,
            "code_size": function.code_size,
            "create_time": iso_time(function.created_at),
            "last_modified_time": iso_time(function.modified_at),
            "state": "Active",
            "last_update_status": "Successful",
            "log_config": observed_log(config.log_config, log_begin_rule="None"),
            "instance_lifecycle_config": [],
            **observed_tags(function.tags, known),
        }
        if config.initializer:
            initializer: Object = {
                "handler": config.initializer,
                "timeout": config.initialization_timeout,
            }
            observed["instance_lifecycle_config"] = [{"initializer": [initializer]}]
        return observed

    async def update(
        self, session: Session, id_: str, before: Fc3FunctionArguments, wanted: Fc3FunctionArguments
    ) -> None:
        """Send the code if its block has changed; make no call if only tags have."""
        apart = {"tags"}
        if wanted.model_dump(exclude=apart) != before.model_dump(exclude=apart):
            session.authorize("fc:UpdateFunction", _arn(session, id_))
            if wanted.role and wanted.role != before.role:
                session.pass_role(wanted.role, SERVICE_HOST)
            code = _code(session, wanted) if wanted.code != before.code else None
            session.account.fc.functions.update(id_, wanted.config, code)
        self._tag(session, id_, before, wanted)

    async def delete(self, session: Session, id_: str, before: Fc3FunctionArguments) -> None:
        session.authorize("fc:DeleteFunction", _arn(session, id_))
        if id_ in session.account.fc.functions:
            session.account.fc.functions.delete(id_)

    @staticmethod
    def _tag(
        session: Session, name: str, before: Fc3FunctionArguments, wanted: Fc3FunctionArguments
    ) -> None:
        authorize_tags(
            session,
            _arn(session, name),
            before.tags,
            wanted.tags,
            tag="fc:TagResources",
            untag="fc:UntagResources",
        )
        session.account.fc.functions.find(name).tags = dict(wanted.tags)


def _code(session: Session, wanted: Fc3FunctionArguments) -> bytes:
    """The zip that the arguments contain or name."""
    for name in ("layers", "custom_container_config", "custom_runtime_config"):
        if getattr(wanted, name):
            raise ArgumentError(name, "The local cloud runs a function from its zip alone.")
    given = wanted.code[0] if wanted.code else CodeArguments()
    if given.zip_file:
        try:
            code = base64.b64decode(given.zip_file, validate=True)
        except ValueError:  # of characters that are none of base64, or not even ASCII
            raise ArgumentError("code", "zip_file is base64, such as filebase64() makes.") from None
    elif given.oss_bucket_name and given.oss_object_name:
        code = session.read_code(given.oss_bucket_name, given.oss_object_name)
    else:
        raise ArgumentError("code", "Give zip_file, or both oss_bucket_name and oss_object_name.")
    if given.checksum not in ("", code_checksum(code)):
        raise ArgumentError(
            "code", f"The code's checksum is {code_checksum(code)}, not {given.checksum}."
        )
    return code


def _arn(session: Session, name: str) -> str:
    return session.account.fc.arn(f"functions/{name}")
