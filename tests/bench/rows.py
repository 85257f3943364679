"""The benchmark's rows: figures with their budgets (design section 9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from oss_restore.planning.forecast.model import forecast
from oss_restore.planning.forecast.workload import Workload
from tests.bench.compare import Taken, copying_forecast, deviations
from tests.bench.figures import Figure, Source
from tests.bench.runs import Case
from thaw.prices import Prices
from thaw.run_input_parser import parse_run_input
from thaw.storage_classes import ARCHIVE, THAW_SECONDS

MODEL_PERCENT = 5
MODEL_TIME_PERCENT = 10
_OF_TIME = ("cloud_seconds", "gb_seconds")
_ARCHIVE_RUN = {
    "endpoint": "oss-cn-hangzhou.aliyuncs.com",
    "bucketName": "my-archive",
    "storageClasses": [ARCHIVE],
}


def of_case(found: Taken, prices: Prices) -> Iterator[Figure]:
    """Return all rows of a case."""
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
    if found.cpu_seconds is not None:
        yield figure("cpu_seconds_per_1000", round(thousand(found.cpu_seconds), 2), "s")
    if found.peak_bytes is not None:
        yield figure("peak_memory", round(found.peak_bytes / 2**20), "MiB")


def of_growth(smaller: Taken, larger: Taken) -> Iterator[Figure]:
    """Return the growth rows between a case and a larger one."""
    times = larger.case.objects // smaller.case.objects
    name = f"{name_of(larger.case)}_growth_from_{smaller.case.objects}"
    source: Source = "model" if "model" in (smaller.source, larger.source) else "measured"
    figures = {
        "cloud_seconds": larger.cloud_seconds / smaller.cloud_seconds,
        "wall_seconds": larger.wall_seconds / smaller.wall_seconds,
        "requests": larger.usage.all_requests / smaller.usage.all_requests,
    }
    if larger.cpu_seconds and smaller.cpu_seconds:
        figures["cpu_seconds"] = larger.cpu_seconds / smaller.cpu_seconds
    if larger.peak_bytes and smaller.peak_bytes:
        figures["peak_memory"] = larger.peak_bytes / smaller.peak_bytes
    for what, value in figures.items():
        yield Figure(f"{name}_{what}", round(value, 2), f"x, at {times} x", source=source)


def of_budgets(chosen: Taken, large: Taken, article: Taken) -> Iterator[Figure]:
    """Return the figures with budgets for a run that chooses its settings, with Archive objects.

    Args:
        chosen: a run with as many objects as the article's.
        large: a run with many more.
        article: the run with the article's settings.
    """
    yield Figure(
        f"time_to_readable_{chosen.case.objects}_archive_article_over_chosen",
        round(article.cloud_seconds / chosen.cloud_seconds, 1),
        "x",
        50,
        "at_least",
        article.source,
    )
    thousand, usage = large.per_thousand, large.usage
    for name, value, budget in (
        ("requests_per_object", usage.all_requests / large.case.objects, 1.02),
        ("transitions_per_1000_objects", thousand(usage.transitions), 8),
        ("invocations_per_1000_objects", thousand(usage.invocations), 7),
    ):
        yield Figure(f"chosen_{name}", round(value, 3), "1", budget, source=large.source)


def of_sizes() -> Iterator[Figure]:
    """Return the model's figures of runs too large to measure, with an account's own quotas."""
    for objects, hours in ((10**8, 3.5), (10**9, 1.4 * 24)):
        run = parse_run_input(_ARCHIVE_RUN, foreach_limit=100)
        found = forecast(Workload({ARCHIVE: objects}), run)
        name = f"model_{objects}_archive_hours"
        yield Figure(name, round(found.total_seconds / 3600, 2), "h", hours, source="model")


def of_million_copies() -> Iterator[Figure]:
    """Return the model's figures of a million copies of 64 KiB, limited by request rates."""
    found = copying_forecast(10**6, ARCHIVE, 2**16)
    minutes = (found.copied_seconds or 0) / 60
    yield Figure("model_1000000_copies_minutes", round(minutes, 1), "min", 7, source="model")
    # Two requests per object at 10,000 a second, after the thaw of the last objects.
    needed = 2 * 10**6 / 10_000 + THAW_SECONDS[ARCHIVE, ""]
    over = (found.copied_seconds or 0) / needed
    yield Figure("model_1000000_copies_over_quota", round(over, 2), "x", 1.6, source="model")


def of_model(pairs: Iterable[tuple[Taken, Taken]], prices: Prices) -> Iterator[Figure]:
    """Return the model's largest deviations from runs, and from the program on one machine.

    The latter have no budget, since that program is not part of this product.
    """
    known = list(pairs)
    runs = [pair for pair in known if pair[0].case.contender != "machine"]
    for quantity, (off, _) in deviations(runs, prices).items():
        most = MODEL_TIME_PERCENT if quantity in _OF_TIME else MODEL_PERCENT
        yield Figure(f"model_{quantity}_off_by_at_most", round(off, 1), "%", most)
    machines = [pair for pair in known if pair[0].case.contender == "machine"]
    if machines:
        off, _ = deviations(machines, prices)["cloud_seconds"]
        yield Figure("machine_cloud_seconds_off_by_at_most", round(off, 1), "%")


def name_of(case: Case) -> str:
    """Return the prefix of the names of a case's rows."""
    return f"{case.contender}_{case.storage_class}_{case.objects}"


def neighbours(found: Sequence[Taken]) -> Iterator[tuple[Taken, Taken]]:
    """Pair each case with the next larger one of the same contender and class."""
    ordered = sorted(found, key=lambda t: (t.case.contender, t.case.storage_class, t.case.objects))
    for smaller, larger in pairwise(ordered):
        if (smaller.case.contender, smaller.case.storage_class) == (
            larger.case.contender,
            larger.case.storage_class,
        ):
            yield smaller, larger
