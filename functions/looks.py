"""Rounds of parallel looks at a run's pages, and the responses of these calls to the flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from thaw.json_reader import Reader
from thaw.ledger import Ledger
from thaw.ledger_reading import legs
from thaw.page_looks import PageLooks, PagesLeft
from thaw.page_ranges import PageRange, join_ranges
from thaw.run_input import Run
from thaw.shards import first_page_of, has_shards
from thaw.totals import Totals

Json = dict[str, object]

_MOST_SECONDS: Final = 86_400


def pages_of_listers(ledger: Ledger, run: Run, totals: Totals) -> list[PageRange]:
    """Return the pages of each lister of a run.

    Args:
        ledger: the run's ledger.
        run: the run.
        totals: the totals of the run, which count if it has one lister.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    leg_totals = [Totals.from_json(data) for data in legs(ledger)] if has_shards(run) else []
    return [
        PageRange(first_page_of(number), first_page_of(number) + lister.pages - 1)
        for number, lister in enumerate(leg_totals or [totals])
        if lister.pages
    ]


def last_look(looks: PageLooks, pages: PageRange) -> PagesLeft:
    """Record the standings on pages, unless an earlier attempt of the call has recorded them.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    standings, left = looks.standings(pages)
    last = pages.last if left.pages is None else left.pages.first - 1
    recorded = looks.ledger.keep_standings(pages.first, {**standings.to_json(), "lastPage": last})
    return replace(left, pages=pages.starting_at(int(recorded["lastPage"]) + 1))


def look_response(looked_at: PageRange, left: PagesLeft) -> Json:
    """Return the response of a look at pages; the flow collects ``left`` of a round's looks."""
    remaining = []
    if left.pages is not None:
        remaining.append({**left.pages.to_json(), "waitSeconds": left.wait_seconds})
    return {"lookedAt": looked_at.to_json(), "left": remaining, "readable": left.readable}


def left_of(data: object) -> PagesLeft:
    """Parse an item of ``left`` that :func:`look_response` returned.

    Raises:
        InvalidInput: the data is anything else.
    """
    reader = Reader(data, "what a look has left")
    return PagesLeft(PageRange.parse(data), reader.integer("waitSeconds", 1, 0, _MOST_SECONDS))


def poll_response(cursor: str, wait_seconds: int = 0) -> Json:
    """Return the response to a poll loop, which ends when there is nothing to wait for."""
    status = "running" if wait_seconds else "success"
    return {"status": status, "cursor": cursor, "waitSeconds": wait_seconds}


def next_round(left: Sequence[PagesLeft]) -> Json:
    """Return the pages to look at in the next round, and the seconds until then.

    While objects are thawing, one look for each lister is enough, since its pages thaw in order.
    """
    wait = min((pages_left.wait_seconds for pages_left in left), default=0)
    ranges = [pages_left.pages for pages_left in left if pages_left.pages is not None]
    if wait > 1:
        ranges = join_ranges(ranges)
    return {
        "ranges": [pages.to_json() for pages in ranges],
        "status": "running" if ranges else "success",
        "waitSeconds": wait,
    }
