"""From a command's arguments to a run that is looked at, and followed."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from typing import NoReturn

from oss_restore.console import err, print_json
from oss_restore.door import Door
from oss_restore.ledger import open_ledger
from oss_restore.messages.watching import TRYING_AGAIN, WATCH_AGAIN
from oss_restore.results import document, end_with, print_state
from oss_restore.run_display import run_display
from oss_restore.runs import find_run
from oss_restore.watching.following import follow
from oss_restore.watching.observer import Observer, wall_clock
from oss_restore.watching.state import RunState
from oss_restore.workflow import UnreachableError


def observer_of(door: Door, run: str | None, *, expected: int | None = None) -> Observer:
    """Looks at a run.

    Args:
        door: to its deployment.
        run: its name; None for the last one.
        expected: objects that there are to ask for, if they were counted.

    Raises:
        OperatorError: there is no run yet, or none is known by that name.
    """
    deployment, control = door.deployment, door.control
    flow = deployment.main_flow
    name = run or find_run(door.workflow, flow, None).name
    ledger = open_ledger(door.target, deployment, name) if deployment.report_bucket else None
    return Observer(
        door.workflow,
        flow,
        name,
        ledger=ledger,
        clock=(lambda: datetime.fromtimestamp(control.now(), UTC)) if control else wall_clock,
        expected=expected,
    )


def follow_to_its_end(
    door: Door,
    run: str,
    *,
    bucket: str | None = None,
    expected: int | None = None,
    as_json: bool = False,
    stream: bool = False,
) -> NoReturn:
    """Shows a run until it ends, prints what it came to, and ends the command accordingly.

    Args:
        door: to its deployment.
        run: its name.
        bucket: of its objects; a local cloud tells how they stand.
        expected: objects that there are to ask for, if they were counted.
        as_json: prints JSON.
        stream: prints it at every look at which something has changed.

    Raises:
        OperatorError: as :func:`follow`.
        KeyboardInterrupt: by Ctrl-C; the run goes on, and that is said.
    """
    try:
        state = _follow(door, run, bucket=bucket, expected=expected, stream=stream)
    except KeyboardInterrupt:
        again = shlex.join(["oss-restore", "watch", *door.arguments(), "--run", run])
        err.print(WATCH_AGAIN(run=run, command=again), markup=False, soft_wrap=True)
        raise
    print_state(state, as_json=as_json)
    end_with(state.result)


def _follow(
    door: Door, run: str, *, bucket: str | None, expected: int | None, stream: bool
) -> RunState:
    last: dict[str, object] = {}
    watch = door.control.watch(bucket) if door.control and bucket else None

    def tell(error: UnreachableError) -> None:
        err.print(TRYING_AGAIN(problem=error), markup=False, soft_wrap=True)

    observer = observer_of(door, run, expected=expected)
    with run_display(f"run {run}", err, watch) as show:

        def look(state: RunState) -> None:
            nonlocal last
            show(state)
            now = document(state)
            if stream and not state.ended and now != last:
                print_json(now)
            last = now

        return follow(observer, look, on_disconnect=tell)
