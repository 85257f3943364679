"""The benchmark's tables, for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from rich.console import Console
from rich.table import Table

from tests.bench.compare import Taken
from tests.bench.figures import Figure
from thaw.prices import Prices

_SIGN = {"at_most": "≤", "at_least": "≥"}


def print_budgets(figures: Iterable[Figure], console: Console) -> None:
    """Print the figures with a budget, and whether it is kept."""
    table = Table(title="Budgets", title_justify="left")
    table.add_column("what")
    table.add_column("value", justify="right")
    table.add_column("unit")
    table.add_column("budget", justify="right")
    table.add_column("")
    for figure in figures:
        if figure.budget is not None:
            kept = "[green]kept[/green]" if figure.ok else "[red]missed[/red]"
            model = " (model)" if figure.source == "model" else ""
            table.add_row(
                figure.name + model,
                f"{figure.value:,g}",
                figure.unit,
                f"{_SIGN[figure.bound]} {figure.budget:,g}",
                kept,
            )
    console.print(table)


def print_comparison(compared: Iterable[Taken], prices: Prices, console: Console) -> None:
    """Print a comparison of the contenders."""
    table = Table(
        title="Per 1,000 objects, except for the times and the memory",
        title_justify="left",
        min_width=120,
    )
    for name in ("how", "class", "objects", "", "cloud time", "here", "OSS requests"):
        table.add_column(name, justify="left" if name in {"how", "class", ""} else "right")
    for name in ("steps", "calls", "GB s", "CNY", "MiB"):
        table.add_column(name, justify="right")
    for found in compared:
        usage, thousand = found.usage, found.per_thousand
        table.add_row(
            found.case.contender,
            found.case.storage_class,
            f"{found.case.objects:,}",
            "" if found.source == "measured" else "model",
            str(timedelta(seconds=round(found.cloud_seconds))),
            f"{found.wall_seconds:,.0f} s",
            f"{thousand(usage.all_requests):,.0f}",
            f"{thousand(usage.transitions):,.0f}",
            f"{thousand(usage.invocations):,.0f}",
            f"{thousand(usage.gb_seconds):,.1f}",
            f"{found.money(prices):,.3f}",
            "" if found.peak_bytes is None else f"{found.peak_bytes / 2**20:,.0f}",
        )
    console.print(table)
