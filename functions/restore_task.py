"""Does one restore task: decides which of a group's objects need a request, and sends it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from functions.groups import Group, KeyGroup, RangeGroup
from functions.rate_limit import Pacer
from functions.restore_requests import Frozen, thaw
from thaw.classification import State, classify, record_of, state_of
from thaw.errors import RunError
from thaw.ledger import LostRange, Part
from thaw.manifest.reading import Manifest, Place, Stretch
from thaw.outcomes import Outcome, OutcomeRecord
from thaw.run_input import Run
from thaw.scope import Scope
from thaw.storage_classes import ARCHIVE_CLASSES
from thaw.store import ListedObject, Store

# A thaw takes a minute at the least (docs 52930). Before that, an object that an earlier attempt of
# this task asked for is thawing still: to be asked again it refuses, unbilled. Later it may be
# readable, and a second request would be paid; so then the group is listed again first.
FRESH_SECONDS: Final = 30

_HEADROOM = 20  # keys that a range may have gained before its listing takes a second call


def restore_group(
    store: Store,
    run: Run,
    group: Group,
    pacer: Pacer,
    *,
    age: float,
    manifest: Manifest | None = None,
) -> Part:
    """Thaws a group.

    Args:
        store: the run's bucket.
        run: whose group.
        group: what to thaw.
        pacer: when to send.
        age: seconds since the group was listed.
        manifest: the run's, if it has one.

    Raises:
        RunError: as :func:`functions.restore_requests.thaw` and :func:`thaw.oss_errors.call`.
    """
    if isinstance(group, KeyGroup) and age < FRESH_SECONDS and not run.upgrade_tier:
        frozen = [Frozen(key, group.storage_class) for key in group.keys]
        return Part(thaw(store, run, frozen, pacer))
    look = _Look.at(store, run, group, manifest)
    return Part(_in_order([*look.sorted_out, *thaw(store, run, look.to_send, pacer)]))


def give_up_group(
    store: Store,
    run: Run,
    group: Group,
    *,
    error: str,
    cause: str,
    manifest: Manifest | None = None,
) -> Part:
    """Records a group whose task kept failing, and sends nothing.

    What an earlier attempt achieved is told by listing. Where that fails, too, each key of a list
    has failed; of a range nobody knows what is in it, so that the range itself is recorded.

    Args:
        store: the run's bucket.
        run: whose group.
        group: what was given up.
        error: name of the error that the flow caught.
        cause: what it said.
        manifest: the run's, if it has one.
    """
    message = cause[:500]
    try:
        look = _Look.at(store, run, group, manifest)
    except RunError as listing_error:
        if isinstance(group, RangeGroup):
            told = f"{message}; and its listing failed: {listing_error}"[:1000]
            return Part([], LostRange(group.after, group.until, group.objects, error, told))
        look = _Look([], [Frozen(key, group.storage_class) for key in group.keys])
    failed = [
        OutcomeRecord(
            frozen.key,
            Outcome.FAILED,
            frozen.storage_class,
            frozen.size,
            error_code=error,
            message=message,
            version_id=frozen.version_id,
        )
        for frozen in look.to_send
    ]
    return Part(_in_order([*look.sorted_out, *failed]))


@dataclass(frozen=True)
class _Look:
    """How a group's objects stand."""

    sorted_out: list[OutcomeRecord]
    to_send: list[Frozen]

    @classmethod
    def at(cls, store: Store, run: Run, group: Group, manifest: Manifest | None) -> _Look:
        if isinstance(group, RangeGroup):
            if manifest is not None:
                return cls._at_rows(manifest, run, group)
            return cls._at_range(store, run, group)
        return cls._at_keys(store, run, group)

    @classmethod
    def _at_range(cls, store: Store, run: Run, group: RangeGroup) -> _Look:
        scope, look = Scope(run), cls([], [])
        for listed, now in _objects_in(store, run, group):
            if listed in scope:
                look._add(listed, now, run)
        return look

    @classmethod
    def _at_rows(cls, manifest: Manifest, run: Run, group: RangeGroup) -> _Look:
        """What a manifest's rows name; each that is not archived or not there is recorded, too."""
        scope, look = Scope(run), cls([], [])
        stretch = Stretch(Place.parse(group.after), Place.parse(group.until))
        for named in manifest.named(stretch):
            outcome = named.outcome
            if outcome is not None:
                look.sorted_out.append(named.record(outcome))
            elif named.sighting is not None and named.sighting.listed in scope:
                look._add(named.sighting.listed, named.sighting.now, run)
        return look

    @classmethod
    def _at_keys(cls, store: Store, run: Run, group: KeyGroup) -> _Look:
        """Keys that are gone are sent for all the same: the answer then says so."""
        look, keys = cls([], []), iter(group.keys)
        found = _find(store, run, group.keys)
        for key in keys:
            listed, now = found.get(key, (None, 0.0))
            if listed is None or listed.storage_class not in ARCHIVE_CLASSES:
                look.to_send.append(Frozen(key, group.storage_class))
            else:
                look._add(listed, now, run)
        return look

    def _add(self, listed: ListedObject, now: float, run: Run) -> None:
        outcome = classify(listed, now, run)
        if outcome is None:
            thawing = state_of(listed, now) is State.THAWING
            self.to_send.append(
                Frozen(listed.key, listed.storage_class, listed.size, listed.version_id, thawing)
            )
        else:
            self.sorted_out.append(record_of(listed, outcome))


def _objects_in(store: Store, run: Run, group: RangeGroup) -> Iterator[tuple[ListedObject, float]]:
    """The objects of a range, each with the moment of its listing."""
    versions = run.versions == "all"
    list_all = store.version_listings if versions else store.listings
    for listing in list_all(run.prefix, group.after, group.objects + _HEADROOM):
        for listed in listing.objects:
            if listed.key > group.until:
                return
            yield listed, listing.now
        # Of a key that has versions more may follow.
        if not versions and listing.objects and listing.objects[-1].key == group.until:
            return


def _find(store: Store, run: Run, keys: Iterable[str]) -> dict[str, tuple[ListedObject, float]]:
    """The objects with these keys, given in order; listings skip what lies between them."""
    found: dict[str, tuple[ListedObject, float]] = {}
    behind = ""
    for key in keys:
        if key <= behind:
            continue
        # A key without its last character sorts before it, and hardly anything lies between.
        listing = store.list_after(run.prefix, key[:-1])
        found.update((listed.key, (listed, listing.now)) for listed in listing.objects)
        behind = max([key, *(listed.key for listed in listing.objects[-1:])])
        if not listing.truncated:
            break
    return found


def _in_order(records: Iterable[OutcomeRecord]) -> list[OutcomeRecord]:
    return sorted(records, key=lambda record: record.key)
