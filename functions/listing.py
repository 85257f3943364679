"""Lists one page of a run."""

from __future__ import annotations

import time
from collections.abc import Callable

from functions.pages import PageBuilder
from thaw.run_input import Run
from thaw.store import Store

PAGE_SECONDS = 60.0  # a page of a bucket with few archived objects ends after so long


def list_page(
    store: Store,
    run: Run,
    *,
    marker: str,
    page: int,
    foreach_limit: int,
    carried: int = 0,
    monotonic: Callable[[], float] = time.monotonic,
) -> PageBuilder:
    """The next objects to send for, and what had to be passed over on the way to them.

    Lists on until the page is full, the listing is at its end, or ``PAGE_SECONDS`` have passed.

    Args:
        store: the run's bucket.
        run: whose page.
        marker: the key behind which the page starts.
        page: its number.
        foreach_limit: groups that the flow runs at once.
        carried: bytes that the step that lists holds beside the run, the marker and the answer.
        monotonic: seconds, for the time budget.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    builder = PageBuilder(
        run, marker=marker, page=page, foreach_limit=foreach_limit, carried=carried
    )
    deadline = monotonic() + PAGE_SECONDS
    for listing in store.listings(run.prefix, marker):
        for listed in listing.objects:
            if run.until and listed.key > run.until:
                builder.end = True
                return builder
            if not builder.offer(listed, listing.now):
                return builder
        builder.end = not listing.truncated
        if builder.full or monotonic() >= deadline:
            break
    return builder
