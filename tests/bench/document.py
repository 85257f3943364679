"""Writes the tables of ``docs/performance.md``.

``python -m tests.bench.document`` copies ``build/bench.json`` to ``docs/performance.json`` and
writes the document from it. The curve needs no measurement, since it comes from the model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from oss_restore.cli.rehearsal.cdktf import PROJECT
from oss_restore.planning.forecast.model import Forecast, forecast
from oss_restore.planning.forecast.prices import load_prices
from oss_restore.planning.forecast.timing import Bound
from oss_restore.planning.forecast.workload import Quotas, Workload
from tests.bench.compare import copying_forecast, machine_in_the_cloud
from tests.bench.figures import REPORT
from tests.bench.runs import CONTENDERS, SETTINGS, Contender
from tests.docs.tables import with_table
from thaw.run_input import RunInput
from thaw.run_input_parser import parse_run_input
from thaw.storage_classes import ARCHIVE, COLD_ARCHIVE, DEEP_COLD_ARCHIVE

DOCUMENT: Final = PROJECT / "docs" / "performance.md"
DATA: Final = PROJECT / "docs" / "performance.json"

Row = Mapping[str, Any]

_SIGN: Final = {"at_most": "≤", "at_least": "≥"}
_CASE: Final = re.compile(
    r"(?P<contender>[a-z]+)_(?P<storage_class>[A-Za-z]+)_(?P<objects>\d+)_(?P<what>.+)"
)
_GROWTH: Final = re.compile(r"([a-z]+)_([A-Za-z]+)_(\d+)_growth_from_(\d+)_(\w+)")
_COLUMNS: Final[Mapping[str, str]] = {
    "cloud_seconds": "cloud time",
    "wall_seconds": "here, s",
    "requests_per_1000": "OSS requests",
    "transitions_per_1000": "step transitions",
    "invocations_per_1000": "function calls",
    "gb_seconds_per_1000": "GB s",
    "cpu_seconds_per_1000": "CPU here, s",
    "money_per_1000": "CNY",
    "peak_memory": "MiB",
}
_GROWING: Final = ("cloud_seconds", "wall_seconds", "requests", "cpu_seconds", "peak_memory")
_BOUNDS: Final[Mapping[Bound, str]] = {
    Bound.THAW: "the thaw itself",
    Bound.THAW_QUOTA: "OSS's thaw quota",
    Bound.PAGES: "one page after another",
    Bound.STEPS: "step entries a second",
    Bound.PACE: "the requests that a run may send",
    Bound.PAGE_THAWS: "every page's own thaw",
    Bound.COPIED_BYTES: "the bytes that OSS copies a second",
    Bound.COPIES: "the copies' own time",
}
_CURVE: Final = tuple(10**power for power in range(3, 10))
_COPIED: Final = tuple(10**power for power in range(3, 9))


def budgets(rows: Sequence[Row]) -> str:
    """Return the table of figures with a budget."""
    table = ["| figure | value | unit | budget | |", "|---|---:|---|---:|---|"]
    table += [
        f"| `{row['name']}` | {_number(row['value'])}{_mark(row)} | {row['unit']}"
        f" | {_SIGN[row['bound']]} {_number(row['budget'])}"
        f" | {'kept' if row['ok'] else '**missed**'} |"
        for row in rows
        if row["budget"] is not None
    ]
    return "\n".join(table)


def comparison(rows: Sequence[Row]) -> str:
    """Return the table that compares the three contenders."""
    cases: dict[tuple[str, int, str], dict[str, Row]] = {}
    for row in rows:
        found = _CASE.fullmatch(row["name"])
        if found and found["contender"] in CONTENDERS and found["what"] in _COLUMNS:
            case = (found["storage_class"], int(found["objects"]), found["contender"])
            cases.setdefault(case, {})[found["what"]] = row
    head = "| class | objects | how | " + " | ".join(_COLUMNS.values()) + " |"
    table = [head, "|---|---:|---|" + "---:|" * len(_COLUMNS)]
    for (storage_class, objects, contender), figures in sorted(cases.items()):
        cells = (_cell(what, figures.get(what)) for what in _COLUMNS)
        table.append(f"| {storage_class} | {objects:,} | {contender} | {' | '.join(cells)} |")
    return "\n".join(table)


def growth(rows: Sequence[Row]) -> str:
    """Return the table of growth for ten times the objects."""
    table = ["| what | from | to | cloud time | here | OSS requests | CPU of functions | memory |"]
    table.append("|---|---:|---:|---:|---:|---:|---:|---:|")
    kinds: dict[tuple[str, str, int, int], dict[str, Row]] = {}
    for row in rows:
        found = _GROWTH.fullmatch(row["name"])
        if found:
            kind = (found[1], found[2], int(found[4]), int(found[3]))
            kinds.setdefault(kind, {})[found[5]] = row
    for (contender, storage_class, smaller, larger), figures in sorted(kinds.items()):
        shown = (
            f"{_number(figures[what]['value'])}x{_mark(figures[what])}" if what in figures else ""
            for what in _GROWING
        )
        table.append(
            f"| {contender}, {storage_class} | {smaller:,} | {larger:,} | {' | '.join(shown)} |"
        )
    return "\n".join(table)


def curve(_: Sequence[Row]) -> str:
    """Return the model's figures, from a thousand objects to a billion."""
    archive = ("article", "chosen", "one machine at 20 ms", "at 30 ms")
    names = [*(f"{how}, {ARCHIVE}" for how in archive), COLD_ARCHIVE, DEEP_COLD_ARCHIVE]
    table = [f"| objects | {' | '.join(names)} |", "|---:|" + "---|" * len(names)]
    for objects in _CURVE:
        cells = [
            _duration_and_bound(_forecast(objects, ARCHIVE, "article")),
            _duration_and_bound(_forecast(objects, ARCHIVE, "chosen")),
            _span(machine_in_the_cloud(objects, 0.02)),
            _span(machine_in_the_cloud(objects, 0.03)),
            _duration_and_bound(_forecast(objects, COLD_ARCHIVE, "chosen")),
            _duration_and_bound(_forecast(objects, DEEP_COLD_ARCHIVE, "chosen")),
        ]
        table.append(f"| {objects:,} | {' | '.join(cells)} |")
    return "\n".join(table)


def bills(_: Sequence[Row]) -> str:
    """Return the table of costs, as far as prices are known."""
    prices = load_prices()
    table = [
        "| objects | article, Archive | chosen, Archive | ColdArchive | article's steps | chosen |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    kinds: tuple[tuple[Contender, str], ...] = (
        ("article", ARCHIVE),
        ("chosen", ARCHIVE),
        ("chosen", COLD_ARCHIVE),
    )
    for objects in _CURVE:
        found = {
            (contender, name): _forecast(objects, name, contender).usage.bill(prices)
            for contender, name in kinds
        }
        steps = [
            next(item.money or 0 for item in found[key].items if item.part == "fnf.transitions")
            for key in kinds[:2]
        ]
        amounts = [*(one.known for one in found.values()), *steps]
        cells = " | ".join(f"{amount:,.2f}" for amount in amounts)
        table.append(f"| {objects:,} | {cells} |")
    return "\n".join(table)


def limits(_: Sequence[Row]) -> str:
    """Return the sizes at which each limit of the cloud takes effect, with chosen settings."""
    table = ["| class | up to | what takes longest |", "|---|---:|---|"]
    for name in (ARCHIVE, COLD_ARCHIVE, DEEP_COLD_ARCHIVE):
        sizes = [round(10 ** (power / 20)) for power in range(60, 181)]
        bounds = [_forecast(objects, name, "chosen").bound for objects in sizes]
        for size, bound, following in zip(sizes, bounds, [*bounds[1:], None], strict=True):
            if bound is not following:
                end = "a billion and more" if following is None else f"{_two_digits(size):,}"
                table.append(f"| {name} | {end} | {_BOUNDS[bound]} |")
    return "\n".join(table)


def copies(_: Sequence[Row]) -> str:
    """Return when everything is copied, by the model, and which limit determines it."""
    kinds = ((ARCHIVE, 2**16), (COLD_ARCHIVE, 2**16), (ARCHIVE, 2**30))
    names = ("Archive, 64 KiB each", "ColdArchive, 64 KiB each", "Archive, 1 GiB each")
    table = [f"| objects | {' | '.join(names)} |", "|---:|" + "---|" * len(names)]
    for objects in _COPIED:
        found = [copying_forecast(objects, name, size) for name, size in kinds]
        cells = (f"{_span(one.copied_seconds or 0)}: {_BOUNDS[one.bound]}" for one in found)
        table.append(f"| {objects:,} | {' | '.join(cells)} |")
    return "\n".join(table)


TABLES: Final[Mapping[str, Callable[[Sequence[Row]], str]]] = {
    "budgets": budgets,
    "comparison": comparison,
    "growth": growth,
    "curve": curve,
    "bills": bills,
    "limits": limits,
    "copies": copies,
}


def read(path: Path) -> list[Row]:
    """Read the rows of a benchmark."""
    rows: list[Row] = json.loads(path.read_text())
    return rows


def with_tables(text: str, rows: Sequence[Row]) -> str:
    """Return the document with every table between its markers."""
    for name, table in TABLES.items():
        text = with_table(text, name, table(rows))
    return text


def _forecast(objects: int, storage_class: str, contender: Contender) -> Forecast:
    run = _run(storage_class, contender)
    return forecast(Workload({storage_class: objects}), run, quotas=Quotas())


def _run(storage_class: str, contender: Contender) -> RunInput:
    given = {
        **SETTINGS[contender],
        "endpoint": "oss-cn-hangzhou.aliyuncs.com",
        "bucketName": "my-archive",
        "storageClasses": [storage_class],
    }
    return parse_run_input(given, foreach_limit=100)


def _duration_and_bound(found: Forecast) -> str:
    return f"{_span(found.total_seconds)}: {_BOUNDS[found.bound]}"


def _cell(what: str, row: Row | None) -> str:
    if row is None:
        return ""
    shown = _span(row["value"]) if what == "cloud_seconds" else _number(row["value"])
    return shown + _mark(row)


def _mark(row: Row) -> str:
    return "*" if row["source"] == "model" else ""


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,g}"


def _two_digits(value: int) -> int:
    return int(float(f"{value:.1e}"))


def _span(seconds: float) -> str:
    """Format a duration for people."""
    span = timedelta(seconds=round(seconds))
    if span.days >= 2:
        return f"{seconds / 86_400:,.1f} days"
    if seconds >= 7_200:
        return f"{seconds / 3_600:.1f} h"
    return f"{seconds / 60:.1f} min" if seconds >= 120 else f"{seconds:.0f} s"


def main() -> None:
    """Import the last benchmark, if there is one, and write the document."""
    if (PROJECT / REPORT).exists():
        DATA.write_text((PROJECT / REPORT).read_text())
    DOCUMENT.write_text(with_tables(DOCUMENT.read_text(), read(DATA)))


if __name__ == "__main__":
    main()
