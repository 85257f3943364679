"""Texts about a run's plan, shown before the run is started."""

from __future__ import annotations

from oss_restore.language import gettext as _
from oss_restore.planning.choices import RunPlan
from oss_restore.planning.survey import Survey
from oss_restore.reporting.bill_text import total_text
from thaw.run_input import RunInput


def start_text(plan: RunPlan) -> str:
    """Return the text that an operator is asked to confirm."""
    if not plan.choices:
        return _("This run will be started.")
    # The run is started with its own settings, so there is only one choice.
    total = total_text(plan.choices[0].bill)
    return _("This run will be started, at an estimated cost of {total}.").format(total=total)


def no_run_text(run: RunInput, survey: Survey) -> str:
    """Return the reason why no run was started."""
    if not survey.scanned:
        places = ", ".join(
            f"oss://{run.bucket_name}/{prefix}" for prefix in run.prefixes or (run.prefix,)
        )
        return _("There is no object below {places}: no run was started.").format(places=places)
    return _("There is nothing to thaw and nothing to wait for: no run was started.")
