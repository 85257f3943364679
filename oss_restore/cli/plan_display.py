"""Shows a plan to a person."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from oss_restore.cli.run_options import as_arguments
from oss_restore.durations import rough
from oss_restore.messages import planning as said
from oss_restore.planning.choices import TierChoice
from oss_restore.planning.faster import Faster
from oss_restore.planning.forecast.prices import Bill
from oss_restore.planning.run_plan import RunPlan
from oss_restore.planning.survey import ObjectLoad, Survey

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def show_plan(plan: RunPlan, commands: Sequence[str], console: Console) -> None:
    """Prints a plan.

    Args:
        plan: the plan.
        commands: that start its choices, one for each; none where they are not wanted.
        console: where to.
    """

    def say(line: str) -> None:
        console.print(line, soft_wrap=True, markup=False)

    if plan.survey is not None:
        say(said.OBJECTS_OF(bucket=plan.run.bucket_name))
        console.print(_objects(plan.survey))
        if not plan.choices:
            say(said.NOTHING_FROZEN())
    if plan.choices:
        prices = plan.terms.prices
        say(said.CHOICES(currency=plan.terms.currency, noted=prices.noted))
        console.print(_choices(plan.choices))
    for line in _remarks(plan):
        say(line)
    if commands:
        say(said.COMMANDS())
        for command in commands:
            say(f"  {command}")


def size(count: float) -> str:
    """Bytes as people read them."""
    unit = 0
    while count >= 1024 and unit < len(_UNITS) - 1:  # noqa: PLR2004 - what a KiB is
        count, unit = count / 1024, unit + 1
    return f"{count:,.1f} {_UNITS[unit]}" if unit else f"{count:,.0f} B"


def _objects(survey: Survey) -> Table:
    table = Table()
    table.add_column(said.CLASS())
    table.add_column(said.STATE())
    table.add_column(said.OBJECTS(), justify="right")
    table.add_column(said.BYTES(), justify="right")
    for name in survey.classes:
        for state, load in _states(survey, name):
            table.add_row(name, state, f"{load.objects:,}", size(load.bytes))
    if survey.others.objects:
        others = survey.others
        table.add_row(
            said.OTHER_CLASSES(), said.NO_THAW_NEEDED(), f"{others.objects:,}", size(others.bytes)
        )
    return table


def _states(survey: Survey, name: str) -> Iterator[tuple[str, ObjectLoad]]:
    for state, loads in (
        (said.TO_THAW, survey.frozen),
        (said.THAWING, survey.thawing),
        (said.READABLE, survey.readable),
        (said.NOTHING_IN_IT, survey.nothing_to_thaw),
    ):
        if name in loads:
            yield state(), loads[name]
    for reason, load in survey.filtered.get(name, {}).items():
        yield said.LEFT_OUT_BY(filter=reason), load


def _choices(choices: Sequence[TierChoice]) -> Table:
    """A column for each choice, so that it fits a narrow terminal."""
    table = Table()
    table.add_column(said.TIER())
    for choice in choices:
        table.add_column(choice.tier or said.NO_TIER(), justify="right")
    for name, cells in _rows(choices):
        table.add_row(name, *cells)
    return table


def _rows(choices: Sequence[TierChoice]) -> Iterator[tuple[str, list[str]]]:
    yield said.OBJECTS(), [f"{sum(choice.objects.values()):,}" for choice in choices]
    yield (
        said.READABLE_IN(),
        [rough(choice.forecast.readable_seconds) for choice in choices],
    )
    yield said.DAYS(), [_days(choice) for choice in choices]
    for kind, name in said.KINDS.items():
        yield name(), [_money(choice.bill_of(kind)) for choice in choices]
    yield said.TOTAL(), [_money(choice.bill) for choice in choices]


def _days(choice: TierChoice) -> str:
    """One number where it is the same for all classes, or one for each in their order."""
    return "/".join(str(days) for days in dict.fromkeys(choice.days.values()))


def _money(bill: Bill) -> str:
    if bill.unknown and not bill.known:
        return said.UNKNOWN()
    return f"≥ {bill.known:,.2f}" if bill.unknown else f"{bill.known:,.2f}"


def _remarks(plan: RunPlan) -> Iterator[str]:
    for remark, tiers in _by_remark(plan.choices).items():
        yield f"{', '.join(tiers)}: {remark}"
    unknown = dict.fromkeys(item.part for choice in plan.choices for item in choice.bill.unknown)
    if unknown:
        yield said.UNKNOWN_PARTS(parts=", ".join(unknown))
    survey = plan.survey
    if survey is not None:
        thawing = sum(load.objects for load in survey.thawing.values())
        if thawing and plan.run.wait_for != "none":
            yield said.STILL_THAWING(count=thawing)
        if survey.wrong_rows:
            yield said.WRONG_ROWS(count=survey.wrong_rows)
        if survey.vanished:
            yield said.VANISHED(count=survey.vanished)
    yield from plan.preflight.notes


def _by_remark(choices: Sequence[TierChoice]) -> dict[str, list[str]]:
    """What is to be said, with the tiers that it is to be said of."""
    remarks: defaultdict[str, list[str]] = defaultdict(list)
    for choice in choices:
        found = choice.forecast
        lines = [said.WHAT_TAKES_LONGEST(bound=found.bound.value()), *found.concerns]
        if choice.faster is not None:
            lines.append(_faster(choice.faster))
        if choice.leaves:
            lines.append(said.LEAVES(classes=", ".join(choice.leaves)))
        for line in lines:
            remarks[line].append(choice.tier or said.NO_TIER())
    return remarks


def _faster(found: Faster) -> str:
    return said.FASTER(
        options=shlex.join(as_arguments(found.settings)),
        time=rough(found.forecast.readable_seconds),
        total=_money(found.bill),
        currency=found.bill.currency,
    )
