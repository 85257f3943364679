"""What the functions of both generations of Function Compute have in common."""

from __future__ import annotations

from collections.abc import Iterator

from localcloud.fc.interpreters import interpreter
from localcloud.fc.model import LogConfig
from localcloud.terraform.arguments import Arguments
from localcloud.terraform.values import Object, Value


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
    return [
        {
            "project": log.project,
            "logstore": log.logstore,
            "enable_request_metrics": log.enable_request_metrics,
            "enable_instance_metrics": log.enable_instance_metrics,
            **more,
        }
    ]


def runtime_warnings(planned: Object) -> Iterator[str]:
    """Warn if a deployed function does not run on its runtime's version of Python."""
    warning = interpreter(str(planned["runtime"])).warning
    if warning:
        yield warning
