"""Warnings for functions that do not run on their runtime's version of Python."""

from __future__ import annotations

from collections.abc import Iterator

from localcloud.fc.interpreters import interpreter
from localcloud.terraform.values import Object


def runtime_warnings(planned: Object) -> Iterator[str]:
    """Yield warnings about a deployed function, from its attributes."""
    warning = interpreter(str(planned["runtime"])).warning
    if warning:
        yield warning
