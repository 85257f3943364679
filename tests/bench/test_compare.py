from __future__ import annotations

from dataclasses import replace

import pytest

from localcloud.meters import FC_INVOCATIONS, FNF_TRANSITIONS, OSS_REQUESTS
from oss_restore.clients.control_api import FunctionWork
from oss_restore.planning.forecast.course import CALL
from oss_restore.planning.forecast.prices import load_prices
from tests.bench.compare import (
    QUANTITIES,
    Machine,
    Taken,
    deviations,
    expected,
    machine_in_the_cloud,
    one_machine,
    quantities,
    taken,
)
from tests.bench.rows import MODEL_TIME_PERCENT, name_of, neighbours, of_budgets, of_case, of_model
from tests.bench.runs import Case, Contender, Measured, days
from thaw.own_work import Speeds
from thaw.storage_classes import ARCHIVE, COLD_ARCHIVE

CALL_SECONDS = 0.002


def measured(case: Case, *, slow: float = 1, requests: int = 20) -> Taken:
    """A run on a machine that is so many times as slow."""
    meters = {
        f"{OSS_REQUESTS}RestoreObject": float(case.objects),
        f"{OSS_REQUESTS}ListObjects": requests,
        FNF_TRANSITIONS: 100.0,
        FC_INVOCATIONS: 40.0,
    }
    work = {
        "restore": FunctionWork(
            calls=20, seconds=2 * slow, cpuSeconds=1.5, requests={"RestoreObject": case.objects}
        ),
        "restoreStatus": FunctionWork(
            calls=20, seconds=slow, cpuSeconds=0.5, requests={"ListObjects": requests}
        ),
    }
    return taken(
        Measured(
            case,
            cloud_seconds=60 + 10 * slow,
            wall_seconds=10 * slow,
            peak_bytes=1,
            meters=meters,
            work=work,
        )
    )


def test_a_restore_is_counted_once() -> None:
    found = measured(Case("chosen", ARCHIVE, 1_000))
    assert found.usage.restores == 1_000
    assert found.usage.all_requests == 1_020


@pytest.mark.parametrize("storage_class", [ARCHIVE, COLD_ARCHIVE])
@pytest.mark.parametrize("contender", ["article", "chosen"])
def test_the_model_reproduces_the_duration_of_its_own_reference(
    contender: Contender, storage_class: str
) -> None:
    reference = measured(Case(contender, storage_class, 1_000), slow=3)
    predicted = Machine(reference).predict(reference.case)
    assert predicted.wall_seconds == pytest.approx(reference.wall_seconds)
    assert predicted.source == "model"


@pytest.mark.parametrize("contender", ["article", "chosen"])
def test_durations_depend_on_the_functions_work_and_not_on_the_machines_load(
    contender: Contender,
) -> None:
    case = Case(contender, ARCHIVE, 1_000)
    quick, slow = measured(case), measured(case, slow=9)
    assert quick.usage.gb_seconds == slow.usage.gb_seconds > 0
    assert quick.usage.vcpu_seconds == slow.usage.vcpu_seconds > 0
    assert measured(case, requests=40).usage.gb_seconds > quick.usage.gb_seconds
    usages = [Machine(found).predict(case).usage for found in (quick, slow)]
    assert usages[0].gb_seconds == pytest.approx(usages[1].gb_seconds, rel=0.1)


def test_a_run_as_predicted_has_the_models_durations() -> None:
    case = Case("chosen", ARCHIVE, 10_000)
    predicted = Machine(measured(case)).predict(case)
    work: dict[str, FunctionWork] = {
        name: FunctionWork(
            calls=round(operations[CALL].count),
            requests={kind: round(e.count) for kind, e in operations.items() if kind != CALL},
        )
        for name, operations in expected(case, Speeds()).work.items()
    }
    meters = {f"{OSS_REQUESTS}RestoreObject": 10_000.0}
    found = taken(Measured(case, 70, 10, 1, meters=meters, work=work))
    assert found.usage.gb_seconds == pytest.approx(predicted.usage.gb_seconds, rel=0.01)
    assert found.usage.vcpu_seconds == pytest.approx(predicted.usage.vcpu_seconds, rel=0.01)


def test_a_slower_machine_takes_longer_and_calls_as_often() -> None:
    case = Case("chosen", ARCHIVE, 10_000)
    fast = Machine(measured(Case("chosen", ARCHIVE, 1_000))).predict(case)
    slow = Machine(measured(Case("chosen", ARCHIVE, 1_000), slow=5)).predict(case)
    assert slow.cloud_seconds > fast.cloud_seconds
    assert slow.usage.restores == fast.usage.restores
    assert slow.usage.transitions == pytest.approx(fast.usage.transitions, rel=0.1)


def test_the_program_on_one_machine_lists_until_the_last_object_is_readable() -> None:
    found = one_machine(Case("machine", ARCHIVE, 1_000), CALL_SECONDS)
    looks = found.usage.requests["ListObjects"] - 1
    assert found.usage.restores == 1_000
    assert found.cloud_seconds == pytest.approx(
        (1_000 + looks) * CALL_SECONDS + (looks - 1) * 10, rel=0.01
    )
    assert found.cloud_seconds >= 60


def test_one_lister_bounds_the_program_where_requests_are_quick() -> None:
    seconds = [machine_in_the_cloud(10**8, latency) for latency in (0.01, 0.02, 0.1)]
    assert seconds[0] == seconds[1] < seconds[2]


def test_only_page_by_page_runs_need_more_days() -> None:
    assert days(Case("chosen", COLD_ARCHIVE, 10_000)) == 1
    assert days(Case("machine", COLD_ARCHIVE, 10_000)) == 1
    assert days(Case("article", COLD_ARCHIVE, 10_000)) == 21
    assert days(Case("article", ARCHIVE, 10_000)) == 1


def test_the_worst_prediction_counts() -> None:
    prices = load_prices()
    good, bad = measured(Case("chosen", ARCHIVE, 1_000)), measured(Case("chosen", ARCHIVE, 2_000))
    off = replace(bad, usage=replace(bad.usage, gb_seconds=2 * bad.usage.gb_seconds))
    worst = deviations([(good, good), (bad, off)], prices)
    assert worst.keys() == QUANTITIES.keys() == quantities(good, prices).keys()
    off_by, case = worst["gb_seconds"]
    assert off_by == pytest.approx(100)
    assert case == bad.case
    assert worst["requests"][0] == 0
    rows = {row.name: row for row in of_model([(good, good), (bad, off)], prices)}
    assert rows["model_gb_seconds_off_by_at_most"].budget == MODEL_TIME_PERCENT
    assert not rows["model_gb_seconds_off_by_at_most"].ok
    assert rows["model_requests_off_by_at_most"].ok


def test_the_deviation_of_the_plain_loop_has_its_own_rows() -> None:
    prices = load_prices()
    run, plain = (measured(Case(name, ARCHIVE, 1_000)) for name in ("chosen", "machine"))
    late = replace(plain, cloud_seconds=2 * plain.cloud_seconds)
    rows = {row.name: row for row in of_model([(run, run), (plain, late)], prices)}
    assert rows["model_cloud_seconds_off_by_at_most"].value == 0
    assert rows["machine_cloud_seconds_off_by_at_most"].value == 100
    assert rows["machine_cloud_seconds_off_by_at_most"].budget is None


def test_the_rows_of_a_case_have_its_name_and_source() -> None:
    found = measured(Case("chosen", ARCHIVE, 1_000))
    rows = list(of_case(found, load_prices()))
    assert {row.name.removeprefix("chosen_Archive_1000_") for row in rows} == {
        "cloud_seconds",
        "wall_seconds",
        "requests_per_1000",
        "transitions_per_1000",
        "invocations_per_1000",
        "gb_seconds_per_1000",
        "cpu_seconds_per_1000",
        "money_per_1000",
        "peak_memory",
    }
    assert {row.source for row in rows} == {"measured"}


def test_a_case_that_did_not_run_has_no_memory_row() -> None:
    rows = list(of_case(one_machine(Case("machine", ARCHIVE, 10), CALL_SECONDS), load_prices()))
    assert not any(row.name.endswith(("cpu_seconds_per_1000", "peak_memory")) for row in rows)
    assert {row.source for row in rows} == {"model"}


def test_the_budgets_compare_the_same_objects() -> None:
    chosen = measured(Case("chosen", ARCHIVE, 10_000))
    article = measured(Case("article", ARCHIVE, 10_000), slow=1_000)
    rows = {row.name: row for row in of_budgets(chosen, chosen, article)}
    ratio = rows["time_to_readable_10000_archive_article_over_chosen"]
    assert ratio.value == pytest.approx(article.cloud_seconds / chosen.cloud_seconds, rel=0.01)
    assert ratio.ok
    assert rows["chosen_requests_per_object"].ok
    assert rows["chosen_transitions_per_1000_objects"].value == 10


def test_growth_is_computed_between_neighbours_of_the_same_kind() -> None:
    found = [
        measured(Case(contender, ARCHIVE, objects))
        for objects in (1_000, 100, 10_000)
        for contender in ("chosen", "article")
    ]
    pairs = [(name_of(small.case), name_of(large.case)) for small, large in neighbours(found)]
    assert pairs == [
        ("article_Archive_100", "article_Archive_1000"),
        ("article_Archive_1000", "article_Archive_10000"),
        ("chosen_Archive_100", "chosen_Archive_1000"),
        ("chosen_Archive_1000", "chosen_Archive_10000"),
    ]
