"""``oss-restore console``: watch a deployment's runs and flows in a browser."""

from __future__ import annotations

import shlex
import webbrowser
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import deployment_options, run_option
from oss_restore.cli.parameter_types import Whole
from oss_restore.language import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oss_restore.clients.context import DeploymentContext
    from oss_restore.console.app import Action, Views
    from oss_restore.console.feeds import Document
    from oss_restore.reporting.facts import RunReport
    from oss_restore.runs.state import Alert

EXAMPLES = (
    "oss-restore console dev",
    "oss-restore console dev --run run-20261124-101500-1a2b3c",
    "oss-restore console dev --cloud cloud.json --allow-actions",
)


@command(EXAMPLES)
@deployment_options
@run_option
@click.option(
    "--port", type=Whole(0, 65_535), default=0, help="Where to listen; default: a free one."
)
@click.option("--open", "open_", is_flag=True, help="Open the address in a browser, too.")
@click.option(
    "--allow-actions",
    is_flag=True,
    help="Let the page stop runs, retry what failed, and change a local cloud's clock and faults.",
)
def console(
    context: DeploymentContext, *, run: str | None, port: int, open_: bool, allow_actions: bool
) -> None:
    """Serve a web page that shows runs and flows live. Ctrl-C ends it.

    It listens on this machine only, and prints an address that admits one browser.
    """
    from oss_restore.cli.console import err, out
    from oss_restore.console.app import Console
    from oss_restore.console.server import ConsoleServer

    context.deployment  # noqa: B018 - reports wrong arguments before the server starts
    views = views_of(context, allow_actions=allow_actions)
    server = ConsoleServer(
        Console(views),
        port=port,
        announce=lambda address: err.print_line(
            _("For another browser: {address}").format(address=address)
        ),
    )
    address = server.admission.address(f"/runs/{quote(run, safe='')}" if run else "/")
    out.print_line(address)
    if open_:
        webbrowser.open(address)
    try:
        server.run()
    finally:
        if views.cloud is not None:
            views.cloud.close()


def views_of(context: DeploymentContext, *, allow_actions: bool) -> Views:
    """Return the views for the console of a deployment."""
    from oss_restore.console.app import Views
    from oss_restore.console.executions import Executions
    from oss_restore.console.local_cloud import LocalCloudSource
    from oss_restore.console.run_document import run_document
    from oss_restore.console.run_sources import RunListSource, RunSource, earlier_runs
    from oss_restore.console.texts import page_document
    from oss_restore.reporting.assembly import report_on
    from oss_restore.runs.observer import observer_of

    pause, longer_pause = (1.0, 2.0) if context.local else (3.0, 10.0)

    def describe(report: RunReport, alerts: Sequence[Alert]) -> Document:
        run = report.state.result.execution.name
        command = ["oss-restore", "console", *context.arguments(), "--run", run]
        return run_document(report, alerts) | {"command": shlex.join(command)}

    executions = Executions(context.workflow, pause)
    cloud = None if context.control is None else LocalCloudSource(context.control, pause)
    return Views(
        page=lambda: page_document(
            context.deployment,
            environment=context.environment,
            is_local=context.local is not None,
            allow_actions=allow_actions,
        ),
        runs=lambda: RunListSource(context, longer_pause),
        earlier_runs=partial(earlier_runs, context),
        run=lambda run: RunSource(
            observer_of(context, run, with_objects=True).look,
            partial(report_on, context),
            describe,
            pause,
        ),
        execution=executions.source,
        picture=executions.picture,
        step=executions.step,
        visit=executions.visit,
        executions=executions.executions,
        cloud=cloud,
        run_actions=run_actions(context) if allow_actions else {},
        change_cloud=cloud.act if cloud and allow_actions else None,
    )


def run_actions(context: DeploymentContext) -> dict[str, Action]:
    """Return the page's actions on runs, by name."""
    from oss_restore.cli.page_retries import PageRetries
    from oss_restore.runs.stopping import stop_run

    retries = PageRetries(context)
    return {
        "stop": lambda run, _given: {"note": stop_run(context, run)},
        "offer-retry": retries.offer,
        "retry": retries.start,
    }
