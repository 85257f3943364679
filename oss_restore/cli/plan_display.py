"""A plan as text, and the commands that start its choices."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from rich.table import Table

from oss_restore.cli.console import Terminal
from oss_restore.cli.run_options import Given, as_arguments
from oss_restore.durations import rough
from oss_restore.language import N_, ngettext
from oss_restore.language import gettext as _
from oss_restore.planning.choices import RunPlan, TierChoice
from oss_restore.planning.survey import Survey
from oss_restore.reporting.bill_text import without_text
from oss_restore.reporting.copy_costs_text import copy_costs_text
from oss_restore.reporting.formatting import size
from oss_restore.reporting.settings_text import settings_text
from thaw.after_thaw import CopyTo
from thaw.bills import Bill, money
from thaw.page_chunks import Tally
from thaw.run_input import RunInput

_KINDS: Final = {
    "requests": N_("requests"),
    "retrieval": N_("retrieval"),
    "replica": N_("replica"),
    "copies": N_("copy requests"),
    "earlyDeletion": N_("early deletion"),
    "workflow": N_("workflow"),
    "functions": N_("functions"),
}
_AFTER_THAW: Final = ("copies", "earlyDeletion")


def show_plan(plan: RunPlan, commands: Sequence[str], console: Terminal) -> None:
    """Print a plan.

    Args:
        plan: the plan.
        commands: for each choice, the command that starts it; empty to omit them.
        console: console to print to.
    """
    if plan.survey is not None:
        console.print_line(_("Objects in {bucket}").format(bucket=plan.run.bucket_name))
        console.print(_objects(plan.survey))
        if not plan.choices:
            console.print_line(
                _("There is nothing to request.")
                if plan.survey.scanned
                else _("No object was found.")
            )
    if plan.choices:
        prices = plan.terms.prices
        console.print_line(
            _("Time and cost in {currency}, at prices of {noted}").format(
                currency=plan.terms.currency, noted=prices.noted
            )
        )
        console.print(_choices(plan.choices))
    for line in _remarks(plan):
        console.print_line(line)
    if commands:
        console.print_line(_("To start one of them:"))
        for command in commands:
            console.print_line(f"  {command}")


def _objects(survey: Survey) -> Table:
    table = Table()
    table.add_column(_("class"))
    table.add_column(_("state"))
    table.add_column(_("objects"), justify="right")
    table.add_column(_("size"), justify="right")
    for name in survey.classes:
        for state, load in _states(survey, name):
            table.add_row(name, state, f"{load.objects:,}", size(load.bytes))
    if survey.others.objects:
        others = survey.others
        table.add_row(_("others"), _("needs no thaw"), f"{others.objects:,}", size(others.bytes))
    return table


def _states(survey: Survey, name: str) -> Iterator[tuple[str, Tally]]:
    for state, loads in (
        (_("to thaw"), survey.frozen),
        (_("to thaw sooner"), survey.upgraded),
        (_("to keep readable"), survey.extended),
        (_("thawing"), survey.thawing),
        (_("readable"), survey.readable),
        (_("folder or symlink"), survey.nothing_to_thaw),
    ):
        if name in loads:
            yield state, loads[name]
    for reason, load in survey.filtered.get(name, {}).items():
        yield _("filtered out by {filter}").format(filter=reason), load


def _choices(choices: Sequence[TierChoice]) -> Table:
    """Make a table of choices as columns, to fit a narrow terminal."""
    table = Table()
    table.add_column(_("tier"))
    for choice in choices:
        table.add_column(choice.tier or _("no tier"), justify="right")
    for name, cells in _rows(choices):
        table.add_row(name, *cells)
    return table


def _rows(choices: Sequence[TierChoice]) -> Iterator[tuple[str, list[str]]]:
    yield _("objects"), [f"{sum(choice.objects.values()):,}" for choice in choices]
    yield (
        _("readable in"),
        [rough(choice.forecast.readable_seconds) for choice in choices],
    )
    if any(choice.forecast.copied_seconds is not None for choice in choices):
        yield (
            _("copied in") if isinstance(choices[0].run.then, CopyTo) else _("promoted in"),
            [rough(choice.forecast.copied_seconds or 0) for choice in choices],
        )
    yield _("days"), [_days(choice) for choice in choices]
    for kind, name in _KINDS.items():
        if kind in _AFTER_THAW and not any(choice.bill_of(kind).items for choice in choices):
            continue
        yield _(name), [_money(choice.bill_of(kind)) for choice in choices]
    yield _("total"), [_money(choice.bill) for choice in choices]


def _days(choice: TierChoice) -> str:
    """Format the days: one number if it is the same for all classes, otherwise one per class."""
    return "/".join(str(days) for days in dict.fromkeys(choice.days.values()))


def _money(bill: Bill) -> str:
    if bill.unknown and not bill.known:
        return _("unknown")
    return f"≥ {bill.known:,.2f}" if bill.unknown else money(bill.known)


def _remarks(plan: RunPlan) -> Iterator[str]:
    for parts, tiers in _tiers_by_missing_parts(plan.choices).items():
        yield _("{tiers}: the total is without {parts}, whose cost is not known").format(
            tiers=", ".join(tiers), parts=parts
        )
    for remark, tiers in _tiers_by_remark(plan.choices).items():
        yield f"{', '.join(tiers)}: {remark}"
    survey = plan.survey
    if survey is not None:
        thawing = sum(load.objects for load in survey.thawing.values())
        if thawing and plan.run.wait_for != "none":
            yield ngettext(
                "{count:,} object is already thawing; it is not known since when: a "
                "run waits for it, too",
                "{count:,} objects are already thawing; it is not known since when: a "
                "run waits for them, too",
                thawing,
            ).format(count=thawing)
        if survey.wrong_rows:
            yield ngettext(
                "{count:,} row of the manifest cannot name an object of this bucket",
                "{count:,} rows of the manifest cannot name an object of this bucket",
                survey.wrong_rows,
            ).format(count=survey.wrong_rows)
        if survey.vanished:
            yield ngettext(
                "{count:,} row of the manifest names an object that does not exist",
                "{count:,} rows of the manifest name objects that do not exist",
                survey.vanished,
            ).format(count=survey.vanished)
    yield from plan.preflight.notes
    if plan.copy_costs is not None:
        yield from copy_costs_text(plan.copy_costs)


def _tiers_by_missing_parts(choices: Sequence[TierChoice]) -> dict[str, list[str]]:
    """Group the tiers by the parts that their totals do not include."""
    missing: defaultdict[str, list[str]] = defaultdict(list)
    for choice in choices:
        if parts := without_text(choice.bill):
            missing[parts].append(choice.tier or _("no tier"))
    return missing


def _tiers_by_remark(choices: Sequence[TierChoice]) -> dict[str, list[str]]:
    """Return each remark with the tiers that it applies to."""
    remarks: defaultdict[str, list[str]] = defaultdict(list)
    for choice in choices:
        forecast = choice.forecast
        lines = [
            _("the bottleneck is {bound}").format(bound=_(forecast.bound.value)),
            *forecast.concerns,
        ]
        if forecast.run.chosen:
            lines.append(_("chosen: {settings}").format(settings=settings_text(forecast.run)))
        if choice.leaves:
            lines.append(
                _("{classes} has no such tier: thaw it in a run of its own").format(
                    classes=", ".join(choice.leaves)
                )
            )
        for line in lines:
            remarks[line].append(choice.tier or _("no tier"))
    return remarks


def start_commands(
    plan: RunPlan, deployment: list[str], given: Given, input_: str | None
) -> list[str]:
    """Return the ``start`` command of each choice.

    Args:
        plan: the plan.
        deployment: the arguments that name the deployment.
        given: the input from options.
        input_: the argument of ``--input``.
    """
    words = ["oss-restore", "start", *(deployment or ["ENV"])]
    if input_ is not None:
        words += ["--input", input_]
    elif not given.get("bucketName"):
        given = {**given, "bucketName": "BUCKET"}
    return [
        shlex.join([*words, *as_arguments({**given, **_chosen(choice, plan.run)})])
        for choice in plan.choices
    ]


def _chosen(choice: TierChoice, run: RunInput) -> Given:
    """Return the fields that a choice adds to the given input."""
    chosen: Given = {}
    if choice.run.tier != run.tier:
        chosen["tier"] = choice.run.tier
    if choice.run.storage_classes != run.storage_classes:
        chosen["storageClasses"] = list(choice.run.storage_classes)
    return chosen
