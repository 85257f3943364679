"""Pages of a run over a manifest, and how far its objects are."""

from __future__ import annotations

import time
from collections.abc import Callable

from functions.groups import RangeGroup
from functions.listing import PAGE_SECONDS
from functions.range_pages import RangePage
from functions.status import LOOK_SECONDS, Look, RangeStatus
from thaw.limits import MAX_FOREACH
from thaw.manifest.reading import Manifest, Named, Place
from thaw.run_input import Run
from thaw.scope import Scope

_LOOKED_UP_AT_ONCE = 1000


def list_manifest(
    manifest: Manifest,
    run: Run,
    *,
    marker: str,
    page: int,
    foreach_limit: int,
    monotonic: Callable[[], float] = time.monotonic,
) -> RangePage:
    """The next rows of a manifest, in groups.

    Args:
        manifest: the run's.
        run: whose page.
        marker: the place behind which the page starts.
        page: its number.
        foreach_limit: groups that the flow runs at once.
        monotonic: seconds, for the time budget.

    Raises:
        InvalidInput: see :meth:`thaw.manifest.reading.Manifest.stretches`.
        RunError: as :func:`thaw.oss_errors.call`.
    """
    start = str(Place.parse(marker))
    found = RangePage(run, page, after=start, until=start)
    if run.dry_run:
        _look_up(manifest, found, deadline=monotonic() + PAGE_SECONDS, monotonic=monotonic)
    else:
        _group(manifest, found, limit=min(foreach_limit, MAX_FOREACH))
    return found


def _group(manifest: Manifest, page: RangePage, *, limit: int) -> None:
    most = page.run.max_keys
    for stretch in manifest.stretches(Place.parse(page.after), size=min(page.run.group_size, most)):
        if page.scanned + stretch.rows > most:
            return
        page.groups.append(RangeGroup(str(stretch.after), str(stretch.until), stretch.rows))
        page.in_scope += stretch.rows
        page.scanned += stretch.rows
        page.until = str(stretch.until)
        # To ask for what follows may mean to cut another file, and this page is full.
        if len(page.groups) == limit or page.scanned == most:
            return
    page.end = True


def _look_up(
    manifest: Manifest, page: RangePage, *, deadline: float, monotonic: Callable[[], float]
) -> None:
    scope = Scope(page.run)
    for stretch in manifest.stretches(Place.parse(page.after), size=_LOOKED_UP_AT_ONCE):
        if page.scanned and monotonic() >= deadline:
            return
        for named in manifest.named(stretch):
            _sort(page, named, scope)
        page.scanned += stretch.rows
        page.until = str(stretch.until)
    page.end = True


def _sort(page: RangePage, named: Named, scope: Scope) -> None:
    if named.outcome is not None:
        page.sorted_out.append(named.record(named.outcome))
    elif named.sighting is not None and named.sighting.listed in scope:
        page.sort(named.sighting.listed, named.sighting.now)


def manifest_status(
    manifest: Manifest,
    run: Run,
    *,
    after: str,
    until: str,
    monotonic: Callable[[], float] = time.monotonic,
) -> RangeStatus:
    """How far the objects are that rows name, as :func:`functions.status.range_status`.

    Args:
        manifest: the run's.
        run: whose.
        after: the place behind which the rows start.
        until: where they end; empty for the end of the manifest.
        monotonic: seconds, for the time budget.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    look = Look(run, last="", status=RangeStatus(cursor=after))
    deadline = monotonic() + LOOK_SECONDS
    for stretch in manifest.stretches(Place.parse(after), size=_LOOKED_UP_AT_ONCE):
        if look.status.cursor != after and monotonic() >= deadline:
            look.stop_for_now()
            break
        for named in manifest.named(stretch):
            if until and str(named.place) > until:
                return look.status
            seen = named.sighting
            if seen is not None and not look.passes(str(named.place), seen.listed, seen.now):
                return look.status
        look.status.cursor = str(stretch.until)
        if until and look.status.cursor >= until:
            break
    return look.status
