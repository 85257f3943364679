"""Fills one page with archived objects, within everything a step of the flow can carry."""

from __future__ import annotations

import math
from collections import defaultdict

from functions.groups import (
    MIN_PACKED_SIZE,
    MIN_RANGE_SIZE,
    Groups,
    KeyGroups,
    PackedGroups,
    RangeGroups,
)
from thaw.classification import classify, record_of
from thaw.ledger import PageRecord, Tally
from thaw.limits import MAX_FOREACH, STEP_BYTES, json_bytes
from thaw.outcomes import Outcome, OutcomeRecord
from thaw.poll_intervals import first_wait
from thaw.run_input import Run
from thaw.scope import Scope
from thaw.store import ListedObject

GROUPS_BYTES = 11 * 1024
MAX_SORTED_OUT = 20_000  # lines in one page's ledger part, a few MB

_ANSWER_FRAME = 400  # bytes of a page's answer beside its groups and keys
_STEP_SLACK = 512  # whatever else the flow maps into the step that lists


def answer_bytes(run: Run, *, marker: str, carried: int) -> int:
    """Bytes that a page's answer may have.

    The step that lists holds the run and the marker once, the answer as local and as output.

    Args:
        run: whose page.
        marker: where it starts.
        carried: bytes of whatever else the step holds.
    """
    taken = json_bytes(run.to_json()) + json_bytes(marker) + carried + _STEP_SLACK
    return (STEP_BYTES - taken) // 2


def fits(grouped: int, *, after: str, until: str, room: int) -> bool:
    """Whether groups of so many bytes fit into a page's answer."""
    places = json_bytes(after) + 2 * json_bytes(until)  # until is the marker, too
    return grouped <= GROUPS_BYTES and _ANSWER_FRAME + grouped + places <= room


def _forms(run: Run, marker: str, limit: int) -> list[Groups]:
    size = run.group_size
    forms: list[Groups] = [KeyGroups(size=size, limit=limit)]
    if size >= MIN_PACKED_SIZE:
        forms.append(PackedGroups(size=size, limit=limit, room=GROUPS_BYTES))
    if size >= MIN_RANGE_SIZE:
        forms.append(RangeGroups(size=size, limit=limit, after=marker))
    return forms


class PageBuilder:
    """One page of a run. Objects are offered in the order of their keys.

    Groups are lists of keys while these fit, then packed lists. Where those, too, would end the
    page before it is full, and it is dense enough for ranges, the groups become ranges, which their
    tasks list again.

    Args:
        run: whose page.
        marker: the key behind which the page starts.
        page: its number.
        foreach_limit: groups that the flow runs at once.
        carried: bytes that the step that lists holds beside the run, the marker and the answer.
    """

    def __init__(
        self, run: Run, *, marker: str, page: int, foreach_limit: int, carried: int = 0
    ) -> None:
        self._run = run
        self._page = page
        self._after = marker
        self._until = marker
        self._scope = Scope(run)
        # What the groups could be, best first; what a page has outgrown is not there any more.
        self._forms = _forms(run, marker, min(foreach_limit, MAX_FOREACH))
        self._scanned = 0
        self._to_send: defaultdict[str, Tally] = defaultdict(Tally)
        self._thawing: set[str] = set()
        self._sorted_out: list[OutcomeRecord] = []
        self._listed_at = 0.0
        self.end = False
        self._answer_bytes = answer_bytes(run, marker=marker, carried=carried)

    @property
    def full(self) -> bool:
        """Whether it is of no use to list on for this page."""
        return self._all_sent_for() or len(self._sorted_out) >= MAX_SORTED_OUT

    @property
    def by_range(self) -> bool:
        """Whether the groups are ranges."""
        return isinstance(self._groups, RangeGroups)

    @property
    def _groups(self) -> Groups:
        return self._forms[0]

    @property
    def sorted_out(self) -> list[OutcomeRecord]:
        """Objects that need no request, where this listing answers for them."""
        return [] if self.by_range else self._sorted_out

    def offer(self, listed: ListedObject, now: float) -> bool:
        """Takes an object in; False if the page has to end before it.

        Args:
            listed: the next object.
            now: by OSS's clock, seconds since 1970.
        """
        in_scope = listed in self._scope
        outcome = classify(listed, now, self._run) if in_scope else None
        to_send = in_scope and outcome is None
        if not self._run.dry_run and not self._take(listed, to_send=to_send):
            return False
        self._listed_at = self._listed_at or now
        self._scanned += 1
        self._until = listed.key
        if to_send:
            tally = self._to_send[listed.storage_class]
            self._to_send[listed.storage_class] = tally.plus(listed.size)
        elif outcome is not None:
            self._sort_out(listed, outcome)
        return True

    def _all_sent_for(self) -> bool:
        return not self._run.dry_run and self._sent_for() >= self._run.max_keys

    def _sent_for(self) -> int:
        return sum(tally.objects for tally in self._to_send.values())

    def _take(self, listed: ListedObject, *, to_send: bool) -> bool:
        """Puts the object into the groups, if the page has room for it."""
        if to_send and self._all_sent_for():
            return False
        room = [form for form in self._forms if self._fits(form, listed, to_send=to_send)]
        if not room and self._scanned:
            return False
        # A page that takes nothing would be listed for ever.
        self._forms = room or self._forms[:1]
        for form in self._forms:
            form.add(listed.storage_class, listed.key, to_send=to_send)
        return True

    def _fits(self, groups: Groups, listed: ListedObject, *, to_send: bool) -> bool:
        grouped = groups.bytes_with(listed.storage_class, listed.key, to_send=to_send)
        if grouped is None:
            return False
        return fits(grouped, after=self._after, until=listed.key, room=self._answer_bytes)

    def _sort_out(self, listed: ListedObject, outcome: Outcome) -> None:
        if outcome is Outcome.ALREADY_THAWING:
            self._thawing.add(listed.storage_class)
        self._sorted_out.append(record_of(listed, outcome))

    def record(self) -> PageRecord:
        """What the ledger keeps of the page."""
        return PageRecord(
            page=self._page,
            after=self._after,
            until=self._until,
            end=self.end,
            scanned=self._scanned,
            sorted_out=len(self.sorted_out),
            groups=len(self._groups),
            to_send=dict(self._to_send),
            ranges=self.by_range,
        )

    def answer(self) -> dict[str, object]:
        """What the flow goes on with."""
        wait = not self._run.dry_run and self._run.wait_for == "page"
        nothing_to_do = len(self._groups) == 0 and not (wait and self._thawing)
        return {
            "bucketName": self._run.bucket_name,
            "filesGroup": [group.to_json() for group in self._groups],
            "marker": self._until,
            "end": _word(self.end),
            "empty": _word(nothing_to_do),
            "archiveFilesCount": self._sent_for(),
            "page": self._page,
            "nextPage": self._page + 1,
            "after": self._after,
            "until": self._until,
            "firstWait": first_wait(self._to_send, self._thawing, self._run),
            "listedAt": math.floor(self._listed_at),
        }


def _word(truth: bool) -> str:
    """A boolean as flows compare it."""
    return "true" if truth else "false"
