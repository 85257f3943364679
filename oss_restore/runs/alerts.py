"""Alerts about failed tasks and objects that cannot be thawed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from oss_restore.language import N_
from oss_restore.runs.history import RunHistory
from oss_restore.runs.progress import PageResults
from oss_restore.runs.state import Alert
from thaw.errors import RunError
from thaw.ledger import Ledger, Part

_PARTS_A_LOOK: Final = 3  # most parts of the ledger that one look reads


class Alerts:
    """Finds failures in a run's history, and reports each cause once.

    Args:
        ledger: the run's ledger; None if it cannot be reached.
    """

    def __init__(self, ledger: Ledger | None) -> None:
        self._ledger = ledger
        self._reported: set[str] = set()

    def of(self, history: RunHistory) -> list[Alert]:
        """Return the new alerts since the last call, in order."""
        found = [
            Alert(
                failed.moment,
                N_("{step} failed, and is retried if possible: {error}: {cause}"),
                {"step": failed.step, "error": failed.error, "cause": failed.cause},
            )
            for failed in history.take_failed_attempts()
            if self._is_new(f"{failed.step} {failed.error}")
        ]
        for page, group in islice(_suspect_groups(history.take_results()), _PARTS_A_LOOK):
            found += self._of_group(page, group)
        return sorted(found, key=lambda alert: alert.moment)

    def _of_group(self, page: PageResults, group: int) -> Iterator[Alert]:
        if self._ledger is None:
            return
        try:
            part = self._ledger.group(page.page, group)
        except RunError as error:
            if self._is_new("ledger"):
                yield Alert(
                    page.moment,
                    N_("cannot read the ledger of the run: {reason}"),
                    {"reason": str(error)},
                )
            return
        for record in (part or Part([])).failures().records:
            cause = f"{record.outcome} {record.error_code}"
            if self._is_new(cause):
                yield Alert(
                    page.moment,
                    N_("{cause}: the first is {key}: {message}"),
                    {"cause": cause, "key": record.key, "message": record.message},
                )

    def _is_new(self, cause: str) -> bool:
        new = cause not in self._reported
        self._reported.add(cause)
        return new


def _suspect_groups(pages: list[PageResults]) -> Iterator[tuple[PageResults, int]]:
    for page in pages:
        for group in page.suspect_groups():
            yield page, group
