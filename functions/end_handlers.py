"""``summarizeRun`` and ``notifyRun``, which end a run or one of its legs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from functions.delivery import deliver
from functions.earlier_release import SUMMARY_FIELDS
from functions.handling import caught_error, handler
from functions.invocation import Invocation
from functions.looks import left_of, next_round, pages_of_listers
from functions.notifying import DeliveryStatus, notice_of_end, notify_targets, same_error
from functions.restore_requests import restore_action
from functions.summary import summarize, summary_of
from thaw.errors import AccessDenied, RunError
from thaw.json_reader import Reader
from thaw.ledger import Ledger
from thaw.ledger_reading import legs, standings
from thaw.manifest.chunks import wrong_rows
from thaw.notification_targets import targets_of
from thaw.oss_errors import describe
from thaw.outcomes import Outcome
from thaw.page_looks import PageLooks
from thaw.page_ranges import share_out
from thaw.retry import CALL_ERRORS
from thaw.run_input import Run
from thaw.run_input_parser import parse_recorded_run
from thaw.shards import Shard, has_shards, shard_of_page
from thaw.standings import Standings
from thaw.store import NULL_VERSION
from thaw.totals import Totals
from thaw.verdict import Verdict, verdict_of


@handler
def summarize_run(invocation: Invocation) -> dict[str, object]:
    """Summarize a run or a part of it: ``{run, leg, page, totals, results}`` -> a summary.

    ``results`` are those of the tasks of ``page``. Only the root's summary is that of the run: a
    relay's is for its parent, and a shard's totals are recorded for the root.

    ``{run, leg: "died", shard}`` records that a lister failed.

    ``{run, leg: "pages", totals, errors, causes}`` -> ``{ranges}`` divides all pages of the run
    into ranges for the looks at them. ``errors`` and ``causes`` are those of its listers, and empty
    for those that succeeded. The first error ends the run here, after all other listers have
    finished.

    ``{run, leg: "left", left}`` -> ``{ranges, status, waitSeconds}``: the next round of looks.
    """
    event = invocation.event
    run = invocation.run()
    leg = event.text("leg", "root")
    ledger = invocation.ledger(run)
    ledger.check_stop()
    if leg == "left":
        return next_round([left_of(item) for item in _list(event.value("left"))])
    errors, causes = _list(event.value("errors")), _list(event.value("causes"))
    for error, cause in zip(errors, causes, strict=True):
        if error:
            raise same_error(str(error), str(cause))
    if leg == "pages":
        listers = pages_of_listers(ledger, run, Totals.from_json(event.value("totals")))
        ranges = share_out(listers, invocation.settings.allowance.calls)
        return {"ranges": [pages.to_json() for pages in ranges]}
    if leg == "died":
        ledger.write_death(Shard.parse(Reader(event.value("shard"), "the shard")).number)
        return {}
    page = event.integer("page", 0)
    totals = Totals.from_json(event.value("totals"))
    totals.add_results(event.texts("results", ()), partial(ledger.known_group, page))
    event.finish(allow_unknown=True)
    if leg == "shard":
        ledger.write_leg(shard_of_page(page), totals.to_json())
    if leg != "root":
        return {**summary_of(totals, ledger, run), **SUMMARY_FIELDS}
    for data in legs(ledger) if has_shards(run) else ():
        totals.add(Totals.from_json(data))
    verdict = _verdict(invocation, run, ledger, totals)
    summary = summarize(ledger, run, totals, verdict)
    write = invocation.log.error if verdict.exit_code else invocation.log.info
    write("run summarized", run=run.run_id, **{k: v for k, v in summary.items() if k != "runId"})
    if verdict.ending == "failed":
        raise AccessDenied(verdict.cause)
    return {**summary, **SUMMARY_FIELDS}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _verdict(invocation: Invocation, run: Run, ledger: Ledger, totals: Totals) -> Verdict:
    final = Standings()
    for data in standings(ledger):
        final.add(Standings.from_json(data))
    if not final.by_class:  # nothing was listed, or by the flows of a release before 0.2
        final = PageLooks(invocation.store(run), run, ledger).all_standings()
    rows = wrong_rows(ledger, run)
    verdict = verdict_of(run, totals, final, rows, seconds=ledger.age("input.json") or 0.0)
    denied = totals.outcomes[Outcome.DENIED.value]
    if denied and denied == sum(totals.planned.values()):
        action = restore_action("" if run.versions == "current" else NULL_VERSION)
        cause = (
            f"OSS refused {action} on every object of the run in {run.bucket_name}: grant it to the"
            " functions' role, and look for a bucket policy that denies it"
        )
        return replace(verdict, ending="failed", error=AccessDenied.__name__, cause=cause)
    return verdict


@handler
def notify_run(invocation: Invocation) -> dict[str, object]:
    """Notify: ``{run | input, executionName, step, error, cause, passOn}`` -> ``{notified}``.

    Sends the notifications at the end of a run: of ``run`` or, without one, of the root execution
    with that ``input``. ``error`` names the error that ended it, if one did; with
    ``passOn: "true"`` it is raised again under its own name, so that the flow fails with it. After
    an error, unfinished uploads are aborted.
    """
    event = invocation.event
    run, run_input = event.value("run"), event.value("input")
    error, cause = caught_error(event)
    name = event.text("executionName", "")
    step = f"{name}:{event.value('step')}"
    passes_on = event.text("passOn", "false") == "true"
    event.finish(allow_unknown=True)
    given = run if isinstance(run, Mapping) else run_input
    known = given if isinstance(given, Mapping) else {}
    sent: Mapping[str, DeliveryStatus] = {}
    targets = targets_of(invocation.environment)
    run_id, is_root = str(known.get("runId", name)), "relay" not in known and "shard" not in known
    if error and is_root:
        _give_up_uploads(invocation, run_id)
    if targets and is_root:  # only the root notifies
        ledger = invocation.ledger_of(run_id)
        notice = notice_of_end(
            ledger,
            run_id=run_id,
            environment=invocation.settings.environment,
            given=known,
            error=error,
            cause=cause,
        )
        sent = notify_targets(
            notice,
            targets,
            ledger,
            partial(deliver, credentials=invocation.credentials, retry=invocation.retry),
            step=step,
            journal=invocation.log.bind(run=notice.run_id),
        )
    if passes_on:
        raise same_error(error, cause)
    return {"notified": ", ".join(f"{target}: {how}" for target, how in sent.items())}


def _give_up_uploads(invocation: Invocation, run_id: str) -> None:
    """Abort a run's unfinished uploads; failures are only logged.

    Parts are billed until their upload is completed or aborted. The next run over the same objects
    would continue the uploads, but there may never be one.
    """
    journal = invocation.log.bind(run=run_id)
    try:
        recorded = invocation.ledger_of(run_id).read("input.json")
        if recorded is None:
            return
        run = parse_recorded_run(recorded, foreach_limit=invocation.settings.foreach_limit)
        if run.then is None:
            return
        from functions.copiers import (  # noqa: PLC0415 - other runs' cold starts do without
            object_copier,
            part_copier,
        )

        given_up = part_copier(invocation, run, object_copier(invocation, run)).give_up_all()
    except (RunError, *CALL_ERRORS) as error:
        problem = str(error) if isinstance(error, RunError) else describe(error)
        journal.error("unfinished uploads are left", error=problem)
    else:
        journal.info("unfinished uploads given up", uploads=given_up)
