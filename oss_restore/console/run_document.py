"""The document of a run for the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Final

from oss_restore.console.documents import Figure, Lines, Table, figure
from oss_restore.console.feeds import Document
from oss_restore.language import gettext as _
from oss_restore.language import translate
from oss_restore.reporting import chart, status_line
from oss_restore.reporting.bill_text import without_text
from oss_restore.reporting.causes import Cause
from oss_restore.reporting.estimate import estimate_of
from oss_restore.reporting.facts import ClassFacts, RunReport, results_of
from oss_restore.reporting.formatting import NOTHING, number, part_name, shown, span, when
from oss_restore.reporting.verdict_text import standing_name
from oss_restore.runs.counts import Counts
from oss_restore.runs.object_looks import MOST_OBJECTS
from oss_restore.runs.state import Alert
from thaw.bills import Bill, money
from thaw.days import days_of
from thaw.standings import GONE_ON, OUT_OF_SCOPE, ClassStandings, Standing
from thaw.storage_classes import ARCHIVE_CLASSES
from thaw.verdict_phrases import NOT_WORKED_OUT

_NEITHER: Final = OUT_OF_SCOPE | {Standing.NOT_REQUESTED}


def run_document(report: RunReport, alerts: Sequence[Alert]) -> Document:
    """Describe a run.

    Args:
        report: the report of the run, or its current state.
        alerts: all alerts of the run.
    """
    state = report.state
    execution, estimated_end = state.result.execution, status_line.estimated_end(state)
    return {
        "run": execution.name,
        "flow": execution.flow,
        "status": execution.status,
        "ended": state.ended,
        "retriable": state.ended and bool(report.causes),
        "tone": report.tone.value,
        "sentence": report.sentence if state.ended else estimated_end or report.sentence,
        "progress": "" if state.ended else status_line.progress(state),
        "position": "" if state.ended else status_line.position(state),
        "next": list(_next_commands(report)),
        "figures": list(_figures(report)),
        "classes": list(_classes(report)),
        "results": _results(report),
        "standings": [figure(name, number(count)) for name, count in report.standings],
        "standingsTitle": _("At the end") if state.ended else _("So far"),
        "standingsNote": _standings_note(report),
        "calendar": _calendar(report),
        "input": list(_input(report)),
        "alerts": [figure(when(alert.moment), alert.text) for alert in alerts],
        "causes": [_cause(cause) for cause in report.causes],
        "timeline": _timeline(report),
        "cost": None if report.cost is None else _cost(report.cost),
        "ledger": report.ledger,
    }


def _next_commands(report: RunReport) -> Iterator[Figure]:
    if report.extend and report.state.ended:
        text = _("To keep the objects readable for longer, before the first copy expires:")
        yield figure(text, report.extend)


def _figures(report: RunReport) -> Iterator[Figure]:
    state, counts = report.state, report.counts
    yield figure(_("Objects in scope"), number(state.totals.listed))
    yield figure(_("Requested"), number(counts.submitted))
    if report.done is not None:
        yield figure(report.done_name, number(report.done))
    if report.readable_until:
        yield figure(_("Readable until"), when(report.readable_until))
    if report.missed is None:
        yield figure(_("Refused or failed"), number(counts.unsuccessful))
    else:
        yield figure(report.missed_name, number(report.missed))
    if not state.ended and state.rate:
        yield figure(_("Objects per second"), number(state.rate))
    elif report.mean_rate is not None:
        yield figure(_("Mean rate"), _("{rate:,.1f} objects/s").format(rate=report.mean_rate))
    yield figure(_("Duration"), span(report.took))
    if (done := estimate_of(state).all_readable) is not None:
        yield figure(_("Time left"), span(max(done - state.now, timedelta())))
    if (bill := report.cost) is not None:
        yield figure(f"{_('Cost')}, {bill.currency}", money(bill.known), _without(bill))


def _classes(report: RunReport) -> Iterator[Document]:
    """Yield a bar for each class, divided by the standings or results of its objects."""
    by_class = report.verdict.standings.by_class
    facts_by_class = {facts.storage_class: facts for facts in report.classes}
    for name in sorted(
        {*facts_by_class, *by_class}, key=[*ARCHIVE_CLASSES, *facts_by_class, *by_class].index
    ):
        facts = facts_by_class.get(name, ClassFacts(name, Counts(), {}))
        standings = by_class.get(name, ClassStandings()).counts
        objects = max(facts.objects, standings.total())
        parts = _standing_parts(standings) if standings else _count_parts(facts.counts)
        others = objects - standings.total()
        if standings and others and not report.state.ended:
            parts.append(_part("other", _("not checked yet"), others))
        yield {
            "name": name,
            "objects": number(objects),
            "parts": parts,
            "outcomes": [figure(name, number(count)) for name, count in facts.outcomes.items()],
        }


def _standings_note(report: RunReport) -> str:
    """Explain incomplete standings of a run in progress; empty if they are complete."""
    state, verdict = report.state, report.verdict
    if state.ended:
        return ""
    if verdict.problem:
        return translate(NOT_WORKED_OUT.filled(problem=verdict.problem))
    looked_at = verdict.objects.counts.total()
    if not MOST_OBJECTS <= looked_at < state.totals.listed:
        return ""
    return _("Only the first {objects:,} objects are checked while the run is in progress.").format(
        objects=looked_at
    )


def _standing_parts(standings: Mapping[Standing, int]) -> list[Document]:
    return [
        _part(_kind(standing), standing_name(standing), standings[standing])
        for standing in Standing
        if standings.get(standing)
    ]


def _kind(standing: Standing) -> str:
    """Return the kind of bar for a standing: achieved, in progress, failed or other."""
    if standing is Standing.READABLE or standing in GONE_ON:
        return "ready"
    if standing is Standing.THAWING:
        return "sent"
    return "other" if standing in _NEITHER else "lost"


def _count_parts(counts: Counts) -> list[Document]:
    kinds = ("sent", "before", "lost", "other", "other")
    parts = zip(kinds, results_of(counts).items(), strict=True)
    return [_part(kind, label, count) for kind, (label, count) in parts if count]


def _part(kind: str, label: str, objects: int) -> Document:
    return {"kind": kind, "label": label, "value": number(objects), "share": objects}


def _results(report: RunReport) -> Table:
    rows = [_row(facts.storage_class, facts.counts, facts.objects) for facts in report.classes]
    total = sum(facts.objects for facts in report.classes)
    return {
        "title": _("Results"),
        "columns": [_("Class"), *results_of(report.counts), _("Objects")],
        "rows": rows,
        "total": _row(_("Total"), report.counts, total) if len(rows) > 1 else [],
        "note": "",
    }


def _row(name: str, counts: Counts, objects: int) -> list[str]:
    return [name, *map(number, (*results_of(counts).values(), objects))]


def _calendar(report: RunReport) -> Table:
    """Make the table of expiry times of readable objects."""
    rows = [
        [name, _moment(standings.earliest), _moment(standings.latest)]
        for name, standings in report.verdict.standings.by_class.items()
        if standings.earliest
    ]
    return {
        "title": _("Readable until"),
        "columns": [_("Class"), _("first object"), _("last object")],
        "rows": rows,
        "total": [],
        "note": "",
    }


def _moment(seconds: float) -> str:
    return when(datetime.fromtimestamp(seconds, UTC)) if seconds else NOTHING


def _input(report: RunReport) -> Iterator[Figure]:
    run = report.state.run_input
    if run is None:
        return
    yield figure(_("Bucket"), run.bucket_name)
    keys = [f"{prefix}*" for prefix in run.prefixes or [run.prefix] if prefix]
    if run.manifest is not None:
        keys.append(run.manifest.key)
    keys += [f"+ {glob}" for glob in run.include] + [f"− {glob}" for glob in run.exclude]  # noqa: RUF001 - a minus
    yield figure(_("Keys"), Lines("\n".join(map(shown, keys)) or _("all")))
    days = (
        f"{name} {_('{days} d').format(days=days_of(run, name))}" for name in run.storage_classes
    )
    yield figure(_("Readable for"), ", ".join(days))
    yield figure(_("Tier"), run.tier or _("default"))
    if report.then:
        yield figure(_("After the thaw"), report.then)
    if run.dry_run:
        yield figure(_("Dry run"), _("sends nothing"))
    if report.settings:
        yield figure(_("Chosen settings"), report.settings)


def _cause(cause: Cause) -> Document:
    return {
        "outcome": cause.outcome,
        "code": cause.code,
        "status": str(cause.http_status or ""),
        "objects": number(cause.objects),
        "message": cause.message,
        "advice": cause.advice,
        "examples": list(cause.examples),
    }


def _timeline(report: RunReport) -> Document | None:
    state = report.state
    drawn = chart.draw(state.submitted, report.done_points, state.now)
    if drawn is None:
        return None
    return {**asdict(drawn), "width": chart.WIDTH, "height": chart.HEIGHT}


def _cost(bill: Bill) -> Table:
    note = _(
        "Prices as of {noted}, for mainland China. Check the price page of Alibaba Cloud before you"
        " rely on a figure. What is free in the first twelve months of an account is not deducted."
    ).format(noted=bill.noted)
    total = ", ".join(filter(None, (_("Total cost"), _without(bill))))
    return {
        "title": _("Cost"),
        "columns": [_("Item"), _("Amount"), f"{_('Cost')}, {bill.currency}"],
        "rows": [
            [
                part_name(item.part),
                NOTHING if item.amount is None else number(item.amount),
                _("not known") if item.money is None else money(item.money),
            ]
            for item in bill.items
        ],
        "total": [total, "", money(bill.known)] if bill.items else [],
        "note": note if bill.items else _("Nothing was requested."),
    }


def _without(bill: Bill) -> str:
    parts = without_text(bill)
    return parts and _("without {parts}, whose cost is not known").format(parts=parts)
