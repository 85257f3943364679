"""Adds up a run's ledger and writes its reports.

It streams: a few parts are in memory at a time, and the reports grow on disk. What it still does is
read every part, which bounds how long a run it can report in one call; totals that are rolled up
while the run goes would be read here instead.
"""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from functions.contract import FAILURES, Outcome, OutcomeRecord, PageRecord, Run
from functions.ledger import Ledger
from functions.report import Report

_NOT_ARCHIVED = (Outcome.FOLDER_MARKER, Outcome.SYMLINK)


@dataclass
class Totals:
    """Of the pages and records seen so far.

    Attributes:
        listed: archived objects in scope, as the pages counted them.
        planned: those that a request was to be sent for, by class.
        bytes: what those have together, by class.
        by_class: outcomes of all objects, by class.
    """

    pages: int = 0
    scanned: int = 0
    listed: int = 0
    planned: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)
    by_class: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add_page(self, page: PageRecord) -> None:
        """Adds what a page counted."""
        self.pages += 1
        self.scanned += page.scanned
        self.listed += page.listed
        for storage_class, tally in page.to_send.items():
            self.planned[storage_class] += tally.objects
            self.bytes[storage_class] += tally.bytes

    def add_record(self, record: OutcomeRecord) -> None:
        """Adds what became of an object."""
        self.by_class[record.storage_class][record.outcome.value] += 1

    @property
    def outcomes(self) -> Counter[str]:
        """Objects by outcome, in the order in which outcomes are defined."""
        found: Counter[str] = sum(self.by_class.values(), Counter())
        return Counter({o.value: found[o.value] for o in Outcome if found[o.value]})


def summarize(ledger: Ledger, run: Run) -> dict[str, object]:
    """Writes ``summary.json``, ``report.csv`` and ``failures.csv``, and returns the summary.

    ``listed`` is what the pages found, ``outcomes`` what was recorded object by object;
    ``unaccounted`` is the difference, and is 0 unless something was lost. In a dry run the objects
    that would have been sent are in ``planned`` and have no outcome.

    Raises:
        RunError: as :func:`functions.calls.call`.
    """
    totals = Totals()
    with tempfile.TemporaryFile() as every, tempfile.TemporaryFile() as failures:
        report = Report(run.bucket_name, every=every, failures=failures)
        for page, records in ledger.walk():
            totals.add_page(page)
            for record in records:
                totals.add_record(record)
                report.add(record)
        report.close()
        ledger.write("report.csv", every)
        ledger.write("failures.csv", failures)
    summary = _summary(totals, ledger, run)
    ledger.write_json("summary.json", summary)
    return summary


def _summary(totals: Totals, ledger: Ledger, run: Run) -> dict[str, object]:
    outcomes = totals.outcomes
    answered = sum(outcomes.values()) + (sum(totals.planned.values()) if run.dry_run else 0)
    return {
        "runId": run.run_id,
        "dryRun": run.dry_run,
        "pages": totals.pages,
        "scanned": totals.scanned,
        "listed": totals.listed,
        "archived": totals.listed - sum(outcomes[outcome.value] for outcome in _NOT_ARCHIVED),
        "planned": dict(totals.planned),
        "outcomes": dict(outcomes),
        "byClass": {name: dict(counts) for name, counts in sorted(totals.by_class.items())},
        "bytes": dict(totals.bytes),
        "failed": sum(outcomes[outcome.value] for outcome in FAILURES),
        "unaccounted": totals.listed - answered,
        "report": ledger.url,
    }
