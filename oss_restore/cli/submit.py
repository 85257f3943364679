"""Submission of a run that follows another one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from oss_restore.cli.console import print_json
from oss_restore.cli.watching import follow_to_its_end
from oss_restore.clients.context import DeploymentContext
from oss_restore.language import gettext as _
from oss_restore.runs.submission import submit


def start_run(
    context: DeploymentContext, name: str, given: Mapping[str, Any], *, wait: bool, as_json: bool
) -> None:
    """Start a run, and print its name or, when waiting, its result.

    Args:
        context: the deployment and its cloud.
        name: of the run.
        given: its input, by JSON names.
        wait: until it ends; the command ends with it.
        as_json: prints JSON.

    Raises:
        OperatorError: the cloud refuses it.
    """
    submitted = submit(context.workflow, context.deployment.main_flow, name, given)
    execution = submitted.execution
    if submitted.was_running:
        click.echo(_("{run} is already running, with the same input.").format(run=name), err=True)
    if wait:
        follow_to_its_end(context, name, bucket=str(given["bucketName"]), as_json=as_json)
    if as_json:
        print_json({"flow": execution.flow, "run": execution.name, "status": execution.status})
    else:
        click.echo(execution.name)
