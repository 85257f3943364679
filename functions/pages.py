"""Fills one page with archived objects, within everything a step of the flow can carry."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from functions.classify import classify
from functions.contract import (
    MAX_FOREACH,
    STEP_BYTES,
    Outcome,
    OutcomeRecord,
    PageRecord,
    Run,
    Tally,
    json_bytes,
)
from functions.filters import Scope
from functions.store import ListedObject
from functions.waits import first_wait

GROUPS_BYTES = 11 * 1024
MAX_SORTED_OUT = 20_000  # lines in one page's ledger part, a few MB

_SEPARATOR = 2  # bytes between two values, in the longer of JSON's usual forms
_ANSWER_FRAME = 400  # bytes of a page's answer beside its groups and keys
_STEP_SLACK = 512  # whatever else the flow maps into the step that lists


@dataclass(frozen=True)
class Group:
    """What one restore task handles: keys of one storage class."""

    storage_class: str
    keys: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """As the flow carries it."""
        return {"storageClass": self.storage_class, "keys": self.keys}


class Groups:
    """Keys in groups of one class each, never more or longer than a step of the flow can carry.

    Args:
        size: keys in a group.
        limit: groups in all.
    """

    def __init__(self, *, size: int, limit: int) -> None:
        self.bytes = _SEPARATOR
        self._size = size
        self._limit = limit
        self._groups: list[Group] = []
        self._open: dict[str, Group] = {}

    def cost(self, storage_class: str, key: str) -> int | None:
        r"""Bytes that the key adds, as JSON with ``\u`` escapes; None if no group has room."""
        key_bytes = json_bytes(key) + _SEPARATOR
        if storage_class in self._open:
            return key_bytes
        if len(self._groups) == self._limit:
            return None
        return key_bytes + json_bytes(Group(storage_class).to_json()) + _SEPARATOR

    def add(self, storage_class: str, key: str) -> None:
        """Puts the key into its class's open group, or into a new one."""
        cost = self.cost(storage_class, key)
        if cost is None:
            raise ValueError("there is no room for another group")
        self.bytes += cost
        group = self._open.get(storage_class)
        if group is None:
            group = self._open[storage_class] = Group(storage_class)
            self._groups.append(group)
        group.keys.append(key)
        if len(group.keys) == self._size:
            del self._open[storage_class]

    def __len__(self) -> int:
        return len(self._groups)

    def to_json(self) -> list[dict[str, object]]:
        """As the flow carries them."""
        return [group.to_json() for group in self._groups]


class PageBuilder:
    """One page of a run. Objects are offered in the order of their keys.

    Args:
        run: whose page.
        marker: the key behind which the page starts.
        page: its number.
        foreach_limit: groups that the flow runs at once.
    """

    def __init__(self, run: Run, *, marker: str, page: int, foreach_limit: int) -> None:
        self._run = run
        self._page = page
        self._after = marker
        self._until = marker
        self._scope = Scope(run)
        self._groups = Groups(size=run.group_size, limit=min(foreach_limit, MAX_FOREACH))
        self._scanned = 0
        self._to_send: defaultdict[str, Tally] = defaultdict(Tally)
        self._thawing: set[str] = set()
        self.sorted_out: list[OutcomeRecord] = []
        self.end = False
        # The step that lists holds the run and the marker once, the answer as local and as output.
        taken = json_bytes(run.to_json()) + json_bytes(marker) + _STEP_SLACK
        self._answer_bytes = (STEP_BYTES - taken) // 2

    @property
    def full(self) -> bool:
        """Whether it is of no use to list on for this page."""
        return self._all_sent_for() or len(self.sorted_out) >= MAX_SORTED_OUT

    def offer(self, listed: ListedObject, now: float) -> bool:
        """Takes an object in; False if the page has to end before it.

        Args:
            listed: the next object.
            now: by OSS's clock, seconds since 1970.
        """
        in_scope = listed in self._scope
        outcome = classify(listed, now, self._run) if in_scope else None
        to_send = in_scope and outcome is None
        if not self._run.dry_run and not self._fits(listed, to_send=to_send):
            return False
        self._scanned += 1
        self._until = listed.key
        if to_send:
            tally = self._to_send[listed.storage_class]
            self._to_send[listed.storage_class] = tally.plus(listed.size)
            if not self._run.dry_run:
                self._groups.add(listed.storage_class, listed.key)
        elif outcome is not None:
            self._sort_out(listed, outcome)
        return True

    def _all_sent_for(self) -> bool:
        return not self._run.dry_run and self._sent_for() >= self._run.max_keys

    def _sent_for(self) -> int:
        return sum(tally.objects for tally in self._to_send.values())

    def _fits(self, listed: ListedObject, *, to_send: bool) -> bool:
        if self._scanned == 0:
            return True  # a page that takes nothing would be listed for ever
        grouped = self._groups.bytes
        if to_send:
            cost = self._groups.cost(listed.storage_class, listed.key)
            if cost is None or self._all_sent_for():
                return False
            grouped += cost
        keys = json_bytes(self._after) + 2 * json_bytes(listed.key)  # after; marker and until
        return grouped <= GROUPS_BYTES and _ANSWER_FRAME + grouped + keys <= self._answer_bytes

    def _sort_out(self, listed: ListedObject, outcome: Outcome) -> None:
        if outcome is Outcome.ALREADY_THAWING:
            self._thawing.add(listed.storage_class)
        self.sorted_out.append(
            OutcomeRecord(listed.key, outcome, listed.storage_class, listed.size)
        )

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
        )

    def answer(self) -> dict[str, object]:
        """What the flow goes on with."""
        wait = not self._run.dry_run and self._run.wait_for == "page"
        nothing_to_do = len(self._groups) == 0 and not (wait and self._thawing)
        return {
            "bucketName": self._run.bucket_name,
            "filesGroup": self._groups.to_json(),
            "marker": self._until,
            "end": _word(self.end),
            "empty": _word(nothing_to_do),
            "archiveFilesCount": self._sent_for(),
            "page": self._page,
            "nextPage": self._page + 1,
            "after": self._after,
            "until": self._until,
            "firstWait": first_wait(self._to_send, self._thawing, self._run),
        }


def _word(truth: bool) -> str:
    """A boolean as flows compare it."""
    return "true" if truth else "false"
