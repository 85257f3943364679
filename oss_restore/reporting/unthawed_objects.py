"""The objects of a run that are not being thawed, streamed from its ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from thaw.ledger import Ledger, Part
from thaw.ledger_reading import failures, walk
from thaw.outcomes import FAILURES, Outcome

UNSUCCESSFUL: Final = FAILURES | {Outcome.VANISHED}


def unsuccessful(ledger: Ledger, outcomes: Mapping[str, int]) -> Iterator[Part]:
    """Yield every object that failed, was refused or is missing.

    Failures have separate copies in the ledger. Missing objects do not, and the whole ledger is
    only read if there are any.

    Args:
        ledger: the run's ledger.
        outcomes: number of objects by outcome.

    Raises:
        RunError: as the ledger's calls.
    """
    if not outcomes.get(Outcome.VANISHED.value):
        yield from failures(ledger)
        return
    for part in walk(ledger):
        if records := [record for record in part.records if record.outcome in UNSUCCESSFUL]:
            yield Part(records)
