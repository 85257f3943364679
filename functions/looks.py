"""Rounds of parallel looks at a run's pages: the response of each call to the flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from thaw.json_reader import Reader
from thaw.ledger import Ledger
from thaw.ledger_reading import legs
from thaw.page_looks import PageLooks, PagesLeft
from thaw.page_ranges import PageRange, joined
from thaw.run_input import Run
from thaw.shards import first_page_of, has_shards
from thaw.totals import Totals

Json = dict[str, object]

_MOST_SECONDS: Final = 86_400


def pages_of_listers(ledger: Ledger, run: Run, totals: Totals) -> list[PageRange]:
    """All pages of a run.

    Args:
        ledger: of the run.
        run: the run.
        totals: of the run, if it has one lister.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    found = [Totals.from_json(data) for data in legs(ledger)] if has_shards(run) else []
    return [
        PageRange(first_page_of(number), first_page_of(number) + of_lister.pages - 1)
        for number, of_lister in enumerate(found or [totals])
        if of_lister.pages
    ]


def last_look(looks: PageLooks, pages: PageRange) -> PagesLeft:
    """Record where the objects of pages stand; what an earlier try of the call recorded counts.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    standings, left = looks.standings(pages)
    last = pages.last if left.pages is None else left.pages.first - 1
    known = looks.ledger.keep_standings(pages.first, {**standings.to_json(), "lastPage": last})
    return replace(left, pages=pages.starting_at(int(known["lastPage"]) + 1))


def answer_of(looked_at: PageRange, left: PagesLeft) -> Json:
    """The response of a look at pages; the flow collects the pages left by all looks of a round."""
    pages = [] if left.pages is None else [left.pages.to_json()]
    again = [{**one, "waitSeconds": left.wait_seconds} for one in pages]
    return {"lookedAt": looked_at.to_json(), "left": again, "readable": left.readable}


def left_of(data: object) -> PagesLeft:
    """What :func:`answer_of` returned for one look.

    Raises:
        InvalidInput: it did not.
    """
    reader = Reader(data, "what a look has left")
    return PagesLeft(PageRange.parse(data), reader.integer("waitSeconds", 1, 0, _MOST_SECONDS))


def poll_answer(cursor: str, wait_seconds: int = 0) -> Json:
    """The response to a poll loop, which ends when there is nothing to wait for."""
    status = "running" if wait_seconds else "success"
    return {"status": status, "cursor": cursor, "waitSeconds": wait_seconds}


def next_round(left: Sequence[PagesLeft]) -> Json:
    """The pages to look at next, and when.

    While objects are thawing, one look for each lister is enough: its pages thaw in order.
    """
    wait = min((one.wait_seconds for one in left), default=0)
    ranges = [one.pages for one in left if one.pages is not None]
    if wait > 1:
        ranges = joined(ranges)
    return {
        "ranges": [one.to_json() for one in ranges],
        "status": "running" if ranges else "success",
        "waitSeconds": wait,
    }
