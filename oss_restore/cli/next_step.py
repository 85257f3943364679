"""The one command that comes after the end of another."""

from __future__ import annotations

from oss_restore.cli.console import err
from oss_restore.clients.context import DeploymentContext
from oss_restore.language import gettext as _
from thaw.verdict import ExitCode, Verdict


def print_next(context: DeploymentContext, run: str, verdict: Verdict) -> None:
    """Say on stderr what to do after the state of a run was shown."""
    print_command(context.command(_command_after(verdict), "--run", run))


def print_command(command: str) -> None:
    """Say on stderr that a command comes next."""
    err.print_line(_("Next: {command}").format(command=command))


def _command_after(verdict: Verdict) -> str:
    if verdict.ending == "running":
        return "watch"
    if verdict.exit_code == ExitCode.NOT_YET:
        return "status"
    return "report" if verdict.exit_code == ExitCode.READABLE else "failures"
