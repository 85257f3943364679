"""Abort the unfinished uploads of a run that was stopped or has failed.

Parts are billed until their upload is completed or aborted. The next run over the same objects
would continue the uploads, but there may never be one.
"""

from __future__ import annotations

from functions.copiers import object_copier, part_copier
from functions.invocation import Invocation
from thaw.errors import RunError
from thaw.oss_errors import describe
from thaw.retry import CALL_ERRORS
from thaw.run_input_parser import parse_recorded_run


def give_up_uploads(invocation: Invocation, run_id: str) -> None:
    """Abort a run's unfinished uploads; failures are only logged."""
    journal = invocation.log.bind(run=run_id)
    try:
        recorded = invocation.ledger_of(run_id).read("input.json")
        if recorded is None:
            return
        run = parse_recorded_run(recorded, foreach_limit=invocation.settings.foreach_limit)
        if run.then is None:
            return
        given_up = part_copier(invocation, run, object_copier(invocation, run)).give_up_all()
    except (RunError, *CALL_ERRORS) as error:
        problem = str(error) if isinstance(error, RunError) else describe(error)
        journal.error("unfinished uploads are left", error=problem)
    else:
        journal.info("unfinished uploads given up", uploads=given_up)
