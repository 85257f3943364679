"""What the functions of both generations of Function Compute have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import TypeVar

from localcloud.fc.interpreters import interpreter
from localcloud.fc.model import FunctionSettings, LogConfig
from localcloud.terraform.arguments import Arguments
from localcloud.terraform.values import Object, Value

S = TypeVar("S", bound=FunctionSettings)


def function_settings(
    kind: type[S], arguments: Arguments, environment: dict[str, str], **more: object
) -> S:
    """Convert the arguments to Function Compute's form, whose other fields have the same names.

    Args:
        kind: the form.
        arguments: the arguments.
        environment: the environment variables.
        more: fields whose arguments have another form in this generation.
    """
    same = arguments.model_dump(include={field.name for field in fields(kind)})
    return kind(**{**same, "environment": environment, **more})


def observed_settings(config: FunctionSettings) -> Object:
    """Return the function's settings for a resource's state."""
    settings: Object = asdict(config)
    settings["environment_variables"] = settings.pop("environment")
    return settings


class LogArguments(Arguments):
    """The ``log_config`` block."""

    project: str = ""
    logstore: str = ""
    enable_request_metrics: bool = False
    enable_instance_metrics: bool = False


def log_config(blocks: tuple[LogArguments, ...]) -> LogConfig | None:
    """Convert the block to Function Compute's form."""
    return LogConfig(**blocks[0].model_dump()) if blocks else None


def observed_log(log: LogConfig | None, **more: str) -> list[Value]:
    """Return the block for a resource's state.

    Args:
        log: the configuration.
        more: additional attributes, which only one generation has.
    """
    if log is None:
        return []
    return [{**asdict(log), **more}]


def runtime_warnings(planned: Object) -> Iterator[str]:
    """Warn if a deployed function does not run on its runtime's version of Python."""
    warning = interpreter(str(planned["runtime"])).warning
    if warning:
        yield warning
