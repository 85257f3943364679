"""``python -m tests.bench [--quick]``: measures, prints, writes ``build/bench.json``.

Ends with 1 if a budget is not kept.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from oss_restore.cli.console import out, step
from oss_restore.cli.rehearsal.cdktf import PROJECT
from oss_restore.planning.forecast.prices import load_prices
from tests.bench import parts, rows
from tests.bench.compare import Machine, Taken, taken
from tests.bench.copies import DESTINATION, of_copies
from tests.bench.figures import REPORT, Figure, write
from tests.bench.rehearsal import TIMES, measure_rehearsals
from tests.bench.runs import CONTENDERS, Case, Contender, measure
from tests.bench.show import print_budgets, print_comparison
from tests.bench.site import allow_copies, bench_site, of_deploying
from tests.site import Site
from thaw.storage_classes import ARCHIVE, COLD_ARCHIVE

WARM_UP: Final = 200  # objects, enough to start every function's processes
CLASSES: Final = (ARCHIVE, COLD_ARCHIVE)


@dataclass(frozen=True)
class Sizes:
    """The sizes to measure. Sizes above a contender's own are left to the model.

    Attributes:
        objects: the number of objects of each case.
        reference: the size for which budgets are checked.
        rehearsal: the number of objects of the smaller rehearsal.
        server: the number of requests to the OSS server.
        engine: the number of steps of the flow engine.
    """

    objects: tuple[int, ...]
    measured: dict[Contender, int]
    reference: int
    rehearsal: int
    server: int
    engine: int
    copies: int


FULL: Final = Sizes(
    objects=(1_000, 10_000, 100_000),
    measured={"article": 10_000, "chosen": 100_000, "machine": 10_000},
    reference=10_000,
    rehearsal=100_000,
    server=20_000,
    engine=50_000,
    copies=10_000,
)
QUICK: Final = Sizes(
    objects=(250, 1_000, 10_000),
    measured={"article": 1_000, "chosen": 10_000, "machine": 1_000},
    reference=10_000,
    rehearsal=2_000,
    server=5_000,
    engine=10_000,
    copies=5_000,
)


def main() -> int:
    """Measures everything."""
    parser = argparse.ArgumentParser(prog="tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller sizes, in a few minutes")
    sizes = QUICK if parser.parse_args().quick else FULL
    figures = list(_parts(sizes))
    with tempfile.TemporaryDirectory() as folder, bench_site(Path(folder)) as site:
        with step("cdktf deploy, once more"):
            figures += of_deploying(site, Path(folder))
        measured = _measure(site, sizes)
        with step(f"copy {sizes.copies:,} objects"):
            allow_copies(site, DESTINATION)
            figures += of_copies(site, sizes.copies)
    with step(f"rehearse {sizes.rehearsal:,} objects, and {TIMES} times as many"):
        figures += measure_rehearsals(sizes.rehearsal, sizes.server)
    compared, checked = _with_model(measured, sizes)
    prices = load_prices()
    by_case = {found.case: found for found in compared}
    figures += rows.of_budgets(
        by_case[Case("chosen", ARCHIVE, sizes.reference)],
        by_case[Case("chosen", ARCHIVE, sizes.objects[-1])],
        by_case[Case("article", ARCHIVE, sizes.reference)],
    )
    figures += rows.of_sizes()
    figures += rows.of_million_copies()
    figures += rows.of_model(checked, prices)
    for found in compared:
        figures += rows.of_case(found, prices)
    for smaller, larger in rows.neighbours(compared):
        figures += rows.of_growth(smaller, larger)
    write(figures, PROJECT / REPORT)
    wide = Console(highlight=False, width=max(out.width, 130))
    print_comparison(compared, prices, wide)
    print_budgets(figures, wide)
    return 0 if all(figure.ok for figure in figures) else 1


def _parts(sizes: Sizes) -> Iterator[Figure]:
    with step("measure the parts"):
        yield from parts.oss_server(sizes.server)
        yield from parts.engine(sizes.engine)
        yield from parts.synth(20)
        yield from parts.bundle()


def _measure(site: Site, sizes: Sizes) -> list[Taken]:
    """Measure the smaller cases first, so that their leftovers hardly affect the larger ones."""
    found = []
    with step("warm up"):
        for contender in CONTENDERS:
            measure(site, Case(contender, ARCHIVE, WARM_UP))
    for objects in sizes.objects:
        for storage_class in CLASSES:
            for contender in CONTENDERS:
                if objects > sizes.measured[contender]:
                    continue
                with step(f"{contender}: {objects:,} {storage_class} objects") as shown:
                    found.append(taken(measure(site, Case(contender, storage_class, objects))))
                    shown.update(f"{found[-1].cloud_seconds:,.0f} s of cloud time")
    return found


def _with_model(
    measured: list[Taken], sizes: Sizes
) -> tuple[list[Taken], list[tuple[Taken, Taken]]]:
    """Add the model's figures for cases that were not measured, and for comparison."""
    by_case = {found.case: found for found in measured}
    compared: list[Taken] = []
    checked: list[tuple[Taken, Taken]] = []
    for contender in CONTENDERS:
        for storage_class in CLASSES:
            cases = [Case(contender, storage_class, objects) for objects in sizes.objects]
            known = [by_case[case] for case in cases if case in by_case]
            machine = Machine(known[-1])
            compared += [by_case.get(case) or machine.predict(case) for case in cases]
            checked += [(found, Machine(found).predict(found.case)) for found in known]
    return compared, checked


if __name__ == "__main__":
    sys.exit(main())
