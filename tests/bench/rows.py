"""The benchmark's rows: figures with their budgets (design section 9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from oss_restore.planning.forecast.prices import Prices
from tests.bench.compare import Taken, deviations
from tests.bench.figures import Figure, Source
from tests.bench.runs import Case

MODEL_PERCENT = 10


def of_case(found: Taken, prices: Prices) -> Iterator[Figure]:
    """Everything about one case."""
    usage, thousand = found.usage, found.per_thousand

    def figure(what: str, value: float, unit: str) -> Figure:
        return Figure(f"{name_of(found.case)}_{what}", value, unit, source=found.source)

    yield figure("cloud_seconds", round(found.cloud_seconds, 1), "s")
    yield figure("wall_seconds", round(found.wall_seconds, 1), "s")
    yield figure("requests_per_1000", round(thousand(usage.all_requests), 1), "1")
    yield figure("transitions_per_1000", round(thousand(usage.transitions), 1), "1")
    yield figure("invocations_per_1000", round(thousand(usage.invocations), 1), "1")
    yield figure("gb_seconds_per_1000", round(thousand(usage.gb_seconds), 2), "GB s")
    yield figure("money_per_1000", round(found.money(prices), 4), "CNY")
    if found.peak_bytes is not None:
        yield figure("peak_memory", round(found.peak_bytes / 2**20), "MiB")


def of_growth(smaller: Taken, larger: Taken) -> Iterator[Figure]:
    """How many times as much a larger case takes."""
    times = larger.case.objects // smaller.case.objects
    name = f"{name_of(larger.case)}_growth_from_{smaller.case.objects}"
    source: Source = "model" if "model" in (smaller.source, larger.source) else "measured"
    figures = {
        "cloud_seconds": larger.cloud_seconds / smaller.cloud_seconds,
        "wall_seconds": larger.wall_seconds / smaller.wall_seconds,
        "requests": larger.usage.all_requests / smaller.usage.all_requests,
    }
    if larger.peak_bytes and smaller.peak_bytes:
        figures["peak_memory"] = larger.peak_bytes / smaller.peak_bytes
    for what, value in figures.items():
        yield Figure(f"{name}_{what}", round(value, 2), f"x, at {times} x", source=source)


def of_budgets(bulk: Taken, article: Taken) -> Iterator[Figure]:
    """What the bulk settings have to reach, for the same Archive objects as the article's."""
    objects = bulk.case.objects
    yield Figure(
        f"time_to_readable_{objects}_archive_article_over_bulk",
        round(article.cloud_seconds / bulk.cloud_seconds, 1),
        "x",
        50,
        "at_least",
        article.source,
    )
    thousand, usage = bulk.per_thousand, bulk.usage
    yield Figure("bulk_requests_per_object", round(usage.all_requests / objects, 3), "1", 1.05)
    yield Figure(
        "bulk_transitions_per_1000_objects", round(thousand(usage.transitions), 1), "1", 40
    )
    yield Figure(
        "bulk_invocations_per_1000_objects", round(thousand(usage.invocations), 1), "1", 30
    )


def of_model(pairs: Iterable[tuple[Taken, Taken]], prices: Prices) -> Iterator[Figure]:
    """How far off the model of a run is, at its worst; and, beside it, that of the plain loop.

    The loop is no run: it looks every ten seconds at one object, and one look more or less is most
    of what its time can be off by.
    """
    known = list(pairs)
    runs = [pair for pair in known if pair[0].case.contender != "loop"]
    for quantity, (off, _) in deviations(runs, prices).items():
        yield Figure(f"model_{quantity}_off_by_at_most", round(off, 1), "%", MODEL_PERCENT)
    loops = [pair for pair in known if pair[0].case.contender == "loop"]
    if loops:
        off, _ = deviations(loops, prices)["cloud_seconds"]
        yield Figure("loop_cloud_seconds_off_by_at_most", round(off, 1), "%")


def name_of(case: Case) -> str:
    """The start of the names of a case's rows."""
    return f"{case.contender}_{case.storage_class}_{case.objects}"


def neighbours(found: Sequence[Taken]) -> Iterator[tuple[Taken, Taken]]:
    """Each case with the next larger one of the same contender and class."""
    ordered = sorted(found, key=lambda t: (t.case.contender, t.case.storage_class, t.case.objects))
    for smaller, larger in pairwise(ordered):
        if (smaller.case.contender, smaller.case.storage_class) == (
            larger.case.contender,
            larger.case.storage_class,
        ):
            yield smaller, larger
