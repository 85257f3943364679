"""What a run is billed for, in the units in which it is billed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from thaw.bills import Bill, bill
from thaw.prices import ComputeUnits, Currency, Prices

GIB: Final = 2**30
_RESTORE: Final = "RestoreObject"
CHARGED_REPLICAS: Final = ("ColdArchive", "DeepColdArchive")


@dataclass(frozen=True)
class Retrieval:
    """Objects of one class, thawed at one tier.

    Attributes:
        tier: empty for Archive, which has none.
        gib: what they have together, in units of 2**30 bytes.
        days: how long they are asked to stay readable, or for how much longer.
        frozen: whether they were; what is readable and stays so for longer is retrieved once only.
    """

    storage_class: str
    tier: str
    objects: float
    gib: float
    days: int
    frozen: bool = True

    @property
    def kind(self) -> str:
        """Class and tier, as prices tell them apart."""
        return f"{self.storage_class}.{self.tier}" if self.tier else self.storage_class


@dataclass(frozen=True)
class Usage:
    """Everything billable.

    Attributes:
        requests: to OSS, by operation; RestoreObject counts in ``retrievals``.
        transitions: steps that Serverless Workflow entered.
        invocations: calls of functions.
        vcpu_seconds: vCPU of those calls times their duration.
        gb_seconds: memory of those calls times their duration.
    """

    retrievals: tuple[Retrieval, ...]
    requests: Mapping[str, float]
    transitions: float
    invocations: float
    vcpu_seconds: float
    gb_seconds: float

    @property
    def restores(self) -> float:
        """RestoreObject requests."""
        return sum(retrieval.objects for retrieval in self.retrievals)

    @property
    def all_requests(self) -> float:
        """Requests to OSS of every kind."""
        return self.restores + sum(self.requests.values())

    def bill(self, prices: Prices, currency: Currency = "CNY") -> Bill:
        """What all of it costs."""
        return bill(self.parts(prices.compute_units), prices, currency)

    def parts(self, units: ComputeUnits) -> Mapping[str, float]:
        """Amounts under the names that prices have.

        Args:
            units: by which Function Compute adds up what it bills.
        """
        parts: defaultdict[str, float] = defaultdict(float)
        for retrieval in self.retrievals:
            parts[f"oss.requests.{_RESTORE}.{retrieval.kind}"] += retrieval.objects
            if retrieval.frozen:
                parts[f"oss.retrieved_gb.{retrieval.kind}"] += retrieval.gib
            if retrieval.storage_class in CHARGED_REPLICAS:
                months = retrieval.gib * retrieval.days / 30
                parts[f"oss.replica_gb_months.{retrieval.storage_class}"] += months
        parts["oss.requests.others"] += sum(self.requests.values())
        parts["fnf.transitions"] += self.transitions
        parts["fc.compute_units"] += units.of(
            calls=self.invocations, vcpu_seconds=self.vcpu_seconds, gb_seconds=self.gb_seconds
        )
        return parts
