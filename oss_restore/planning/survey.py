"""A survey of a run's scope, by listing with the filters of the functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from oss_restore.runs.scope_listing import listings_of
from thaw.after_thaw import Promotion
from thaw.classification import State, classify, state_of
from thaw.copy_load import CopyLoad
from thaw.json_reader import camel_case
from thaw.outcomes import Outcome
from thaw.run_input import RunInput
from thaw.scope import Scope
from thaw.storage_classes import ARCHIVE_CLASSES, SMALLEST_BILLED_BYTES
from thaw.store import ListedObject, Store

# Filters that look at one object, in the order in which they are named as the reason.
_FILTERS: Final = (
    "storage_classes",
    "min_size",
    "max_size",
    "modified_after",
    "modified_before",
    "include",
    "exclude",
)


@dataclass
class ObjectLoad:
    """A number of objects and their size.

    Attributes:
        bytes: that they have together.
        billed_bytes: that a retrieval of them is billed for: each object counts for 64 KB at least.
    """

    objects: int = 0
    bytes: int = 0
    billed_bytes: int = 0

    def add(self, size: int) -> None:
        """Add an object."""
        self.objects += 1
        self.bytes += size
        self.billed_bytes += max(size, SMALLEST_BILLED_BYTES)

    def __add__(self, other: ObjectLoad) -> ObjectLoad:
        return ObjectLoad(
            self.objects + other.objects,
            self.bytes + other.bytes,
            self.billed_bytes + other.billed_bytes,
        )


Loads = defaultdict[str, ObjectLoad]


def _loads() -> Loads:
    return defaultdict(ObjectLoad)


def total_objects(loads: Mapping[str, ObjectLoad]) -> int:
    """Count the objects of all classes."""
    return sum(load.objects for load in loads.values())


@dataclass
class Survey:
    """The objects in a run's scope by state.

    Attributes:
        scanned: objects looked at, of any class.
        frozen: archived objects in scope that are, by class: requests would be sent for them.
        thawing, readable: those that are, and would be left alone.
        upgraded, extended: those that are, and would be requested again.
        nothing_to_thaw: folder markers and symlinks in scope, by class.
        filtered: archived objects out of the run's scope, by class and by the filter that left
            them out; the first one that did.
        copies: what is copied or promoted after the thaw, by class; none if nothing follows it.
        others: objects of other classes, which need no thaw.
        vanished: rows of a manifest that name no object.
        wrong_rows: rows of a manifest that can name none.
    """

    scanned: int = 0
    frozen: Loads = field(default_factory=_loads)
    thawing: Loads = field(default_factory=_loads)
    readable: Loads = field(default_factory=_loads)
    upgraded: Loads = field(default_factory=_loads)
    extended: Loads = field(default_factory=_loads)
    nothing_to_thaw: Loads = field(default_factory=_loads)
    filtered: dict[str, Loads] = field(default_factory=lambda: defaultdict(_loads))
    copies: dict[str, CopyLoad] = field(default_factory=lambda: defaultdict(CopyLoad))
    others: ObjectLoad = field(default_factory=ObjectLoad)
    vanished: int = 0
    wrong_rows: int = 0

    @property
    def objects(self) -> int:
        """The number of objects that requests would be sent for."""
        return sum(map(total_objects, (self.frozen, self.upgraded, self.extended)))

    @property
    def leaves_work(self) -> bool:
        """Whether a run has something to request, to wait for, or to report."""
        waits = self.objects or self.thawing or self.copies
        return bool(waits or self.vanished or self.wrong_rows)

    @property
    def requested(self) -> dict[str, ObjectLoad]:
        """What requests would be sent for, by class."""
        requested: defaultdict[str, ObjectLoad] = _loads()
        for loads in (self.frozen, self.upgraded, self.extended):
            for name, load in loads.items():
                requested[name] += load
        return {name: requested[name] for name in ARCHIVE_CLASSES if name in requested}

    @property
    def classes(self) -> list[str]:
        """The archive classes that occur."""
        requested = {*self.frozen, *self.upgraded, *self.extended}
        seen = requested.union(self.thawing, self.readable, self.nothing_to_thaw, self.filtered)
        return [name for name in ARCHIVE_CLASSES if name in seen]


class Surveyor:
    """Classifies objects as the functions would, and counts them.

    Args:
        run: its input.
    """

    def __init__(self, run: RunInput) -> None:
        self.survey = Survey()
        self._run = run
        self._scope = Scope(run)
        self._filters = list(_single_filters(run))

    def see(self, listed: ListedObject, now: float) -> None:
        """Add an object.

        Args:
            listed: the object.
            now: by OSS's clock, seconds since 1970.
        """
        survey, storage_class = self.survey, listed.storage_class
        survey.scanned += 1
        if storage_class not in ARCHIVE_CLASSES:
            survey.others.add(listed.size)
        elif listed not in self._scope:
            survey.filtered[storage_class][self._reason(listed)].add(listed.size)
        else:
            outcome = classify(listed, now, self._run)
            loads = self._loads_for(outcome, state_of(listed, now))
            loads[storage_class].add(listed.size)
            if self._run.then is not None and loads is not survey.nothing_to_thaw:
                copies = survey.copies[storage_class]
                copies.add(listed, now, promotes=isinstance(self._run.then, Promotion))

    def _loads_for(self, outcome: Outcome | None, state: State) -> Loads:
        survey = self.survey
        if outcome is None:
            again = {State.THAWING: survey.upgraded, State.READABLE: survey.extended}
            return again.get(state, survey.frozen)
        if outcome is Outcome.ALREADY_THAWING:
            return survey.thawing
        if outcome is Outcome.ALREADY_READABLE:
            return survey.readable
        return survey.nothing_to_thaw

    def _reason(self, listed: ListedObject) -> str:
        return next(name for name, scope in self._filters if listed not in scope)


def _single_filters(run: RunInput) -> Iterator[tuple[str, Scope]]:
    """Return the scope of each single filter of a run, by its JSON name."""
    bare = RunInput(endpoint=run.endpoint, bucket_name=run.bucket_name)
    for name in _FILTERS:
        yield camel_case(name), Scope(replace(bare, **{name: getattr(run, name)}))


Progress = Callable[[int, str], None]  # objects looked at, and the last key


def survey_bucket(store: Store, run: RunInput, on_progress: Progress) -> Survey:
    """Count what a listing shows, holding at most a page of it.

    Args:
        store: the run's bucket.
        run: its input, without a manifest.
        on_progress: called after each page.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    surveyor = Surveyor(run)
    for listing in listings_of(store, run):
        for listed in listing.objects:
            surveyor.see(listed, listing.now)
        last = listing.objects[-1].key if listing.objects else ""
        on_progress(surveyor.survey.scanned, last)
    return surveyor.survey
