"""Diagnostics: what is wrong, and with which argument."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tfplugin_proto import tfplugin5_5_pb2 as pb

from localcloud.errors import CloudError

Path: TypeAlias = tuple[str | int, ...]
"""From the resource down to a value: names, and positions in lists."""


class ArgumentError(CloudError):
    """An argument that the schema lets pass, but the cloud cannot use.

    Args:
        argument: its name.
        message: what is wrong with it and what to do.
    """

    def __init__(self, argument: str, message: str) -> None:
        super().__init__("InvalidArgument", message)
        self.argument = argument


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One error or warning for Terraform to show.

    Attributes:
        summary: what is wrong, in a line.
        detail: the cause, and what to do.
        path: the value it is about; empty for the whole resource.
    """

    summary: str
    detail: str
    path: Path = ()
    is_warning: bool = False

    @classmethod
    def of(cls, error: CloudError, summary: str) -> Diagnostic:
        """What the cloud refused, under a line that says while doing what."""
        path = (error.argument,) if isinstance(error, ArgumentError) else ()
        return cls(summary, f"{error.code}: {error.message}", path)

    @property
    def message(self) -> pb.Diagnostic:
        """The diagnostic in the plugin protocol's form."""
        severity = pb.Diagnostic.Severity
        return pb.Diagnostic(
            severity=severity.WARNING if self.is_warning else severity.ERROR,
            summary=self.summary,
            detail=self.detail,
            attribute=path_message(self.path) if self.path else None,
        )


def path_message(path: Path) -> pb.AttributePath:
    """A path as the plugin protocol writes it."""
    return pb.AttributePath(
        steps=[
            pb.AttributePath.Step(attribute_name=step)
            if isinstance(step, str)
            else pb.AttributePath.Step(element_key_int=step)
            for step in path
        ]
    )
