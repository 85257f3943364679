"""One page of a run over a manifest.

A page hands rows out as they stand in the manifest; what they name is looked up by the tasks that
thaw them, just before they send. Only a dry run, which has no tasks, looks it up here.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from functions.classify import classify
from functions.contract import MAX_FOREACH, Outcome, OutcomeRecord, PageRecord, Run, Tally
from functions.filters import Scope
from functions.groups import RangeGroup
from functions.listing import PAGE_SECONDS
from functions.manifests import Manifest, Named, Place
from functions.status import LOOK_SECONDS, Look, RangeStatus
from functions.waits import next_wait

_LOOKED_UP_AT_ONCE = 1000


@dataclass
class ManifestPage:
    """One page.

    Attributes:
        run: whose.
        page: its number.
        after: where it starts.
        until: where it ends.
        end: whether the manifest ends there.
        groups: what its tasks handle.
        sorted_out: objects that need no request; of a dry run only.
        to_send: objects that would be sent for; of a dry run only.
    """

    run: Run
    page: int
    after: Place
    until: Place
    end: bool = False
    rows: int = 0
    groups: list[RangeGroup] = field(default_factory=list)
    sorted_out: list[OutcomeRecord] = field(default_factory=list)
    to_send: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))

    def record(self) -> PageRecord:
        """What the ledger keeps of the page."""
        return PageRecord(
            page=self.page,
            after=str(self.after),
            until=str(self.until),
            end=self.end,
            scanned=self.rows,
            sorted_out=len(self.sorted_out),
            groups=len(self.groups),
            to_send=dict(self.to_send),
            ranges=not self.run.dry_run,
        )

    def answer(self) -> dict[str, object]:
        """What the flow goes on with, as :meth:`functions.pages.PageBuilder.answer`."""
        return {
            "bucketName": self.run.bucket_name,
            "filesGroup": [group.to_json() for group in self.groups],
            "marker": str(self.until),
            "end": "true" if self.end else "false",
            "empty": "false" if self.groups else "true",
            "archiveFilesCount": self.rows,
            "page": self.page,
            "nextPage": self.page + 1,
            "after": str(self.after),
            "until": str(self.until),
            "firstWait": next_wait((), self.run),
            "listedAt": 0,  # its groups are ranges, which are looked up again whatever their age
        }


def list_manifest(
    manifest: Manifest,
    run: Run,
    *,
    marker: str,
    page: int,
    foreach_limit: int,
    monotonic: Callable[[], float] = time.monotonic,
) -> ManifestPage:
    """The next rows of a manifest, in groups.

    Args:
        manifest: the run's.
        run: whose page.
        marker: the place behind which the page starts.
        page: its number.
        foreach_limit: groups that the flow runs at once.
        monotonic: seconds, for the time budget.

    Raises:
        InvalidInput: see :meth:`functions.manifests.Manifest.stretches`.
        RunError: as :func:`functions.calls.call`.
    """
    start = Place.parse(marker)
    found = ManifestPage(run, page, after=start, until=start)
    if run.dry_run:
        _look_up(manifest, found, deadline=monotonic() + PAGE_SECONDS, monotonic=monotonic)
    else:
        _group(manifest, found, limit=min(foreach_limit, MAX_FOREACH))
    return found


def _group(manifest: Manifest, page: ManifestPage, *, limit: int) -> None:
    most = page.run.max_keys
    for stretch in manifest.stretches(page.after, size=min(page.run.group_size, most)):
        if page.rows + stretch.rows > most:
            return
        page.groups.append(RangeGroup(str(stretch.after), str(stretch.until), stretch.rows))
        page.rows += stretch.rows
        page.until = stretch.until
        # To ask for what follows may mean to cut another file, and this page is full.
        if len(page.groups) == limit or page.rows == most:
            return
    page.end = True


def _look_up(
    manifest: Manifest, page: ManifestPage, *, deadline: float, monotonic: Callable[[], float]
) -> None:
    scope = Scope(page.run)
    for stretch in manifest.stretches(page.after, size=_LOOKED_UP_AT_ONCE):
        if page.rows and monotonic() >= deadline:
            return
        for named in manifest.named(stretch):
            _sort(page, named, scope)
        page.rows += stretch.rows
        page.until = stretch.until
    page.end = True


def _sort(page: ManifestPage, named: Named, scope: Scope) -> None:
    outcome, size = named.outcome, None
    if named.sighting is not None and outcome is None:
        listed = named.sighting.listed
        if listed not in scope:
            return
        outcome, size = classify(listed, named.sighting.now, page.run), listed.size
        if outcome is None:
            tally = page.to_send[listed.storage_class]
            page.to_send[listed.storage_class] = tally.plus(listed.size)
            return
    record = OutcomeRecord(named.row.key, outcome or Outcome.VANISHED, named.storage_class, size)
    page.sorted_out.append(record)


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
        RunError: as :func:`functions.calls.call`.
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
