"""A survey of a run's scope, by listing with the same filters as the functions."""

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
from thaw.page_chunks import Tally
from thaw.run_input import RunInput
from thaw.scope import Scope
from thaw.storage_classes import ARCHIVE_CLASSES
from thaw.store import ListedObject, Store

# Filters of single objects; the first one that excludes an object is given as the reason.
_FILTERS: Final = (
    "storage_classes",
    "min_size",
    "max_size",
    "modified_after",
    "modified_before",
    "include",
    "exclude",
)


Loads = defaultdict[str, Tally]


def _loads() -> Loads:
    return defaultdict(Tally)


def total_objects(loads: Mapping[str, Tally]) -> int:
    """Count the objects of all classes."""
    return sum(load.objects for load in loads.values())


@dataclass
class Survey:
    """The objects in a run's scope by state.

    Attributes:
        scanned: listed objects of any class.
        requested: archived objects in scope that requests would be sent for, by class.
        frozen: requested objects that are frozen, by class.
        upgraded, extended: requested objects that are already thawing or readable, by class.
        thawing, readable: archived objects in scope that would be left alone, by class.
        nothing_to_thaw: folder markers and symlinks in scope, by class.
        filtered: archived objects out of scope, by class and by the first filter that excludes
            them.
        copies: objects to copy or promote after the thaw, by class.
        others: objects of other classes, which need no thaw.
        vanished: rows of a manifest whose objects do not exist.
        wrong_rows: invalid rows of a manifest.
    """

    scanned: int = 0
    requested: Loads = field(default_factory=_loads)
    frozen: Loads = field(default_factory=_loads)
    upgraded: Loads = field(default_factory=_loads)
    extended: Loads = field(default_factory=_loads)
    thawing: Loads = field(default_factory=_loads)
    readable: Loads = field(default_factory=_loads)
    nothing_to_thaw: Loads = field(default_factory=_loads)
    filtered: dict[str, Loads] = field(default_factory=lambda: defaultdict(_loads))
    copies: dict[str, CopyLoad] = field(default_factory=lambda: defaultdict(CopyLoad))
    others: Tally = field(default_factory=Tally)
    vanished: int = 0
    wrong_rows: int = 0

    @property
    def objects(self) -> int:
        """The number of objects that requests would be sent for."""
        return total_objects(self.requested)

    @property
    def has_work(self) -> bool:
        """Whether a run has something to request, to wait for, or to report."""
        waits = self.objects or self.thawing or self.copies
        return bool(waits or self.vanished or self.wrong_rows)

    @property
    def classes(self) -> list[str]:
        """The archive classes that occur."""
        left_alone = {*self.thawing, *self.readable, *self.nothing_to_thaw}
        seen = left_alone.union(self.requested, self.filtered)
        return [name for name in ARCHIVE_CLASSES if name in seen]


class Surveyor:
    """Classifies objects in the same way as the functions, and counts them.

    Args:
        run: the run's input.
    """

    def __init__(self, run: RunInput) -> None:
        self.survey = Survey()
        self._run = run
        self._scope = Scope(run)
        self._filters = list(_single_filters(run))

    def see(self, listed: ListedObject, now: float) -> None:
        """Count an object.

        Args:
            listed: the object.
            now: OSS's clock, in seconds since 1970.
        """
        survey, storage_class = self.survey, listed.storage_class
        survey.scanned += 1
        if storage_class not in ARCHIVE_CLASSES:
            survey.others.add(listed.size)
        elif listed not in self._scope:
            survey.filtered[storage_class][self._reason(listed)].add(listed.size)
        else:
            outcome = classify(listed, now, self._run)
            if outcome is None:
                survey.requested[storage_class].add(listed.size)
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
    """Yield each filter of a run by its JSON name, with the scope that it alone defines."""
    bare = RunInput(endpoint=run.endpoint, bucket_name=run.bucket_name)
    for name in _FILTERS:
        yield camel_case(name), Scope(replace(bare, **{name: getattr(run, name)}))


Progress = Callable[[int, str], None]  # number of scanned objects, and the last key


def survey_bucket(store: Store, run: RunInput, on_progress: Progress) -> Survey:
    """Count the objects in a run's listing, with at most a page of it in memory.

    Args:
        store: the run's bucket.
        run: the run's input, without a manifest.
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
