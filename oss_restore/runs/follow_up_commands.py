"""Commands that follow a run, as an operator types them."""

from __future__ import annotations

from oss_restore.clients.context import DeploymentContext


def extend_command(context: DeploymentContext, run: str) -> str:
    """Return the command that keeps a run's objects readable for longer."""
    return context.command("extend", "--run", run, "--days", "DAYS")
