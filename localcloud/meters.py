"""Counts everything billable, so that costs can be measured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Final

# Names used by the services. A request to OSS counts under its operation's name.
OSS_REQUESTS: Final = "oss.requests."
OSS_RETRIEVALS: Final = "oss.retrievals."  # accepted restores, by storage class and tier
OSS_RETRIEVED_BYTES: Final = "oss.retrieved_bytes."  # by storage class and tier
FC_INVOCATIONS: Final = "fc.invocations"
FC_VCPU_SECONDS: Final = "fc.vcpu_seconds"
FC_GB_SECONDS: Final = "fc.gb_seconds"
FNF_TRANSITIONS: Final = "fnf.step_transitions"


class Meters:
    """Running totals by name.

    Args:
        changed: called on every change.
    """

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._totals: defaultdict[str, float] = defaultdict(float)
        self._changed = changed

    def add(self, name: str, amount: float = 1) -> None:
        """Add to a total, which starts at zero."""
        self._totals[name] += amount
        self._changed()

    def read(self) -> dict[str, float]:
        """Return all totals, sorted by name."""
        return dict(sorted(self._totals.items()))

    def reset(self) -> None:
        """Set every total to zero."""
        self._totals.clear()
        self._changed()

    def take(self, totals: Mapping[str, float]) -> None:
        """Replace all totals with what :meth:`read` returned."""
        self._totals = defaultdict(float, totals)
