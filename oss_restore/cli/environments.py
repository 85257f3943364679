"""The environments that a command works on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from click import argument

from oss_restore.cli.options import complete_environment
from oss_restore.errors import UsageError

if TYPE_CHECKING:
    from infra.model.environment import Environment

environments_argument = argument(
    "environments",
    nargs=-1,
    metavar="[ENVIRONMENT]...",
    shell_complete=complete_environment,
    help="Names or globs of environments; default: those in OSS_RESTORE_ENV, or else all.",
)


def load(patterns: Sequence[str], folder: Path) -> tuple[Environment, ...]:
    """Load the environments selected by the arguments, or else by OSS_RESTORE_ENV.

    Raises:
        OperatorError: there is no such environment, or its file is invalid.
    """
    from infra.environment_files import InvalidEnvironmentError, load_environments, selection

    try:
        return load_environments(
            folder, patterns or selection(os.environ.get("OSS_RESTORE_ENV", ""))
        )
    except InvalidEnvironmentError as error:
        raise UsageError(*map(str, error.faults)) from error
