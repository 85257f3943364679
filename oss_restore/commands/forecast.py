"""``oss-restore forecast``: time and bill of a run, before it is started."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any

import typer

from functions.contract import MAX_FOREACH, InvalidInput, RunInput
from functions.run_input import parse_run_input
from oss_restore.commands.options import AsJson
from oss_restore.console import out, print_json
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.forecast.model import Forecast
from oss_restore.forecast.model import forecast as forecast_run
from oss_restore.forecast.prices import Bill, Currency, bill, load_prices
from oss_restore.forecast.workload import Quotas, Workload
from oss_restore.run_options import Given, InputFile, read_input, with_run_options

_ANYWHERE = {"endpoint": "oss-cn-hangzhou.aliyuncs.com", "bucketName": "any"}


@with_run_options
def forecast(
    objects: Annotated[int, typer.Option(min=1, help="How many archived objects there are.")],
    size: Annotated[float, typer.Option(min=0, help="Bytes that one has on average.")] = 2**20,
    key_bytes: Annotated[
        int, typer.Option(min=1, max=1023, help="Bytes that a key has on average.")
    ] = 60,
    others: Annotated[int, typer.Option(min=0, help="Objects among them that need no thaw.")] = 0,
    input_: InputFile = None,
    quota: Annotated[
        list[str] | None,
        typer.Option("--quota", metavar="NAME=VALUE", help="A quota of your account; repeatable."),
    ] = None,
    currency: Annotated[Currency, typer.Option(help="Of the bill.")] = "CNY",
    as_json: AsJson = False,
    *,
    given: Given,
) -> None:
    """Tell what a run will take: time, calls and money. Nothing is called for it."""
    run = _run({**read_input(input_), **given})
    workload = Workload(_spread(objects, run.storage_classes), size, key_bytes, others)
    found = forecast_run(workload, run, quotas=_quotas(quota or ()))
    money = bill(found.usage, load_prices(), currency)
    if as_json:
        print_json(_document(found, money))
    else:
        _print(found, money)


def _run(run_input: Mapping[str, object]) -> RunInput:
    try:
        return parse_run_input({**_ANYWHERE, **run_input}, foreach_limit=MAX_FOREACH)
    except InvalidInput as error:
        raise OperatorError(str(error), status=ExitStatus.USAGE) from error


def _spread(objects: int, classes: Sequence[str]) -> dict[str, int]:
    """As many of each class, the rest to the first ones."""
    share, rest = divmod(objects, len(classes))
    spread = {name: share + (index < rest) for index, name in enumerate(classes)}
    return {name: count for name, count in spread.items() if count}


def _quotas(assignments: Sequence[str]) -> Quotas:
    known = {field.name: field.default for field in dataclasses.fields(Quotas)}
    changes: dict[str, Any] = {}
    for assignment in assignments:
        name, _, value = assignment.partition("=")
        try:
            number = float(value)
        except ValueError:
            number = 0
        if name not in known or number <= 0:
            raise OperatorError(
                f"--quota {assignment}: write NAME=NUMBER, with one of {', '.join(known)}",
                status=ExitStatus.USAGE,
            )
        changes[name] = int(number) if isinstance(known[name], int) else number
    return dataclasses.replace(Quotas(), **changes)


def _document(found: Forecast, money: Bill) -> dict[str, object]:
    usage = found.usage
    return {
        "submit_seconds": round(found.submit_seconds, 1),
        "wait_seconds": round(found.wait_seconds, 1),
        "total_seconds": round(found.total_seconds, 1),
        "bound": found.bound.name.lower(),
        "pages": found.plan.pages,
        "groups": found.plan.groups,
        "executions": found.plan.legs,
        "oss_requests": round(usage.all_requests),
        "step_transitions": round(usage.transitions),
        "function_calls": round(usage.invocations),
        "gb_seconds": round(usage.gb_seconds, 1),
        "currency": money.currency,
        "known_money": round(money.known, 2),
        "bill": [dataclasses.asdict(item) for item in money.items],
        "concerns": list(found.concerns),
    }


def _print(found: Forecast, money: Bill) -> None:
    from rich.table import Table

    def span(seconds: float) -> str:
        return str(timedelta(seconds=round(seconds)))

    out.print(
        f"About {span(found.total_seconds)}: {span(found.submit_seconds)} to send"
        f" everything in {found.plan.pages:,} pages, {span(found.wait_seconds)} of waiting.\n"
        f"What takes longest: {found.bound.value}."
    )
    table = Table(title=f"Bill, {money.currency}", title_justify="left")
    table.add_column("for")
    table.add_column("amount", justify="right")
    table.add_column("money", justify="right")
    table.add_column("price")
    for item in money.items:
        known = "unknown" if item.money is None else f"{item.money:,.2f}"
        table.add_row(item.part, f"{item.amount:,.0f}", known, item.mark)
    out.print(table)
    out.print(f"Known: {money.known:,.2f} {money.currency}.")
    if money.unknown:
        out.print(f"On top comes what {len(money.unknown)} parts cost whose prices are not known.")
    for concern in found.concerns:
        out.print(concern)
