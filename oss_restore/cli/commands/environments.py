"""How a command that works on many environments is told which."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oss_restore.errors import ExitStatus, OperatorError

if TYPE_CHECKING:
    from infra.model.environment import Environment

Patterns = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ENV]...",
        help="Names or globs of environments; without any, those of OSS_RESTORE_ENV, or all.",
    ),
]


def load(patterns: Sequence[str] | None, folder: Path) -> tuple[Environment, ...]:
    """The environments that the arguments, or else OSS_RESTORE_ENV, select.

    Raises:
        OperatorError: one is not there, or a file is wrong.
    """
    from infra.environment_files import InvalidEnvironmentError, load_environments, selection

    try:
        return load_environments(
            folder, patterns or selection(os.environ.get("OSS_RESTORE_ENV", ""))
        )
    except InvalidEnvironmentError as error:
        raise OperatorError(str(error), status=ExitStatus.USAGE) from error
