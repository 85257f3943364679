"""The messages of commands that are interrupted by Ctrl-C."""

from __future__ import annotations

from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.language import gettext as _


def interrupted(consequence: str) -> OperatorError:
    """Make the error for a command that was interrupted by Ctrl-C.

    Args:
        consequence: what continues without the command, or was not done.
    """
    message = _("interrupted: {what}").format(what=consequence)
    return OperatorError(message, status=ExitStatus.INTERRUPTED)
