"""Diagnostics: errors and warnings with the arguments they concern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tfplugin_proto import tfplugin5_5_pb2 as pb

from localcloud.errors import CloudError

Path: TypeAlias = tuple[str | int, ...]
"""The path from a resource to a value: names, and positions in lists."""


class ArgumentError(CloudError):
    """An argument that the schema allows, but the cloud cannot use.

    Args:
        argument: the argument's name.
        message: what is wrong and how to fix it.
    """

    def __init__(self, argument: str, message: str) -> None:
        super().__init__("InvalidArgument", message)
        self.argument = argument


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """An error or warning for Terraform to show.

    Attributes:
        summary: the problem in one line.
        detail: the cause, and how to fix it.
        path: the value it concerns; empty for the whole resource.
    """

    summary: str
    detail: str
    path: Path = ()
    is_warning: bool = False

    @classmethod
    def of(cls, error: CloudError, summary: str) -> Diagnostic:
        """Make a diagnostic of an error of the cloud, with a summary of what was being done."""
        path = (error.argument,) if isinstance(error, ArgumentError) else ()
        return cls(summary, f"{error.code}: {error.message}", path)

    @property
    def message(self) -> pb.Diagnostic:
        """The diagnostic as a message of the plugin protocol."""
        severity = pb.Diagnostic.Severity
        return pb.Diagnostic(
            severity=severity.WARNING if self.is_warning else severity.ERROR,
            summary=self.summary,
            detail=self.detail,
            attribute=path_message(self.path) if self.path else None,
        )


def path_message(path: Path) -> pb.AttributePath:
    """Return a path as a message of the plugin protocol."""
    return pb.AttributePath(
        steps=[
            pb.AttributePath.Step(attribute_name=step)
            if isinstance(step, str)
            else pb.AttributePath.Step(element_key_int=step)
            for step in path
        ]
    )
