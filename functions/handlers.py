"""The functions as FC calls them: an event's bytes in, JSON out, errors by the exception's class.

Each function's docstring gives its event and its answer.
"""

from __future__ import annotations

import functools
import json
import math
import os
from collections.abc import Callable, Mapping

from functions import log
from functions.contract import (
    ARCHIVE_CLASSES,
    InvalidInput,
    Outcome,
    OutcomeRecord,
    Run,
    RunError,
)
from functions.invocation import Invocation
from functions.ledger import count
from functions.listing import list_page
from functions.pacing import Pacer
from functions.pages import Group
from functions.reader import Reader
from functions.run_input import parse_run, parse_run_input, start_run
from functions.status import range_status
from functions.summary import summarize
from functions.thaw import thaw_group

_MOST_PAGES = 2**53  # the whole numbers that every JSON reader keeps

Handler = Callable[[bytes, object], str]
_Logic = Callable[[Invocation], Mapping[str, object]]

log.configure()


def _handler(logic: _Logic) -> Handler:
    """Makes an FC handler of a function that is given an invocation and returns JSON."""

    @functools.wraps(logic)
    def handler(event: bytes, context: object) -> str:
        try:
            invocation = Invocation.start(event, context, os.environ, logic.__name__)
            return json.dumps(logic(invocation), separators=(",", ":"))
        except RunError as error:
            request = getattr(context, "request_id", "")
            log.Log({"function": logic.__name__, "request": request}).error(
                str(error), error=type(error).__name__
            )
            raise

    return handler


@_handler
def prepare_run(invocation: Invocation) -> dict[str, object]:
    """``{input, defaults, executionName}`` -> ``{run, marker, page, leg, awaits}``.

    Checks the input of a root execution and records it; ``defaults`` are the environment's own. A
    relay leg's input, ``{relay: {run, marker, page}}``, is passed on.
    """
    event = invocation.event
    given, defaults = event.value("input"), event.value("defaults")
    name = event.required("executionName")
    event.finish(allow_unknown=True)
    if isinstance(given, Mapping) and "relay" in given:
        return _relay(Reader(given["relay"], "the relay's input"), invocation)
    if isinstance(given, Mapping) and isinstance(defaults, Mapping):
        said = {name: value for name, value in given.items() if value is not None}
        given = {**defaults, **said}
    limit = invocation.settings.foreach_limit
    run = start_run(parse_run_input(given, foreach_limit=limit), name)
    invocation.ledger(run).write_json("input.json", run.to_json())
    invocation.log.info("run prepared", run=run.run_id, bucket=run.bucket_name)
    return _leg(run, marker=run.marker, page=0, leg="root")


def _relay(relay: Reader, invocation: Invocation) -> dict[str, object]:
    run = parse_run(relay.value("run"), foreach_limit=invocation.settings.foreach_limit)
    marker = relay.text("marker", "")
    page = relay.whole("page", 0, 0, _MOST_PAGES)
    relay.finish()
    invocation.log.info("run relayed", run=run.run_id, page=page)
    return _leg(run, marker=marker, page=page, leg="relay")


def _leg(run: Run, *, marker: str, page: int, leg: str) -> dict[str, object]:
    """Where a leg of the run starts. Only the root waits for the whole run, at its end."""
    waits = leg == "root" and run.wait_for == "run" and not run.dry_run
    return {
        "run": run.to_json(),
        "marker": marker,
        "page": page,
        "leg": leg,
        "awaits": "true" if waits else "false",
    }


@_handler
def list_archive_files(invocation: Invocation) -> dict[str, object]:
    """``{run, marker, page}`` -> one page, see :meth:`functions.pages.PageBuilder.answer`."""
    event = invocation.event
    run = invocation.run()
    marker = event.text("marker", "")
    number = event.whole("page", 0, 0, _MOST_PAGES)
    event.finish(allow_unknown=True)
    page = list_page(
        invocation.store(run),
        run,
        marker=marker,
        page=number,
        foreach_limit=invocation.settings.foreach_limit,
    )
    record = page.record()
    invocation.ledger(run).write_page(record, page.sorted_out)
    invocation.log.info(
        "page listed",
        run=run.run_id,
        page=number,
        scanned=record.scanned,
        listed=record.listed,
        groups=record.groups,
        sorted_out=count(page.sorted_out),
    )
    return page.answer()


@_handler
def restore(invocation: Invocation) -> dict[str, object]:
    """``{run, files: {storageClass, keys}, page, group}`` -> ``{outcomes}``.

    With ``failure: {error, cause}`` nothing is sent: the objects of a task that the flow gave up on
    are recorded as failed, unless one of its calls did record them.
    """
    event = invocation.event
    run = invocation.run()
    if run.dry_run:
        raise InvalidInput("a dry run sends nothing, and must not call restore")
    group = _group(Reader(event.value("files"), "files"))
    page = event.whole("page", 0, 0, _MOST_PAGES)
    number = event.whole("group", 0, 0, _MOST_PAGES)
    failure = event.value("failure")
    event.finish(allow_unknown=True)
    ledger = invocation.ledger(run)
    records = ledger.read_group(page, number) if failure is not None else None
    if records is None:
        if failure is None:
            records = thaw_group(invocation.store(run), run, group, _pacer(run, group, number))
        else:
            records = _given_up(group, Reader(failure, "failure"))
        ledger.write_group(page, number, records)
    outcomes = count(records)
    invocation.log.info(
        "group restored", run=run.run_id, page=page, group=number, outcomes=outcomes
    )
    return {"outcomes": outcomes}


def _group(files: Reader) -> Group:
    storage_class = files.word("storageClass", "", ARCHIVE_CLASSES)
    keys = files.texts("keys", ())
    if not storage_class:
        files.fault("storageClass", "is required")
    if not keys:
        files.fault("keys", "must name at least one object")
    files.finish()
    return Group(storage_class, list(keys))


def _pacer(run: Run, group: Group, number: int) -> Pacer:
    groups = math.ceil(run.max_keys / run.group_size)
    share = min(1.0, len(group.keys) / run.max_keys)
    return Pacer(run.objects_per_second, share, number % groups / groups)


def _given_up(group: Group, failure: Reader) -> list[OutcomeRecord]:
    error, cause = str(failure.value("error") or ""), str(failure.value("cause") or "")
    return [
        OutcomeRecord(
            key, Outcome.FAILED, group.storage_class, error_code=error, message=cause[:500]
        )
        for key in group.keys
    ]


@_handler
def restore_status(invocation: Invocation) -> dict[str, object]:
    """``{run, after, until}`` -> how far, see :meth:`functions.status.RangeStatus.to_json`."""
    event = invocation.event
    run = invocation.run()
    after, until = event.text("after", ""), event.text("until", "")
    event.finish(allow_unknown=True)
    answer = range_status(invocation.store(run), run, after=after, until=until).to_json()
    invocation.log.info("range checked", run=run.run_id, after=after, until=until, **answer)
    return answer


@_handler
def summarize_run(invocation: Invocation) -> dict[str, object]:
    """``{run}`` -> the run's totals, see :func:`functions.summary.summarize`."""
    run = invocation.run()
    summary = summarize(invocation.ledger(run), run)
    write = (
        invocation.log.error if summary["failed"] or summary["unaccounted"] else invocation.log.info
    )
    write("run summarized", run=run.run_id, **{k: v for k, v in summary.items() if k != "runId"})
    return summary
