"""The totals of a run by result: requested, refused, left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Final

from thaw.outcomes import Outcome
from thaw.totals import Totals

_SUBMITTED: Final = (Outcome.REQUESTED, Outcome.EXTENDED, Outcome.UPGRADED)
_UNDER_WAY: Final = (Outcome.ALREADY_THAWING, Outcome.ALREADY_READABLE)
_REFUSED: Final = (Outcome.DENIED, Outcome.REJECTED)
_NOTHING_TO_DO: Final = (Outcome.NOT_ARCHIVED, Outcome.FOLDER_MARKER, Outcome.SYMLINK)


@dataclass(frozen=True)
class Counts:
    """Objects by result; each object counts once.

    Attributes:
        submitted: objects for which OSS has accepted this run's request.
        under_way: objects that were already thawing or readable.
        refused: objects for which OSS has refused the request.
        failed: objects given up after retries.
        vanished: objects that do not exist, or not any more.
        nothing_to_do: folder markers, symlinks and objects that are not archived.
    """

    submitted: int = 0
    under_way: int = 0
    refused: int = 0
    failed: int = 0
    vanished: int = 0
    nothing_to_do: int = 0

    @classmethod
    def of(cls, totals: Totals) -> Counts:
        """Count the objects of all classes."""
        return cls.of_outcomes(totals.outcomes)

    @classmethod
    def of_outcomes(cls, outcomes: Mapping[str, int]) -> Counts:
        """Count objects by outcome."""
        counts = Counter(outcomes)

        def total(*kinds: Outcome) -> int:
            return sum(counts[kind.value] for kind in kinds)

        return cls(
            submitted=total(*_SUBMITTED),
            under_way=total(*_UNDER_WAY),
            refused=total(*_REFUSED),
            failed=total(Outcome.FAILED),
            vanished=total(Outcome.VANISHED),
            nothing_to_do=total(*_NOTHING_TO_DO),
        )

    @property
    def unsuccessful(self) -> int:
        """The number of objects whose requests were refused or failed."""
        return self.refused + self.failed

    def to_json(self) -> dict[str, int]:
        """Convert it to JSON."""
        return asdict(self)


def sum_of(totals: Iterable[Totals]) -> Totals:
    """Add up the totals of several listers."""
    together = Totals()
    for lister_totals in totals:
        together.add(lister_totals)
    return together
