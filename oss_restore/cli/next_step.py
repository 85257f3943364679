"""The suggestion of the next command."""

from __future__ import annotations

from oss_restore.cli.console import err
from oss_restore.clients.context import DeploymentContext
from oss_restore.language import gettext as _
from thaw.verdict import ExitCode, Verdict


def print_next(context: DeploymentContext, run: str, verdict: Verdict) -> None:
    """Suggest on stderr what to do after the state of a run was shown."""
    print_command(context.command(_command_after(verdict), "--run", run))


def print_command(command: str) -> None:
    """Suggest a command on stderr."""
    err.print_line(_("Next: {command}").format(command=command))


def _command_after(verdict: Verdict) -> str:
    if verdict.ending == "running":
        return "watch"
    if verdict.exit_code == ExitCode.NOT_YET:
        return "status"
    return "report" if verdict.exit_code == ExitCode.READABLE else "failures"
