from __future__ import annotations

from oss_restore.cli.rehearsal.findings import RehearsalReport, RunFinding
from tests.bench.rehearsal import Rehearsed, rehearsals

MIB = 2**20
RUN = RunFinding(run="r", bucket="b", goal="thaw", cloud_seconds=170_000, wall_seconds=8)
SMALL = Rehearsed(1_000, 40, 50, 300 * MIB, RehearsalReport(objects=1_000, runs=[RUN]))


def test_rows_have_the_growth_and_the_cost_per_object() -> None:
    large = Rehearsed(10_000, 100, 95, 1_281 * MIB, SMALL.report)
    rows = {row.name: row for row in rehearsals(SMALL, large, bare=0.0001)}
    assert rows["rehearsal_10000_wall_over_1000"].value == 2.5
    assert rows["rehearsal_10000_wall_over_1000"].budget == 11
    assert rows["rehearsal_object_over_bare_answer"].value == 50
    assert rows["rehearsal_10000_run_cloud"].value == 170_000
    assert rows["rehearsal_1000_peak_memory"].ok
    assert not rows["rehearsal_10000_peak_memory"].ok


def test_only_ratios_and_memory_have_budgets() -> None:
    rows = rehearsals(SMALL, Rehearsed(10_000, 100, 95, MIB, SMALL.report), bare=0.0001)
    assert {row.unit for row in rows if row.budget is not None} == {"x", "MiB"}
