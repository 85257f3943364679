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

    Failures have a copy of their own in the ledger. What has vanished has none, so that the whole
    ledger is read for it; but only where there is something.

    Args:
        ledger: of the run.
        outcomes: objects by outcome.

    Raises:
        RunError: as the ledger's calls.
    """
    if not outcomes.get(Outcome.VANISHED.value):
        yield from failures(ledger)
        return
    for part in walk(ledger):
        if records := [record for record in part.records if record.outcome in UNSUCCESSFUL]:
            yield Part(records)
