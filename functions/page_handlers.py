"""The functions that work on pages: ``listArchiveFiles``, ``restore`` and ``restoreStatus``."""

from __future__ import annotations

from functools import partial

from functions.earlier_release import PAGE_FIELDS, range_status, refuse_group
from functions.handling import caught_error, handler
from functions.invocation import Invocation
from functions.listing import list_page
from functions.looks import last_look, look_response, poll_response
from functions.rate_limit import Pacer
from functions.restore_requests import claim_freely
from functions.restore_task import give_up_objects, restore_objects
from thaw.errors import InvalidInput
from thaw.json_reader import Reader
from thaw.ledger import count, count_failures
from thaw.outcomes import Outcome
from thaw.page_chunks import PageIndex, Slice, end_of_page, page_at
from thaw.page_looks import PageLooks
from thaw.page_ranges import PageRange
from thaw.poll_intervals import first_wait
from thaw.run_input import Run
from thaw.totals import GroupCounts, Totals


@handler
def list_archive_files(invocation: Invocation) -> dict[str, object]:
    """List a page: ``{run, marker, page, totals, results}`` -> the page, and totals including it.

    A page is listed once: if its chunk is in the ledger, a call uses that. ``marker`` is the end of
    the previous page, as returned by :func:`thaw.page_chunks.end_of_page`; ``results`` are those of
    the restore tasks of that page. The response is that of :func:`page_response`.

    ``{run, page, ahead: "true"}`` -> ``{}`` lists the next page while this one is being requested.
    """
    event = invocation.event
    run = invocation.run()
    marker = event.text("marker", "")
    number = event.integer("page", 0)
    ahead = event.text("ahead", "false") == "true"
    ledger = invocation.ledger(run)
    ledger.check_stop()
    if ahead:
        event.finish(allow_unknown=True)
        page = ledger.known_page(number)
        # Waiting for a page takes as long as a thaw, after which the listing would be outdated.
        if not page.end and run.wait_for != "page":
            _page(invocation, run, number + 1, marker=page.until)
        return {}
    totals = Totals.from_json(event.value("totals"))
    totals.add_results(event.texts("results", ()), partial(ledger.known_group, number - 1))
    event.finish(allow_unknown=True)
    page = _page(invocation, run, number, marker=marker)
    totals.add_page(page)
    return {**page_response(page, run), "totals": totals.to_json()}


def _page(invocation: Invocation, run: Run, number: int, *, marker: str) -> PageIndex:
    """Return a page from the ledger, after listing it if it was not listed before."""
    ledger = invocation.ledger(run)
    index = ledger.page(number)
    if index is not None:
        return index
    chunk = list_page(
        invocation.store(run),
        run,
        page=number,
        after=ledger.position(marker) or run.marker,
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
        skipped=page.outcomes.objects,
    )
    return page


def page_response(page: PageIndex, run: Run) -> dict[str, object]:
    """Return a page as the flow carries it: counts, slices, and a page number instead of a key."""
    thawing = [
        name for name, outcomes in page.skipped.items() if Outcome.ALREADY_THAWING in outcomes
    ]
    waits = run.wait_for == "page" and not run.dry_run
    nothing_to_do = not page.slices and not (waits and thawing)
    return {
        "bucketName": run.bucket_name,
        "filesGroup": [part.to_json() for part in page.slices],
        "archiveFilesCount": sum(part.objects for part in page.slices),
        "empty": _text_of(nothing_to_do),
        "end": _text_of(page.end),
        "page": page.page,
        "nextPage": page.page + 1,
        "marker": end_of_page(page.page),
        "firstWait": first_wait(page.to_send, thawing, run),
        **PAGE_FIELDS,
    }


def _text_of(value: bool) -> str:
    """Return a boolean as text, which flows can compare."""
    return "true" if value else "false"


@handler
def restore(invocation: Invocation) -> dict[str, object]:
    """Request a group: ``{run, files, page, group, archiveFilesCount}`` -> ``{outcomes, counts}``.

    ``files`` is a slice of the page's chunk; ``archiveFilesCount`` is the number of objects to be
    requested on the whole page. Before it sends anything, the task creates a marker in the ledger.
    A repeated call finds the marker, and returns the recorded outcomes or, if there are none, looks
    at the objects again before it sends requests. With ``failure: {error, cause}``, the task sends
    nothing, and records the outcomes of a group on which the flow has given up.
    """
    event = invocation.event
    run = invocation.run()
    if run.dry_run:
        raise InvalidInput("a dry run sends nothing, and must not call restore")
    files = _slice(Reader(event.value("files"), "files"))
    page, number = event.integer("page", 0), event.integer("group", 0)
    of_page = event.integer("archiveFilesCount", run.max_keys)
    failure = event.value("failure")
    event.finish(allow_unknown=True)
    share = min(1.0, files.objects / max(1, of_page))
    pacer = Pacer(run.objects_per_second, share, number * share % 1)
    ledger, store = invocation.ledger(run), invocation.store(run)
    ledger.check_stop()
    first = ledger.begin_group(page, number)
    part = None if first else ledger.group(page, number)
    if part is None:
        objects, now = ledger.objects(page, files)
        if failure is None:
            claim = claim_freely if run.manifest is None else partial(ledger.claim, page, number)
            part = restore_objects(
                *(store, run, objects, pacer), now=now, retried=not first, claim=claim
            )
        else:
            error, cause = caught_error(Reader(failure, "failure"))
            part = give_up_objects(store, run, objects, error=error, cause=cause, retried=not first)
        ledger.write_group(page, number, part)
    outcomes = count(part.records)
    log = invocation.log.bind(run=run.run_id, page=page, group=number)
    log.info("group restored", outcomes=outcomes)
    for (outcome, code), failed in count_failures(part.records).items():
        log.error("objects failed", outcome=outcome, code=code, objects=failed)
    return {"outcomes": outcomes, "counts": GroupCounts.of(part).text}


def _slice(files: Reader) -> Slice:
    refuse_group(files)
    chunk_slice = Slice(
        offset=files.integer("offset", 0),
        length=files.integer("length", 1, low=1),
        objects=files.integer("objects", 1, low=1),
    )
    files.finish()
    return chunk_slice


@handler
def restore_status(invocation: Invocation) -> dict[str, object]:
    """Check if a page is readable: ``{run, after, until}`` -> ``{status, cursor, waitSeconds}``.

    ``until`` is the page's end, as returned by :func:`thaw.page_chunks.end_of_page`; the flows of
    releases before 0.2 pass keys.

    ``{run, pages, final}`` -> ``{lookedAt, left, readable}`` looks at a range of pages. ``left``
    has the pages that need another look, and the seconds until then. With ``final: "true"``, it is
    the last look, which records the standings of the objects.
    """
    event = invocation.event
    run = invocation.run()
    after, until = event.text("after", ""), event.text("until", "")
    pages, final = event.value("pages"), event.text("final", "false") == "true"
    event.finish(allow_unknown=True)
    ledger, store = invocation.ledger(run), invocation.store(run)
    ledger.check_stop()
    looks = PageLooks(store, run, ledger)
    if pages is not None:
        page_range = PageRange.parse(pages)
        left = last_look(looks, page_range) if final else looks.until_thawing(page_range)
        response = look_response(page_range, left)
    elif (page := page_at(until)) is not None:
        left = looks.until_thawing(PageRange(page, page))
        response = poll_response(after, left.wait_seconds if left.pages else 0)
    else:
        response = range_status(store, run, after=after, until=until)
    invocation.log.info("objects looked at", run=run.run_id, pages=pages or until, **response)
    return response
