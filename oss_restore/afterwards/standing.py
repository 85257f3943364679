"""How the objects of a run's scope stand now: what a question before a command tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from functions.classify import State
from functions.contract import RunInput
from functions.store import Store
from oss_restore.afterwards.scope import objects_in
from oss_restore.forecast.prices import Currency, Prices
from oss_restore.forecast.usage import GIB, SMALLEST_BILLED_BYTES
from oss_restore.reporting.money import replica_money_a_day

_TOLD_EVERY = 10_000


@dataclass
class Load:
    """Some objects, and what they have together."""

    objects: int = 0
    bytes: int = 0


@dataclass
class Standing:
    """Objects by state, and by class."""

    loads: defaultdict[tuple[State, str], Load] = field(default_factory=lambda: defaultdict(Load))

    def add(self, state: State, storage_class: str, size: int) -> None:
        """Counts one object."""
        load = self.loads[state, storage_class]
        load.objects += 1
        load.bytes += max(size, SMALLEST_BILLED_BYTES)

    def objects(self, state: State) -> int:
        """How many are so."""
        return sum(load.objects for (one, _), load in self.loads.items() if one is state)

    def money_a_day(self, prices: Prices, currency: Currency = "CNY") -> float:
        """What the readable copies cost in a day, as far as prices are known."""
        return sum(
            replica_money_a_day(load.bytes / GIB, storage_class, prices, currency) or 0
            for (state, storage_class), load in self.loads.items()
            if state is State.READABLE
        )


def standing_of(store: Store, run: RunInput, on_progress: Callable[[int], None]) -> Standing:
    """Counts by listing.

    Args:
        store: the run's bucket.
        run: whose scope is looked at.
        on_progress: told now and then how many objects were counted.

    Raises:
        RunError: as the store's calls.
    """
    standing = Standing()
    for number, sighted in enumerate(objects_in(store, run), 1):
        standing.add(sighted.state, sighted.listed.storage_class, sighted.listed.size)
        if number % _TOLD_EVERY == 0:
            on_progress(number)
    return standing
