"""The tiers available to a run, with their time and cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from oss_restore.planning.copies import CopyCosts
from oss_restore.planning.forecast import model
from oss_restore.planning.forecast.model import DeploymentSettings, Forecast
from oss_restore.planning.forecast.workload import Quotas, Workload
from oss_restore.planning.preflight import Preflight
from oss_restore.planning.survey import Survey
from thaw.bills import Bill
from thaw.days import days_of
from thaw.prices import Currency, Prices
from thaw.run_input import RunInput
from thaw.storage_classes import ARCHIVE, DEFAULT_TIER, TIERS

_TIERS: Final = ("Expedited", "Standard", "Bulk")  # fastest first

# The parts of a bill, grouped by their purpose.
KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "requests": ("oss.requests.RestoreObject.", "oss.requests.others"),
    "retrieval": ("oss.retrieved_gb.",),
    "replica": ("oss.replica_gb_months.",),
    "copies": ("oss.requests.CopyObject.",),
    "earlyDeletion": ("oss.early_deletion_gb_months.",),
    "workflow": ("fnf.",),
    "functions": ("fc.",),
}


@dataclass(frozen=True)
class Terms:
    """The terms of a forecast of time and cost.

    Attributes:
        quotas: the account's quotas.
        deployment: the settings of the deployment's environment.
        prices: the price list.
    """

    quotas: Quotas
    deployment: DeploymentSettings
    prices: Prices
    currency: Currency = "CNY"


@dataclass(frozen=True)
class TierChoice:
    """One way to thaw.

    Attributes:
        tier: the tier; empty if there are only Archive objects, which have none.
        run: the run's settings, with this tier and only the classes that support it.
        objects: number of objects that it would thaw, by class.
        leaves: classes of frozen objects that do not support the tier and need a separate run.
    """

    tier: str
    run: RunInput
    objects: Mapping[str, int]
    leaves: tuple[str, ...]
    forecast: Forecast
    bill: Bill

    @property
    def days(self) -> Mapping[str, int]:
        """Days for which the objects are readable, by class."""
        return {name: days_of(self.run, name) for name in self.objects}

    def bill_of(self, kind: str) -> Bill:
        """Return the part of the bill for one of :data:`KINDS`."""
        items = (item for item in self.bill.items if item.part.startswith(KINDS[kind]))
        return Bill(self.bill.currency, tuple(items))


@dataclass(frozen=True)
class RunPlan:
    """The plan of a run, as ``plan`` shows it and ``start`` asks to confirm it.

    Attributes:
        survey: the objects found; None for a bucket that does not exist yet.
        choices: tiers to choose from; none if nothing is frozen.
        copy_costs: costs of the copies after the run; None if it makes none.
    """

    run: RunInput
    terms: Terms
    choices: list[TierChoice]
    survey: Survey | None = None
    preflight: Preflight = field(default_factory=Preflight)
    copy_costs: CopyCosts | None = None


def choices(
    workload: Workload, run: RunInput, terms: Terms, *, as_given: bool = False
) -> list[TierChoice]:
    """Forecast a run for every tier that the frozen objects support, fastest first.

    Args:
        workload: the frozen objects.
        run: the run's input; if it names a tier, that is the only choice.
        terms: the terms for time and cost.
        as_given: whether the default tier is the only choice if the input names none.
    """
    requested = run.tier or (DEFAULT_TIER if as_given else "")
    return [_choice(tier, workload, run, terms) for tier in _tiers(workload, requested)]


def _tiers(workload: Workload, requested: str) -> Sequence[str]:
    cold = [name for name in workload.objects if name != ARCHIVE]
    if not cold:
        return [""]
    if requested:
        return [requested]
    return [tier for tier in _TIERS if any(tier in TIERS[name] for name in cold)]


def _choice(tier: str, workload: Workload, run: RunInput, terms: Terms) -> TierChoice:
    objects = {name: count for name, count in workload.objects.items() if _has_tier(name, tier)}
    classes = tuple(name for name in run.storage_classes if _has_tier(name, tier))
    chosen = replace(run, tier=_input_tier(tier, run), storage_classes=classes)
    leaves = tuple(name for name in workload.objects if name not in objects)
    # Objects of the other classes are listed, too.
    others = workload.others + sum(workload.objects[name] for name in leaves)
    copies = {name: load for name, load in workload.copied.items() if name in classes}
    part = replace(workload, objects=objects, others=others, copies=copies)
    forecast = model.forecast(part, chosen, quotas=terms.quotas, deployment=terms.deployment)
    bill = forecast.usage.bill(terms.prices, terms.currency)
    return TierChoice(tier, chosen, objects, leaves, forecast, bill)


def _has_tier(storage_class: str, tier: str) -> bool:
    return storage_class == ARCHIVE or tier in TIERS[storage_class]


def _input_tier(tier: str, run: RunInput) -> str | None:
    """Return the tier for the run's input, which omits the default unless it was given."""
    return None if tier == DEFAULT_TIER and not run.tier else tier or None
