"""Of a run's plan, what an operator is told before the run is started."""

from __future__ import annotations

from oss_restore.language import gettext as _
from oss_restore.planning.choices import RunPlan
from oss_restore.planning.survey import Survey
from oss_restore.reporting.bill_text import total_text
from thaw.run_input import RunInput


def what_is_started(plan: RunPlan) -> str:
    """What an operator is asked about."""
    if not plan.choices:
        return _("This run will be started.")
    # It is started as given, so there is one choice.
    total = total_text(plan.choices[0].bill)
    return _("This run will be started, at an estimated cost of {total}.").format(total=total)


def nothing_to_do(run: RunInput, survey: Survey) -> str:
    """Why no run was started."""
    if not survey.scanned:
        places = ", ".join(
            f"oss://{run.bucket_name}/{one}" for one in run.prefixes or (run.prefix,)
        )
        return _("There is no object below {places}: no run was started.").format(places=places)
    return _("There is nothing to thaw and nothing to wait for: no run was started.")
