"""Switches and limits of a local cloud on the command line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from oss_restore.errors import UsageError
from oss_restore.language import gettext as _

if TYPE_CHECKING:
    from localcloud.settings import Settings


def with_assignments(settings: Settings, assignments: Iterable[str]) -> Settings:
    """Apply ``NAME=VALUE`` arguments to settings; ``none`` turns a limit off.

    Raises:
        OperatorError: a switch or limit does not exist, or a value is invalid.
    """
    from localcloud.settings import override

    changes: dict[str, str | float | None] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise UsageError(
                _("--set {assignment}: expected NAME=VALUE").format(assignment=assignment)
            )
        changes[name] = value
    try:
        return override(settings, changes)
    except ValueError as error:
        raise UsageError(f"--set: {error}") from error
