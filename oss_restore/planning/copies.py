"""The cost of copies and promoted objects after the end of their run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from infra.model.environment import Environment
from thaw.after_thaw import STANDARD, AfterThaw, CopyTo
from thaw.bills import Bill, bill
from thaw.copy_load import CopyLoad
from thaw.prices import Currency, Prices
from thaw.run_input import RunInput
from thaw.usage import DAYS_OF_MONTH, GIB

_OF_ANY_SIZE: Final = STANDARD  # every other class is billed for 64 KB per object at least


@dataclass(frozen=True)
class CopyCosts:
    """The costs after the run, in addition to its own.

    Attributes:
        after: the run's action after the thaw.
        loads: the copied objects, by class.
        originals_stay: whether the archived objects are kept and billed afterwards.
    """

    after: AfterThaw
    loads: Mapping[str, CopyLoad]
    originals_stay: bool
    prices: Prices
    currency: Currency

    @property
    def into(self) -> str:
        """The storage class of the copies."""
        return self.after.storage_class or STANDARD

    @property
    def copies_monthly(self) -> Bill:
        """The monthly bill for storing the copies."""
        loads = self.loads.values()
        if self.into == _OF_ANY_SIZE:
            stored = sum(load.bytes for load in loads)
        else:
            stored = sum(load.billed_bytes for load in loads)
        return self._bill({f"oss.storage_gb_months.{self.into}": stored / GIB})

    @property
    def originals_monthly(self) -> Bill:
        """The monthly bill for storing the archived objects."""
        return self._bill(
            {
                f"oss.storage_gb_months.{name}": load.billed_bytes / GIB
                for name, load in self.loads.items()
            }
        )

    def early_deletion(self, storage_class: str) -> Bill:
        """Return the bill for the rest of the minimum storage time of a class's objects."""
        load = self.loads[storage_class]
        months = load.young_byte_days / GIB / DAYS_OF_MONTH
        part = f"oss.early_deletion_gb_months.{storage_class}"
        return self._bill({part: None if load.young is None else months})

    def _bill(self, amounts: Mapping[str, float | None]) -> Bill:
        return bill(amounts, self.prices, self.currency)

    def to_json(self) -> dict[str, object]:
        """Convert it to JSON."""
        return {
            "storageClass": self.into,
            "objects": {name: round(load.objects) for name, load in self.loads.items()},
            "bytes": {name: round(load.bytes) for name, load in self.loads.items()},
            "copiesMonthly": money_document(self.copies_monthly),
            "originalsStay": self.originals_stay,
            "originalsMonthly": money_document(self.originals_monthly),
            "earlyDeletion": {
                name: {"objects": load.young, **money_document(self.early_deletion(name))}
                for name, load in self.loads.items()
            },
        }


def with_storage_class(run: RunInput, environment: Environment | None) -> RunInput:
    """Return the run with the storage class of its copies, if the environment sets it."""
    after = run.then
    if not isinstance(after, CopyTo) or after.storage_class or environment is None:
        return run
    for destination in environment.destinations:
        if destination.name == after.bucket_name and destination.covers(after.prefix):
            return replace(run, then=replace(after, storage_class=destination.storage_class))
    return run


def money_document(bill: Bill) -> dict[str, object]:
    """Return the known sum, and the parts of a bill without a known price."""
    return {"known": round(bill.known, 4), "without": [str(part) for part in bill.without]}
