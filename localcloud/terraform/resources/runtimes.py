"""What Terraform says where a function does not run on its runtime's own version of Python."""

from __future__ import annotations

from collections.abc import Iterator

from localcloud.fc.interpreters import interpreter
from localcloud.terraform.values import Object


def runtime_warnings(planned: Object) -> Iterator[str]:
    """Of a function that has been deployed, by its attributes."""
    warning = interpreter(str(planned["runtime"])).warning
    if warning:
        yield warning
