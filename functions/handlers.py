"""The functions as FC calls them: an event's bytes in, JSON out, errors by the exception's class.

Each function's docstring gives its event and its answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from functions.copy_target import check_target
from functions.delivery import deliver
from functions.earlier_release import OF_SUMMARIES, range_status, refuse_group
from functions.handling import handler
from functions.invocation import Invocation
from functions.listing import list_page
from functions.looks import answer_of, last_look, left_of, next_round, pages_of_listers, poll_answer
from functions.notifying import DeliveryStatus, notice_of_end, notify_targets, same_error
from functions.pages import answer
from functions.rate_limit import Pacer
from functions.restore_requests import claim_freely, restore_action
from functions.restore_task import give_up_objects, restore_objects
from functions.summary import summarize, summary_of
from thaw.chosen_settings import copies_at_once, most_listers, settle, with_defaults
from thaw.errors import AccessDenied, InvalidInput, StorageRefused
from thaw.json_reader import Reader
from thaw.last_look import look_at_run, look_for_thawing
from thaw.ledger import Ledger, Part, count, count_failures
from thaw.ledger_reading import legs
from thaw.ledger_reading import standings as all_standings
from thaw.manifest.chunks import Chunks
from thaw.manifest.files import find_files
from thaw.manifest.wrong_rows import WrongRows
from thaw.notification_targets import targets_of
from thaw.outcomes import Outcome
from thaw.page_chunks import PageIndex, PageObject, Slice, page_at
from thaw.page_ranges import PageRange
from thaw.page_ranges import share_out as share_out_pages
from thaw.run_input import Run
from thaw.run_input_parser import parse_run, parse_run_input, start_run
from thaw.shards import Shard, has_shards, shard_of_page, share_out, whole
from thaw.standings import Standings
from thaw.store import NULL_VERSION
from thaw.totals import GroupCounts, Totals
from thaw.verdict import Verdict, verdict_of

_MOST_PAGES = 2**53  # the whole numbers that every JSON reader keeps
_MOST_BYTES = 2**53


@handler
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
        given = with_defaults(given, defaults)
    limit, allowance = invocation.settings.foreach_limit, invocation.settings.allowance
    run = start_run(parse_run_input(given, foreach_limit=limit, allowance=allowance), name)
    run = invocation.settings.copies.settled(run)
    if run.then is not None:
        check_target(invocation.copy_store(run), run, invocation.settings.copies)
    ledger = invocation.ledger(run)
    if run.manifest is not None:
        files = find_files(invocation.manifest_store(run, run.manifest), run.manifest)
        Chunks(ledger, run).start(files)
    shards = share_out(invocation.store(run), run, most=most_listers(run, allowance))
    if run.then is not None and not shards:  # copying goes on beside listing, whatever lists
        shards = [whole(run)]
    run = settle(run, allowance, listers=max(1, len(shards)))
    ledger.write_json("input.json", {**run.to_json(), "chosen": sorted(run.chosen)})
    invocation.log.info("run prepared", run=run.run_id, bucket=run.bucket_name)
    for shard in shards:  # what is wrong with one of them is wrong with the run
        parse_run(shard.of(run).to_json(), foreach_limit=limit)
    at_once = copies_at_once(allowance, len(shards))
    leg = _leg(run, page=0, totals=Totals(), leg="root", shards=shards)
    return {**leg, "copiesAtOnce": at_once}


def _shard(given: Reader, invocation: Invocation) -> dict[str, object]:
    whole = parse_run(given.value("run"), foreach_limit=invocation.settings.foreach_limit)
    shard = Shard.parse(Reader(given.value("shard"), "the shard"))
    given.finish()
    invocation.ledger(whole).check_stop()
    run, page = shard.of(whole), shard.first_page
    invocation.log.info("shard started", run=run.run_id, page=page, prefix=run.prefix)
    return _leg(run, page=page, totals=Totals(), leg="shard")


def _relay(relay: Reader, invocation: Invocation) -> dict[str, object]:
    run = parse_run(relay.value("run"), foreach_limit=invocation.settings.foreach_limit)
    marker = relay.text("marker", "")
    page = relay.integer("page", 0, 0, _MOST_PAGES)
    totals = Totals.from_json(relay.value("totals"))
    relay.finish()
    invocation.ledger(run).check_stop()
    invocation.log.info("run relayed", run=run.run_id, page=page)
    return _leg(run, marker=marker, page=page, totals=totals, leg="relay")


def _leg(
    run: Run,
    *,
    page: int,
    totals: Totals,
    leg: str,
    marker: str = "",
    shards: Sequence[Shard] = (),
) -> dict[str, object]:
    """Where a leg of the run starts. Only the root waits for the objects.

    Where they are copied, the copies are waited for in place of that.

    ``marker`` is empty where that is the start of the run, or of the lister's part of it.
    """
    works = leg == "root" and not run.dry_run
    waits = works and run.wait_for == "run" and run.then is None
    return {
        "run": run.to_json(),
        "marker": marker,
        "page": page,
        "totals": totals.to_json(),
        "leg": leg,
        "awaits": "true" if waits else "false",
        "sharded": "true" if shards else "false",
        "shards": [shard.to_json() for shard in shards],
        "copies": "true" if works and run.then is not None else "false",
        "copiesAtOnce": 0,
    }


@handler
def list_archive_files(invocation: Invocation) -> dict[str, object]:
    """``{run, marker, page, totals, results}`` -> one page, and the totals up to and with it.

    A page is listed once: a call that finds its chunk in the ledger goes by that. ``marker`` is
    where the page before ends, as :func:`thaw.ledger.end_of_page`; ``results`` are what the restore
    tasks of that page answered. The answer is that of :func:`functions.pages.answer`.

    ``{run, page, ahead: "true"}`` -> ``{}`` lists the page behind that one while it is being sent.
    """
    event = invocation.event
    run = invocation.run()
    marker = event.text("marker", "")
    number = event.integer("page", 0, 0, _MOST_PAGES)
    ahead = event.text("ahead", "false") == "true"
    ledger = invocation.ledger(run)
    ledger.check_stop()
    if ahead:
        event.finish(allow_unknown=True)
        page = ledger.known_page(number)
        # A page that is waited for takes as long as a thaw: what was listed before it is old then.
        if not page.end and run.wait_for != "page":
            _page(invocation, run, number + 1, marker=page.until)
        return {}
    totals = _totals(event, ledger, page=number - 1)
    event.finish(allow_unknown=True)
    page = _page(invocation, run, number, marker=marker)
    totals.add_page(page)
    return {**answer(page, run), "totals": totals.to_json()}


def _page(invocation: Invocation, run: Run, number: int, *, marker: str) -> PageIndex:
    """A page from the ledger; listed, and put there, if that was not done yet."""
    ledger = invocation.ledger(run)
    known = ledger.page(number)
    if known is not None:
        return known
    chunk = list_page(
        invocation.store(run),
        run,
        page=number,
        after=ledger.place(marker) or run.marker,
        foreach_limit=invocation.settings.foreach_limit,
        manifest=invocation.manifest(run),
    )
    page = ledger.keep_page(chunk)
    invocation.log.info(
        "page listed",
        run=run.run_id,
        page=number,
        scanned=page.scanned,
        listed=page.listed,
        groups=len(page.slices),
        sorted_out=page.outcomes.objects,
    )
    return page


def _totals(event: Reader, ledger: Ledger, *, page: int) -> Totals:
    """What the run adds up to, with the groups of a page."""

    def read(group: int) -> Part:
        part = ledger.group(page, group)
        if part is None:
            raise StorageRefused(f"the ledger has lost the outcomes of page {page}, group {group}")
        return part

    totals = Totals.from_json(event.value("totals"))
    totals.add_results(event.texts("results", ()), read)
    return totals


@handler
def restore(invocation: Invocation) -> dict[str, object]:
    """``{run, files, page, group, archiveFilesCount}`` -> ``{outcomes, counts}``.

    ``files`` is a slice of the page's chunk; ``archiveFilesCount`` is how many objects the whole
    page has to send. A mark in the ledger, made before anything is sent, tells a call that is made
    again from the first one: it answers with what was recorded, or looks before it sends. With
    ``failure: {error, cause}`` nothing is sent: what the flow gave up on is recorded.
    """
    event = invocation.event
    run = invocation.run()
    if run.dry_run:
        raise InvalidInput("a dry run sends nothing, and must not call restore")
    files = _slice(Reader(event.value("files"), "files"))
    page = event.integer("page", 0, 0, _MOST_PAGES)
    number = event.integer("group", 0, 0, _MOST_PAGES)
    of_page = event.integer("archiveFilesCount", run.max_keys, 0, _MOST_PAGES)
    failure = event.value("failure")
    event.finish(allow_unknown=True)
    pacer = _pacer(run, number, share=min(1.0, files.objects / max(1, of_page)))
    ledger, store = invocation.ledger(run), invocation.store(run)
    ledger.check_stop()
    first = ledger.begin_group(page, number)
    part = None if first else ledger.group(page, number)
    if part is None:
        objects, now = ledger.objects(page, files)
        if failure is None:
            claim = claim_freely if run.manifest is None else partial(_claim, ledger, page, number)
            part = restore_objects(
                *(store, run, objects, pacer), now=now, asked=not first, claim=claim
            )
        else:
            error, cause = _failure(Reader(failure, "failure"))
            part = give_up_objects(store, run, objects, error=error, cause=cause, asked=not first)
        ledger.write_group(page, number, part)
    outcomes = count(part.records)
    invocation.log.info(
        "group restored", run=run.run_id, page=page, group=number, outcomes=outcomes
    )
    for (outcome, code), failed in count_failures(part.records).items():
        invocation.log.error(
            "objects failed",
            run=run.run_id,
            page=page,
            group=number,
            outcome=outcome,
            code=code,
            objects=failed,
        )
    return {"outcomes": outcomes, "counts": GroupCounts.of(part).text}


def _claim(ledger: Ledger, page: int, group: int, wanted: PageObject) -> bool:
    return ledger.claim(wanted, page, group)


def _pacer(run: Run, group: int, *, share: float) -> Pacer:
    return Pacer(run.objects_per_second, share, group * share % 1)


def _slice(files: Reader) -> Slice:
    refuse_group(files)
    found = Slice(
        offset=files.integer("offset", 0, 0, _MOST_BYTES),
        length=files.integer("length", 1, 1, _MOST_BYTES),
        objects=files.integer("objects", 1, 1, _MOST_BYTES),
    )
    files.finish()
    return found


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _failure(failure: Reader) -> tuple[str, str]:
    return str(failure.value("error") or ""), str(failure.value("cause") or "")


@handler
def restore_status(invocation: Invocation) -> dict[str, object]:
    """``{run, after, until}`` -> ``{status, cursor, waitSeconds}``: whether a page is through.

    ``until`` is the page's end, as :func:`thaw.page_chunks.end_of_page`; keys are what the flows of
    releases before 0.2 carry.

    ``{run, pages, final}`` -> ``{lookedAt, left, readable}`` looks at a range of pages. ``left``
    holds those that are to be looked at again and the seconds until then, or nothing. With
    ``final: "true"`` it is the last look: where the objects stand is recorded.
    """
    event = invocation.event
    run = invocation.run()
    after, until = event.text("after", ""), event.text("until", "")
    pages, final = event.value("pages"), event.text("final", "false") == "true"
    event.finish(allow_unknown=True)
    ledger, store = invocation.ledger(run), invocation.store(run)
    ledger.check_stop()
    if pages is not None:
        look = last_look if final else look_for_thawing
        looked_at = PageRange.parse(pages)
        answer = answer_of(looked_at, look(store, run, ledger, looked_at))
    elif (page := page_at(until)) is not None:
        left = look_for_thawing(store, run, ledger, PageRange(page, page))
        answer = poll_answer(after, left.wait_seconds if left.pages else 0)
    else:
        answer = range_status(store, run, after=after, until=until)
    invocation.log.info("objects looked at", run=run.run_id, pages=pages or until, **answer)
    return answer


@handler
def summarize_run(invocation: Invocation) -> dict[str, object]:
    """``{run, leg, page, totals, results}`` -> a summary, see :mod:`functions.summary`.

    ``page`` is the one that ``results`` are of. Only the root's summary is the run's; a relay's is
    what its parent goes on from, and a shard's totals are kept for the root.

    ``{run, leg: "died", shard}`` records that a lister has died.

    ``{run, leg: "pages", totals, errors, causes}`` -> ``{ranges}`` shares all pages of the run out
    to look at. ``errors`` and ``causes`` are what each of its listers died of, empty where it did
    not: the run ends of the first one, now that all the others have done their part.

    ``{run, leg: "left", left}`` -> ``{ranges, status, waitSeconds}``: what is to be looked at next.
    """
    event = invocation.event
    run = invocation.run()
    leg = event.text("leg", "root")
    ledger = invocation.ledger(run)
    ledger.check_stop()
    if leg == "left":
        return next_round([left_of(one) for one in _list(event.value("left"))])
    errors, causes = _list(event.value("errors")), _list(event.value("causes"))
    for error, cause in zip(errors, causes, strict=True):
        if error:
            raise same_error(str(error), str(cause))
    if leg == "pages":
        listers = pages_of_listers(ledger, run, Totals.from_json(event.value("totals")))
        ranges = share_out_pages(listers, invocation.settings.allowance.calls)
        return {"ranges": [one.to_json() for one in ranges]}
    if leg == "died":
        ledger.write_death(Shard.parse(Reader(event.value("shard"), "the shard")).number)
        return {}
    page = event.integer("page", 0, 0, _MOST_PAGES)
    totals = _totals(event, ledger, page=page)
    event.finish(allow_unknown=True)
    if leg == "shard":
        ledger.write_leg(shard_of_page(page), totals.to_json())
    if leg != "root":
        return {**summary_of(totals, ledger, run), **OF_SUMMARIES}
    for data in legs(ledger) if has_shards(run) else ():
        totals.add(Totals.from_json(data))
    verdict = _verdict(invocation, run, ledger, totals)
    summary = summarize(ledger, run, totals, verdict)
    write = invocation.log.error if verdict.exit_code else invocation.log.info
    write("run summarized", run=run.run_id, **{k: v for k, v in summary.items() if k != "runId"})
    if verdict.ending == "failed":
        raise AccessDenied(verdict.cause)
    return {**summary, **OF_SUMMARIES}


def _verdict(invocation: Invocation, run: Run, ledger: Ledger, totals: Totals) -> Verdict:
    standings = Standings()
    for data in all_standings(ledger):
        standings.add(Standings.from_json(data))
    if not standings.by_class:  # nothing was listed, or by flows of a release before 0.2
        standings = look_at_run(invocation.store(run), run, ledger)
    rows = WrongRows() if run.manifest is None else Chunks(ledger, run).wrong_rows()
    verdict = verdict_of(run, totals, standings, rows, seconds=ledger.age("input.json") or 0.0)
    denied = totals.outcomes[Outcome.DENIED.value]
    if denied and denied == sum(totals.planned.values()):
        action = restore_action("" if run.versions == "current" else NULL_VERSION)
        cause = (
            f"OSS refused {action} on every object of the run in {run.bucket_name}: allow it to the"
            " functions' role, and look for a bucket policy that denies it"
        )
        return replace(verdict, ending="failed", error=AccessDenied.__name__, cause=cause)
    return verdict


@handler
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
    told: Mapping[str, DeliveryStatus] = {}
    targets = targets_of(invocation.environment)
    if targets and "relay" not in known and "shard" not in known:  # the root tells, nobody else
        ledger = invocation.ledger_of(str(known.get("runId", name)))
        notice = notice_of_end(
            ledger,
            run_id=str(known.get("runId", name)),
            environment=invocation.settings.environment,
            given=known,
            error=error,
            cause=cause,
        )
        told = notify_targets(
            notice,
            targets,
            ledger,
            partial(deliver, credentials=invocation.credentials, retry=invocation.retry),
            step=step,
            journal=invocation.log.bind(run=notice.run_id),
        )
    if passes_on:
        raise same_error(error, cause)
    return {"notified": ", ".join(f"{target}: {how}" for target, how in told.items())}
