"""The billable usage of a run, in the units of the bill."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from thaw.bills import Bill, bill
from thaw.prices import ComputeUnits, Currency, Prices

GIB: Final = 2**30
_RESTORE: Final = "RestoreObject"
DAYS_OF_MONTH: Final = 30  # as OSS bills storage by the hour
CHARGED_REPLICAS: Final = ("ColdArchive", "DeepColdArchive")


@dataclass(frozen=True)
class Retrieval:
    """Objects of one class that are thawed at one tier.

    Attributes:
        tier: the tier; empty for Archive, which has none.
        objects: the number of objects.
        gib: their total billed size, in units of 2**30 bytes; None if unknown.
        days: the (further) days for which they stay readable.
        frozen: whether they were frozen; extending readable objects is not billed as a retrieval.
    """

    storage_class: str
    tier: str
    objects: float
    gib: float | None
    days: int
    frozen: bool = True

    @property
    def kind(self) -> str:
        """Class and tier, as in the names of prices."""
        return f"{self.storage_class}.{self.tier}" if self.tier else self.storage_class

    @property
    def by_size(self) -> Iterator[tuple[str, float]]:
        """The parts of a bill that are proportional to the size, with their factors."""
        if self.frozen:
            yield f"oss.retrieved_gb.{self.kind}", 1
        if self.storage_class in CHARGED_REPLICAS:
            yield f"oss.replica_gb_months.{self.storage_class}", self.days / DAYS_OF_MONTH


@dataclass(frozen=True)
class Copies:
    """The copies or promotions of objects of one class.

    Attributes:
        storage_class: the class of the objects.
        into: the class of the copies.
        requests: the number of Put requests that make them.
        ended_gib_months: storage for which replaced objects are still billed, in units of 2**30
            bytes times months; None if unknown.
    """

    storage_class: str
    into: str
    requests: float
    ended_gib_months: float | None = 0.0


@dataclass(frozen=True)
class Usage:
    """The billable usage.

    Attributes:
        requests: requests to OSS by operation, except those counted in ``retrievals`` and
            ``copies``.
        transitions: steps that Serverless Workflow entered.
        invocations: function calls.
        vcpu_seconds: vCPU of these calls times their duration.
        gb_seconds: memory of these calls times their duration.
    """

    retrievals: tuple[Retrieval, ...]
    requests: Mapping[str, float]
    transitions: float
    invocations: float
    vcpu_seconds: float
    gb_seconds: float
    copies: tuple[Copies, ...] = ()

    @property
    def restores(self) -> float:
        """The number of RestoreObject requests."""
        return sum(retrieval.objects for retrieval in self.retrievals)

    @property
    def all_requests(self) -> float:
        """The number of all requests to OSS."""
        return self.restores + self.copy_requests + sum(self.requests.values())

    @property
    def copy_requests(self) -> float:
        """The number of requests that make copies."""
        return sum(copies.requests for copies in self.copies)

    def bill(self, prices: Prices, currency: Currency = "CNY") -> Bill:
        """Compute the bill."""
        return bill(self.parts(prices.compute_units), prices, currency)

    def parts(self, units: ComputeUnits) -> Mapping[str, float | None]:
        """Return the amount for each part of a bill; None if unknown.

        Args:
            units: converts the usage of Function Compute to its billing unit.
        """
        parts: defaultdict[str, float] = defaultdict(float)
        unknown = set[str]()
        for retrieval in self.retrievals:
            parts[f"oss.requests.{_RESTORE}.{retrieval.kind}"] += retrieval.objects
            for part, times in retrieval.by_size:
                parts[part] += (retrieval.gib or 0) * times
                if retrieval.gib is None:
                    unknown.add(part)
        for copies in self.copies:
            parts[f"oss.requests.CopyObject.{copies.into}"] += copies.requests
            if copies.ended_gib_months == 0:
                continue
            ended = f"oss.early_deletion_gb_months.{copies.storage_class}"
            parts[ended] += copies.ended_gib_months or 0
            if copies.ended_gib_months is None:
                unknown.add(ended)
        parts["oss.requests.others"] += sum(self.requests.values())
        parts["fnf.transitions"] += self.transitions
        parts["fc.compute_units"] += units.of(
            calls=self.invocations, vcpu_seconds=self.vcpu_seconds, gb_seconds=self.gb_seconds
        )
        return {part: None if part in unknown else amount for part, amount in parts.items()}
