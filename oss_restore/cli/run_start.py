"""Starting a run from any command: plan, confirmation, start and result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from oss_restore.cli import plan_arguments
from oss_restore.cli.confirmation import confirm, require_confirmation
from oss_restore.cli.console import err, out, print_json
from oss_restore.cli.expiry_warnings import warn_of_expiry
from oss_restore.cli.interrupts import interrupted
from oss_restore.cli.listing_progress import listing_progress
from oss_restore.cli.next_step import print_command, print_next
from oss_restore.cli.options import StartOptions
from oss_restore.cli.plan_display import show_plan
from oss_restore.cli.run_display import run_display
from oss_restore.cli.run_results import document, exit_with, print_state
from oss_restore.clients.context import DeploymentContext
from oss_restore.clients.workflow import UnreachableError
from oss_restore.errors import UsageError
from oss_restore.language import gettext as _
from oss_restore.planning.choices import RunPlan
from oss_restore.planning.run_plan import plan_bucket
from oss_restore.reporting.plan_text import no_run_text, start_text
from oss_restore.runs.following import follow
from oss_restore.runs.observer import observer_of
from oss_restore.runs.run_lookup import run_name
from oss_restore.runs.state import RunState
from oss_restore.runs.submission import Submission, submit
from thaw.run_input import RunInput


def require_reviewed(options: StartOptions) -> None:
    """Refuse to start a run that cannot be confirmed.

    Raises:
        OperatorError: nobody can be asked, or there is no plan to confirm.
    """
    if options.no_plan and not options.yes:
        raise UsageError(_("--no-plan starts a run that nobody has reviewed: it needs --yes"))
    require_confirmation(yes=options.yes)


def start_run(
    context: DeploymentContext, run_input: Mapping[str, Any], options: StartOptions
) -> None:
    """Show a run's plan, ask, start the run, and print its name or, when waiting, its result.

    A dry run needs neither a plan nor a confirmation, since it sends no restore requests.

    Args:
        context: the deployment and its cloud.
        run_input: the run's input, by JSON names.
        options: the options for starting it.

    Raises:
        OperatorError: the run cannot work, the answer is no, or the cloud refuses a call.
    """
    run = plan_arguments.run_of(context, run_input)
    expected = None
    if not run.dry_run:
        require_reviewed(options)
    if not (run.dry_run or options.no_plan):
        plan = _review(context, run, options)
        if plan is None:
            return
        expected = plan.survey.objects if plan.survey is not None else None
    name = options.name or run_name()
    submitted = _submit(context, name, {"endpoint": run.endpoint, **run_input})
    if submitted.was_running:
        err.print_line(_("{run} is already running, with the same input.").format(run=name))
    elif options.wait:
        err.print_line(_("Started {run}.").format(run=name))
    execution = submitted.execution
    if options.wait:
        follow_to_its_end(context, name, expected=expected, as_json=options.as_json)
    elif options.as_json:
        print_json({"flow": execution.flow, "run": execution.name, "status": execution.status})
    else:
        out.print_line(execution.name)
        print_command(context.command("watch", "--run", execution.name))


def confirm_plan(context: DeploymentContext, run_input: Mapping[str, Any], *, yes: bool) -> None:
    """Show the cost of a run and ask, unless it is already confirmed.

    Raises:
        OperatorError: the run cannot work, the answer is no, or the cloud refuses a call.
    """
    options = StartOptions(yes=yes)
    require_reviewed(options)
    if not yes:
        _review(context, plan_arguments.run_of(context, run_input), options)


def _review(context: DeploymentContext, run: RunInput, options: StartOptions) -> RunPlan | None:
    """Show the plan and ask; return None if there is nothing to do."""
    terms = plan_arguments.terms(
        context.deployment.environment, prices=options.prices, currency=options.currency
    )
    try:
        with listing_progress() as on_progress:
            plan = plan_bucket(
                context.target, context.deployment, run, terms, on_progress, as_given=True
            )
    except KeyboardInterrupt as error:
        raise interrupted(_("nothing was done")) from error
    plan.preflight.refuse()
    show_plan(plan, (), err)
    if plan.survey is not None and not plan.survey.has_work:
        err.print_line(no_run_text(run, plan.survey))
        if options.as_json:
            print_json({"run": None, "status": "NothingToDo"})
        return None
    confirm(lambda: start_text(plan), yes=options.yes)
    return plan


def _submit(context: DeploymentContext, name: str, run_input: Mapping[str, Any]) -> Submission:
    try:
        return submit(context.workflow, context.deployment.main_flow, name, run_input)
    except KeyboardInterrupt as error:
        command = context.command("watch", "--run", name)
        raise interrupted(
            _("run {run} may have been started; check with: {command}").format(
                run=name, command=command
            )
        ) from error


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
        run: the run's name.
        expected: number of objects to request, if they were counted.
        as_json: whether to print JSON.
        stream: whether to print it after every change.

    Raises:
        OperatorError: as :func:`follow`, or Ctrl-C was pressed.
    """
    try:
        state = _follow(context, run, expected=expected, stream=stream)
    except KeyboardInterrupt as error:
        watch_command = context.command("watch", "--run", run)
        raise interrupted(
            _("run {run} continues; watch it again with: {command}").format(
                run=run, command=watch_command
            )
        ) from error
    print_state(state, as_json=as_json)
    warn_of_expiry(context, run, state.verdict)
    if not as_json:
        print_next(context, run, state.verdict)
    exit_with(state.verdict, shown=not as_json)


def _follow(
    context: DeploymentContext, run: str, *, expected: int | None, stream: bool
) -> RunState:
    last: dict[str, object] = {}

    def report(error: UnreachableError) -> None:
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

        return follow(observer.look, look, on_disconnect=report)
