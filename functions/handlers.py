"""The functions as FC calls them: an event's bytes in, JSON out, errors by the exception's class.

Each function's docstring gives its event and its answer.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial, wraps

from functions import log
from functions.delivery import deliver
from functions.groups import Group, RangeGroup, parse_group
from functions.invocation import Invocation
from functions.listing import list_page
from functions.manifest_pages import list_manifest, manifest_status
from functions.notifying import Told, notice_of_end, same_error, tell
from functions.pages import PageBuilder
from functions.range_pages import RangePage
from functions.rate_limit import Pacer
from functions.restore_task import give_up_group, restore_group
from functions.status import range_status
from functions.summary import summarize, summary_of
from functions.version_pages import list_versions
from thaw.errors import InvalidInput, RunError, StorageRefused
from thaw.json_reader import Reader
from thaw.ledger import Ledger, Part, count, count_failures
from thaw.limits import json_bytes
from thaw.manifest.chunks import Chunks
from thaw.manifest.files import find_files
from thaw.notification_targets import targets_of
from thaw.run_input import Run
from thaw.run_input_parser import parse_run, parse_run_input, start_run
from thaw.shards import Shard, is_shared_out, shard_of_page, share_out
from thaw.totals import GroupCounts, Totals

_MOST_PAGES = 2**53  # the whole numbers that every JSON reader keeps
_TOTALS_BYTES = 1_500  # as a step carries them: in its input, its local and its output

Handler = Callable[[bytes, object], str]
_Logic = Callable[[Invocation], Mapping[str, object]]

log.configure()


def _handler(logic: _Logic) -> Handler:
    """Makes an FC handler of a function that is given an invocation and returns JSON."""

    @wraps(logic)
    def handler(event: bytes, context: object) -> str:
        request = getattr(context, "request_id", "")
        journal = log.Log({"function": logic.__name__, "request": request})
        try:
            invocation = Invocation.start(event, context, os.environ, logic.__name__)
            journal = invocation.log.bind(run=invocation.run_id)
            return json.dumps(logic(invocation), separators=(",", ":"))
        except RunError as error:
            journal.error(str(error), error=type(error).__name__)
            raise

    return handler


@_handler
def prepare_run(invocation: Invocation) -> dict[str, object]:
    """``{input, defaults, executionName}`` -> where this leg of the run starts, see :func:`_leg`.

    Checks the input of a root execution and records it; ``defaults`` are the environment's own. A
    relay leg's input, ``{relay: {run, marker, page, totals}}``, is passed on; that of one lister of
    several, ``{run, shard}``, becomes a run over its part of the keys.
    """
    event = invocation.event
    given, defaults = event.value("input"), event.value("defaults")
    name = event.required("executionName")
    event.finish(allow_unknown=True)
    if isinstance(given, Mapping) and "relay" in given:
        return _relay(Reader(given["relay"], "the relay's input"), invocation)
    if isinstance(given, Mapping) and "shard" in given:
        return _shard(Reader(given, "the shard's input"), invocation)
    if isinstance(given, Mapping) and isinstance(defaults, Mapping):
        said = {name: value for name, value in given.items() if value is not None}
        given = {**defaults, **said}
    limit = invocation.settings.foreach_limit
    run = start_run(parse_run_input(given, foreach_limit=limit), name)
    ledger = invocation.ledger(run)
    if run.manifest is not None:
        files = find_files(invocation.manifest_store(run, run.manifest), run.manifest)
        Chunks(ledger, run.bucket_name).start(files)
    ledger.write_json("input.json", run.to_json())
    invocation.log.info("run prepared", run=run.run_id, bucket=run.bucket_name)
    shards = share_out(invocation.store(run), run)
    for shard in shards:  # what is wrong with one of them is wrong with the run
        parse_run(shard.of(run).to_json(), foreach_limit=limit)
    return _leg(run, marker=run.marker, page=0, totals=Totals(), leg="root", shards=shards)


def _shard(given: Reader, invocation: Invocation) -> dict[str, object]:
    whole = parse_run(given.value("run"), foreach_limit=invocation.settings.foreach_limit)
    shard = Shard.parse(Reader(given.value("shard"), "the shard"))
    given.finish()
    invocation.ledger(whole).check_stop()
    run, page = shard.of(whole), shard.first_page
    invocation.log.info("shard started", run=run.run_id, page=page, prefix=run.prefix)
    return _leg(run, marker=run.marker, page=page, totals=Totals(), leg="shard")


def _relay(relay: Reader, invocation: Invocation) -> dict[str, object]:
    run = parse_run(relay.value("run"), foreach_limit=invocation.settings.foreach_limit)
    marker = relay.text("marker", "")
    page = relay.whole("page", 0, 0, _MOST_PAGES)
    totals = Totals.from_json(relay.value("totals"))
    relay.finish()
    invocation.ledger(run).check_stop()
    invocation.log.info("run relayed", run=run.run_id, page=page)
    return _leg(run, marker=marker, page=page, totals=totals, leg="relay")


def _leg(
    run: Run,
    *,
    marker: str,
    page: int,
    totals: Totals,
    leg: str,
    shards: Sequence[Shard] = (),
) -> dict[str, object]:
    """Where a leg of the run starts. A relay leaves the waiting to the leg it took over from."""
    waits = leg != "relay" and run.wait_for == "run" and not run.dry_run and not shards
    return {
        "run": run.to_json(),
        "marker": marker,
        "page": page,
        "totals": totals.to_json(),
        "leg": leg,
        "awaits": "true" if waits else "false",
        "sharded": "true" if shards else "false",
        "shards": [shard.to_json() for shard in shards],
    }


@_handler
def list_archive_files(invocation: Invocation) -> dict[str, object]:
    """``{run, marker, page, totals, results}`` -> one page, and the totals up to and with it.

    ``results`` are what the restore tasks of the page before answered. See
    :meth:`functions.pages.PageBuilder.answer`.
    """
    event = invocation.event
    run = invocation.run()
    marker = event.text("marker", "")
    number = event.whole("page", 0, 0, _MOST_PAGES)
    ledger = invocation.ledger(run)
    ledger.check_stop()
    totals = _totals(event, ledger, page=number - 1)
    event.finish(allow_unknown=True)
    limit = invocation.settings.foreach_limit
    manifest = invocation.manifest(run)
    carried = json_bytes(event.value("results")) + 3 * _TOTALS_BYTES
    page: PageBuilder | RangePage
    if manifest is not None:
        page = list_manifest(manifest, run, marker=marker, page=number, foreach_limit=limit)
    else:
        list_next = list_versions if run.versions == "all" else list_page
        page = list_next(
            invocation.store(run),
            run,
            marker=marker,
            page=number,
            foreach_limit=limit,
            carried=carried,
        )
    record = page.record()
    ledger.write_page(record, page.sorted_out)
    totals.add_page(record, page.sorted_out)
    invocation.log.info(
        "page listed",
        run=run.run_id,
        page=number,
        scanned=record.scanned,
        listed=record.listed,
        groups=record.groups,
        sorted_out=count(page.sorted_out),
    )
    return {**page.answer(), "totals": totals.to_json()}


def _totals(event: Reader, ledger: Ledger, *, page: int) -> Totals:
    """What the run adds up to, with the groups of a page."""

    def read(group: int) -> Part:
        part, _ = ledger.find_group(page, group)
        if part is None:
            raise StorageRefused(f"the ledger has lost what became of page {page}, group {group}")
        return part

    totals = Totals.from_json(event.value("totals"))
    totals.add_results(event.texts("results", ()), read)
    return totals


@_handler
def restore(invocation: Invocation) -> dict[str, object]:
    """``{run, files, page, group, listedAt}`` -> ``{outcomes, counts}``.

    ``files`` is a group, see :mod:`functions.groups`. A call that finds its part of the ledger
    there has been made before, and sends nothing. With ``failure: {error, cause}`` nothing is sent
    either: what the flow gave up on is recorded.
    """
    event = invocation.event
    run = invocation.run()
    if run.dry_run:
        raise InvalidInput("a dry run sends nothing, and must not call restore")
    group = parse_group(Reader(event.value("files"), "files"))
    page = event.whole("page", 0, 0, _MOST_PAGES)
    number = event.whole("group", 0, 0, _MOST_PAGES)
    listed_at = event.whole("listedAt", 0, 0, _MOST_PAGES)
    failure = event.value("failure")
    event.finish(allow_unknown=True)
    ledger, store = invocation.ledger(run), invocation.store(run)
    part, now = ledger.find_group(page, number)
    manifest = invocation.manifest(run)
    if part is None:
        ledger.check_stop()
        if failure is None:
            pacer = _pacer(run, group, number)
            part = restore_group(store, run, group, pacer, age=now - listed_at, manifest=manifest)
        else:
            error, cause = _failure(Reader(failure, "failure"))
            part = give_up_group(store, run, group, error=error, cause=cause, manifest=manifest)
        ledger.write_group(page, number, part)
    outcomes = count(part.records)
    write = invocation.log.info if part.lost is None else invocation.log.error
    write("group restored", run=run.run_id, page=page, group=number, outcomes=outcomes)
    for (outcome, code), objects in count_failures(part.records).items():
        invocation.log.error(
            "objects failed",
            run=run.run_id,
            page=page,
            group=number,
            outcome=outcome,
            code=code,
            objects=objects,
        )
    counts = GroupCounts.of(part, listed_by_task=isinstance(group, RangeGroup))
    return {"outcomes": outcomes, "counts": counts.text}


def _pacer(run: Run, group: Group, number: int) -> Pacer:
    groups = math.ceil(run.max_keys / run.group_size)
    share = min(1.0, max(1, group.objects) / run.max_keys)
    return Pacer(run.objects_per_second, share, number % groups / groups)


def _failure(failure: Reader) -> tuple[str, str]:
    return str(failure.value("error") or ""), str(failure.value("cause") or "")


@_handler
def restore_status(invocation: Invocation) -> dict[str, object]:
    """``{run, after, until}`` -> how far, see :meth:`functions.status.RangeStatus.to_json`."""
    event = invocation.event
    run = invocation.run()
    after, until = event.text("after", ""), event.text("until", "")
    event.finish(allow_unknown=True)
    invocation.ledger(run).check_stop()
    manifest = invocation.manifest(run)
    if manifest is not None:
        status = manifest_status(manifest, run, after=after, until=until)
    else:
        status = range_status(invocation.store(run), run, after=after, until=until)
    answer = status.to_json()
    invocation.log.info("range checked", run=run.run_id, after=after, until=until, **answer)
    return answer


@_handler
def summarize_run(invocation: Invocation) -> dict[str, object]:
    """``{run, leg, page, totals, results}`` -> a summary, see :mod:`functions.summary`.

    ``page`` is the one that ``results`` are of. Only the root's summary is the run's; a relay's is
    what its parent goes on from, and a shard's totals are kept for the root.
    """
    event = invocation.event
    run = invocation.run()
    leg = event.text("leg", "root")
    page = event.whole("page", 0, 0, _MOST_PAGES)
    ledger = invocation.ledger(run)
    ledger.check_stop()
    totals = _totals(event, ledger, page=page)
    event.finish(allow_unknown=True)
    if leg == "shard":
        ledger.write_leg(shard_of_page(page), totals.to_json())
    if leg != "root":
        return summary_of(totals, ledger, run)
    for data in ledger.legs() if is_shared_out(run) else ():
        totals.add(Totals.from_json(data))
    manifest = invocation.manifest(run)
    wrong_rows = 0 if manifest is None else manifest.wrong_rows()
    summary = summarize(ledger, run, totals, wrong_rows=wrong_rows)
    write = (
        invocation.log.error if summary["failed"] or summary["unaccounted"] else invocation.log.info
    )
    write("run summarized", run=run.run_id, **{k: v for k, v in summary.items() if k != "runId"})
    return summary


@_handler
def notify_run(invocation: Invocation) -> dict[str, object]:
    """``{run | input, executionName, step, error, cause, passOn}`` -> ``{notified}``.

    Tells of the end of a run: of ``run``, or where there is none of the root execution with that
    ``input``. It died of ``error``, if there is one; with ``passOn: "true"`` that is raised again
    under its own name, so that the flow ends of it.
    """
    event = invocation.event
    run, run_input = event.value("run"), event.value("input")
    error, cause = _failure(event)
    name = event.text("executionName", "")
    step = f"{name}:{event.value('step')}"
    passes_on = event.text("passOn", "false") == "true"
    event.finish(allow_unknown=True)
    given = run if isinstance(run, Mapping) else run_input
    known = given if isinstance(given, Mapping) else {}
    told: Mapping[str, Told] = {}
    if "relay" not in known and "shard" not in known:  # the root tells, and nobody else
        ledger = invocation.ledger_of(str(known.get("runId", name)))
        notice = notice_of_end(
            ledger,
            run_id=str(known.get("runId", name)),
            environment=invocation.settings.environment,
            given=known,
            error=error,
            cause=cause,
        )
        told = tell(
            notice,
            targets_of(invocation.environment),
            ledger,
            partial(deliver, credentials=invocation.credentials, retry=invocation.retry),
            step=step,
            journal=invocation.log.bind(run=notice.run_id),
        )
    if passes_on:
        raise same_error(error, cause)
    return {"notified": ", ".join(f"{target}: {how}" for target, how in told.items())}
