"""Starting a run from the command line, and watching it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, NoReturn

import click

from oss_restore.cli.console import err, print_json
from oss_restore.cli.run_display import run_display
from oss_restore.cli.run_results import document, exit_with, print_state
from oss_restore.clients.context import DeploymentContext
from oss_restore.clients.workflow import UnreachableError
from oss_restore.language import gettext as _
from oss_restore.runs.following import follow
from oss_restore.runs.observer import observer_of
from oss_restore.runs.state import RunState
from oss_restore.runs.submission import submit


def start_run(
    context: DeploymentContext, name: str, given: Mapping[str, Any], *, wait: bool, as_json: bool
) -> None:
    """Start a run, and print its name or, when waiting, its result.

    Args:
        context: the deployment and its cloud.
        name: name of the run.
        given: its input, by JSON names.
        wait: wait until it ends, and exit with its status.
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


def follow_to_its_end(
    context: DeploymentContext,
    run: str,
    *,
    bucket: str | None = None,
    expected: int | None = None,
    as_json: bool = False,
    stream: bool = False,
) -> NoReturn:
    """Show a run until it ends, print its result, and exit with its status.

    Args:
        context: the deployment and its cloud.
        run: its name.
        bucket: the run's bucket, whose state a local cloud shows.
        expected: number of objects to request, if they were counted.
        as_json: prints JSON.
        stream: prints it at every look at which something has changed.

    Raises:
        OperatorError: as :func:`follow`.
        KeyboardInterrupt: Ctrl-C; a message says that the run continues.
    """
    try:
        state = _follow(context, run, bucket=bucket, expected=expected, stream=stream)
    except KeyboardInterrupt:
        again = shlex.join(["oss-restore", "watch", *context.arguments(), "--run", run])
        err.print(
            _("run {run} continues; watch it again with: {command}").format(run=run, command=again),
            markup=False,
            soft_wrap=True,
        )
        raise
    print_state(state, as_json=as_json)
    exit_with(state.verdict, said=not as_json)


def _follow(
    context: DeploymentContext, run: str, *, bucket: str | None, expected: int | None, stream: bool
) -> RunState:
    last: dict[str, object] = {}
    watch = context.control.watch(bucket) if context.control and bucket else None

    def tell(error: UnreachableError) -> None:
        err.print(
            _("{problem}; the run continues, retrying").format(problem=error),
            markup=False,
            soft_wrap=True,
        )

    observer = observer_of(context, run, expected=expected)
    with run_display(f"run {run}", err, watch) as show:

        def look(state: RunState) -> None:
            nonlocal last
            show(state)
            now = document(state)
            if stream and not state.ended and now != last:
                print_json(now)
            last = now

        return follow(observer.look, look, on_disconnect=tell)
