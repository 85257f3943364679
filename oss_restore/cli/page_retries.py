"""Retries started from the console's page: first offered, then confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oss_restore.cli import plan_arguments
from oss_restore.clients.context import DeploymentContext
from oss_restore.errors import UsageError
from oss_restore.language import gettext as _
from oss_restore.planning.run_plan import plan_bucket
from oss_restore.reporting.plan_text import no_run_text, start_text
from oss_restore.runs.observer import observer_of
from oss_restore.runs.retries import prepare_retry, retry_text
from oss_restore.runs.run_lookup import run_name
from oss_restore.runs.submission import submit


class PageRetries:
    """Starts runs over failed objects, like ``retry-failed``.

    Args:
        context: the deployment.
    """

    def __init__(self, context: DeploymentContext) -> None:
        self._context = context
        self._offered: dict[str, Mapping[str, Any]] = {}

    def offer(self, before: str, _given: Mapping[str, object]) -> dict[str, object]:
        """Prepare a run, and return its name and the question before it is started.

        Raises:
            OperatorError: nothing has failed, the run cannot work, or the cloud refuses a call.
        """
        context, name = self._context, run_name()
        verdict = observer_of(context, before).look().verdict
        retry = prepare_retry(context, before, name, {}, died=verdict.ending == "failed")
        if retry is None:
            raise UsageError(
                _("No object of {run} failed on its own: no run was started.").format(run=before)
            )
        run_input, objects = retry
        run = plan_arguments.run_of(context, run_input)
        deployment = context.deployment
        plan = plan_bucket(
            context.target,
            deployment,
            run,
            plan_arguments.terms(deployment.environment),
            lambda *_: None,
            as_given=True,
        )
        plan.preflight.refuse()
        if plan.survey is not None and not plan.survey.has_work:
            raise UsageError(no_run_text(run, plan.survey))
        self._offered[name] = {"endpoint": run.endpoint, **run_input}
        question = f"{retry_text(before, objects)} {start_text(plan)}"
        return {"run": name, "question": question}

    def start(self, _before: str, given: Mapping[str, object]) -> dict[str, object]:
        """Start a run that was offered.

        Raises:
            OperatorError: the run was not offered, or the cloud refuses a call.
        """
        name = str(given.get("run"))
        if name not in self._offered:
            raise UsageError(_("There is no such page."))
        flow = self._context.deployment.main_flow
        submit(self._context.workflow, flow, name, self._offered.pop(name))
        return {}
