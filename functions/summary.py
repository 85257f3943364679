"""Write a run's summary and reports, from the totals that were added up during the run.

A report has a line for every object. It is written in full if one call can read all parts of the
ledger; otherwise these parts are the report, and ``report.json`` says where they are.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice

from thaw.completion_report import COLUMNS, write_report
from thaw.ledger import Ledger, Part
from thaw.ledger_reading import failures, walk
from thaw.limits import MAX_REPORTED_OBJECTS, MAX_REPORTED_PARTS
from thaw.run_input import Run
from thaw.totals import Totals
from thaw.verdict import Verdict


def summarize(ledger: Ledger, run: Run, totals: Totals, verdict: Verdict) -> dict[str, object]:
    """Write ``summary.json`` and the reports, and return the summary.

    Args:
        ledger: the run's ledger.
        run: the run.
        totals: the totals of the whole run.
        verdict: the verdict on it.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    ending = {"wrongRows": verdict.rows.all, "verdict": verdict.to_json()}
    summary = {**summary_of(totals, ledger, run), **ending}
    if totals.parts <= MAX_REPORTED_PARTS and totals.listed <= MAX_REPORTED_OBJECTS:
        _write(ledger, run, "report.csv", walk(ledger, copies=run.then is not None))
    else:
        ledger.write_json("report.json", _manifest(totals))
    _write(ledger, run, "failures.csv", _reported(failures(ledger)))
    ledger.write_json("summary.json", summary)
    return summary


def summary_of(totals: Totals, ledger: Ledger, run: Run) -> dict[str, object]:
    """Return the summary of a run, or of one of its legs.

    ``listed`` is the number of objects found, and ``outcomes`` the numbers of those recorded;
    ``unaccounted`` is the difference, which is 0 unless records were lost. In a dry run, objects
    that would be requested are counted in ``planned`` and have no outcome.
    """
    return {
        "runId": run.run_id,
        "dryRun": run.dry_run,
        **totals.to_json(),
        "archived": totals.archived,
        "outcomes": dict(totals.outcomes),
        "failed": totals.failed,
        "unaccounted": totals.unaccounted(dry_run=run.dry_run),
        "wrongRows": 0,  # set at the end of the run, like the verdict
        "verdict": {},
        "report": ledger.url,
    }


def _reported(parts: Iterable[Part]) -> Iterator[Part]:
    objects = 0
    for part in islice(parts, MAX_REPORTED_PARTS):
        if objects >= MAX_REPORTED_OBJECTS:
            return
        objects += len(part.records)
        yield part


def _write(ledger: Ledger, run: Run, name: str, parts: Iterable[Part]) -> None:
    """Write a report of some parts; it is built on disk, with only a few parts in memory."""
    with tempfile.TemporaryFile() as file:
        write_report(parts, run.bucket_name, file)
        ledger.write(name, file)


def _manifest(totals: Totals) -> dict[str, object]:
    return {
        "format": "JSON Lines: key, outcome, storageClass, size, httpStatus, errorCode, message",
        "parts": totals.parts,
        "folder": "outcomes/",
        "failures": "failures/",
        "columns": list(COLUMNS),
    }
