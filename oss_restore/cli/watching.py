"""Watching a run from the command line."""

from __future__ import annotations

import shlex
from typing import NoReturn

from oss_restore.cli.console import err, print_json
from oss_restore.cli.interrupts import interrupted
from oss_restore.cli.run_display import run_display
from oss_restore.cli.run_results import document, exit_with, print_state
from oss_restore.clients.context import DeploymentContext
from oss_restore.clients.workflow import UnreachableError
from oss_restore.language import gettext as _
from oss_restore.runs.following import follow
from oss_restore.runs.observer import observer_of
from oss_restore.runs.state import RunState


def follow_to_its_end(
    context: DeploymentContext,
    run: str,
    *,
    expected: int | None = None,
    as_json: bool = False,
    stream: bool = False,
) -> NoReturn:
    """Show a run until it ends, print its result, and exit with its status.

    Args:
        context: the deployment and its cloud.
        run: its name.
        expected: number of objects to request, if they were counted.
        as_json: prints JSON.
        stream: prints it at every look at which something has changed.

    Raises:
        OperatorError: as :func:`follow`; at a Ctrl-C, that the run continues.
    """
    try:
        state = _follow(context, run, expected=expected, stream=stream)
    except KeyboardInterrupt as error:
        again = shlex.join(["oss-restore", "watch", *context.arguments(), "--run", run])
        raise interrupted(
            _("run {run} continues; watch it again with: {command}").format(run=run, command=again)
        ) from error
    print_state(state, as_json=as_json)
    exit_with(state.verdict, said=not as_json)


def _follow(
    context: DeploymentContext, run: str, *, expected: int | None, stream: bool
) -> RunState:
    last: dict[str, object] = {}

    def tell(error: UnreachableError) -> None:
        err.print_line(_("{problem}; the run continues, retrying").format(problem=error))

    observer = observer_of(context, run, expected=expected)
    with run_display(_("run {run}").format(run=run), err) as show:

        def look(state: RunState) -> None:
            nonlocal last
            show(state)
            now = document(state)
            if stream and not state.ended and now != last:
                print_json(now)
            last = now

        return follow(observer.look, look, on_disconnect=tell)
