"""The message of a command at Ctrl-C."""

from __future__ import annotations

from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.language import gettext as _


def interrupted(what: str) -> OperatorError:
    """Make the error of a Ctrl-C.

    Args:
        what: goes on without the command, or was left undone.
    """
    return OperatorError(_("interrupted: {what}").format(what=what), status=ExitStatus.INTERRUPTED)
