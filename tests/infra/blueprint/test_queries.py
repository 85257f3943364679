"""The queries, run on lines that the functions really log, in a local SQL engine.

Log Service's SQL is not SQLite's, but the queries only use what both have; SQLite gets Log
Service's time functions from this module.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import pytest

from functions import index
from infra.blueprint.dashboard import charts
from infra.blueprint.queries import FIELDS, LOG_FIELD, InvalidRunIdError, Query, queries
from tests.functions.conftest import deployed_context
from tests.functions.flow import Flow
from tests.functions.scene import Scene, invoke
from tests.infra.environments import small_environment
from tests.localcloud.oss.running import running_oss
from tests.receiver import receiver
from thaw.errors import FATAL_ERRORS, InvalidInput, RunStopped

Json = dict[str, Any]

NOW = 1_700_003_600
ENVIRONMENT = small_environment(
    notify=[{"name": "ops", "webhook": {}}], functions={"restore": {"memory": 2048}}
)
ALL = {query.name: query for query in queries(ENVIRONMENT)}


@pytest.fixture(scope="module")
def lines() -> list[Json]:
    """Log lines of four runs: one ends, one is refused, one is stopped, one is still running."""
    with (
        running_oss() as oss,
        pytest.MonkeyPatch.context() as monkeypatch,
        redirect_stdout(StringIO()) as out,
    ):
        log_runs(Scene(oss), monkeypatch)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def log_runs(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    context = deployed_context(scene, monkeypatch)
    monkeypatch.setenv("ENVIRONMENT", "dev")
    entry = {"name": "ops", "kind": "webhook", "when": ["failures"], "signed": False}
    monkeypatch.setenv("NOTIFY", json.dumps([entry]))
    scene.seed([f"key-{number}" for number in range(30)])
    flow = Flow(scene, context)
    with receiver() as inbox:
        monkeypatch.setenv("NOTIFY_OPS_URL", inbox.url)
        scene.fault(operation="RestoreObject", status=503, code="QpsLimitExceeded", times=2)
        scene.fault(
            operation="RestoreObject", target="*/key-1[0-4]", status=403, code="AccessDenied"
        )
        flow.run(maxKeys=10, groupSize=10, waitFor="run")
        run = json.loads(scene.report("input.json"))
        flow.call(index.notifyRun, run=run, executionName="run-1", step=1)
    with pytest.raises(InvalidInput):
        flow.start(days=0)
    stopped = flow.start()["run"]
    scene.store("thaw-reports").put("reports/runs/run-3/stop", b"by ann")
    with pytest.raises(RunStopped):
        invoke(index.listArchiveFiles, {"run": stopped, "marker": "", "page": 0}, context)
    flow.start()


def leaves(value: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, inner in value.items():
        if isinstance(inner, dict):
            yield from leaves(inner, f"{prefix}{name}.")
        else:
            yield prefix + name, inner


def ask(lines: list[Json], query: Query, run: str | None = None) -> list[Json]:
    """Return the rows of a query; the part before the ``|`` is applied by hand."""
    search, _, sql = query.text(run).partition(" | ")
    wanted = search.removeprefix("message.run: ") if search != "*" else None
    rows = [dict(leaves(line)) for line in lines if wanted in (None, line.get("run"))]
    database = sqlite3.connect(":memory:")
    database.row_factory = sqlite3.Row
    database.create_function("from_unixtime", 1, lambda moment: moment)
    database.create_function("to_unixtime", 1, lambda moment: moment)
    database.create_function("now", 0, lambda: NOW)
    database.create_function("date_trunc", 2, lambda _, moment: moment - moment % 60)
    columns = ", ".join(f'"message.{field}" {kind}' for field, kind in FIELDS.items())
    database.execute(f"CREATE TABLE log (__time__ long, {columns})")
    slots = ", ".join("?" * (len(FIELDS) + 1))
    for number, row in enumerate(rows):
        values = [row.get(field) for field in FIELDS]
        database.execute(f"INSERT INTO log VALUES ({slots})", [NOW - 3600 + number, *values])
    if "FROM" not in sql:
        sql = re.sub(r" (WHERE|GROUP)", r" FROM log \1", sql, count=1)
    found = [dict(row) for row in database.execute(sql)]
    database.close()
    return found


@pytest.mark.parametrize("query", ALL.values(), ids=lambda query: query.name)
def test_a_query_asks_for_indexed_fields_only(query: Query) -> None:
    text = query.text()
    fields = set(re.findall(rf'"{LOG_FIELD}\.([^"]+)"', text))
    assert fields
    assert "{" not in text
    assert fields <= set(FIELDS)


def test_every_indexed_field_is_logged_with_its_type(lines: list[Json]) -> None:
    logged = [leaf for line in lines for leaf in leaves(line)]
    kinds = {"text": str, "long": int}
    for field, kind in FIELDS.items():
        values = [value for name, value in logged if name == field]
        if not field.startswith("outcomes."):
            assert values, f"{field} is never logged"
        assert {type(value) for value in values} <= {kinds[kind]}, field


def test_progress(lines: list[Json]) -> None:
    (row,) = ask(lines, ALL["progress"], "run-1")
    del row["last_line"]
    assert row == {"run": "run-1", "pages": 3, "scanned": 30, "requested": 25, "failed": None}


def test_unfinished(lines: list[Json]) -> None:
    (row,) = ask(lines, ALL["unfinished"])
    assert row["run"] == "run-4"  # one has ended, one was refused, one was stopped
    assert 0 < row["silent_hours"] < 1


def test_failures(lines: list[Json]) -> None:
    assert ask(lines, ALL["failures"]) == [
        {"run": "run-1", "outcome": "denied", "code": "AccessDenied", "objects": 5}
    ]


def test_errors(lines: list[Json]) -> None:
    errors = ask(lines, ALL["errors"])
    assert [row["error"] for row in errors if row["error"]] == ["RunStopped", "InvalidInput"]
    assert {row["error"] for row in errors if row["error"]} <= set(FATAL_ERRORS)
    assert [row["run"] for row in errors if row["error"]] == ["run-3", "run-2"]
    assert "days" in next(row["what"] for row in errors if row["error"] == "InvalidInput")


def test_throttling(lines: list[Json]) -> None:
    rows = ask(lines, ALL["throttling"], "run-1")
    assert sum(row["throttled"] for row in rows) == 2
    assert sum(row["retries"] for row in rows) == 2


def test_slow_pages(lines: list[Json]) -> None:
    rows = ask(lines, ALL["slow-pages"], "run-1")
    assert sorted(row["page"] for row in rows) == [0, 1, 2]
    assert sum(row["throttled"] for row in rows) == 2


def test_cost(lines: list[Json]) -> None:
    rows = {row["function"]: row for row in ask(lines, ALL["cost"])}
    assert set(rows) == {
        "prepare_run", "list_archive_files", "restore", "restore_status", "summarize_run",
        "notify_run",
    }  # fmt: skip
    restore = rows["restore"]
    assert restore["gb_seconds"] == pytest.approx(2 * restore["seconds"])
    assert rows["prepare_run"]["gb_seconds"] == pytest.approx(rows["prepare_run"]["seconds"] / 4)


def test_a_query_selects_the_lines_of_one_run(lines: list[Json]) -> None:
    assert ALL["progress"].text("run-1").startswith("message.run: run-1 | SELECT ")
    assert ALL["progress"].text().startswith("* | SELECT ")
    assert len(ask(lines, ALL["errors"], "run-2")) == 1


@pytest.mark.parametrize("run", ["", "a b", "x or *", 'x" | SELECT', "x" * 129])
def test_an_invalid_run_name_never_gets_into_a_query(run: str) -> None:
    with pytest.raises(InvalidRunIdError):
        ALL["errors"].text(run)


def test_a_dashboard_has_a_chart_for_every_query_and_charts_do_not_overlap() -> None:
    found = json.loads(charts(ALL.values()))
    assert [chart["search"]["query"] for chart in found] == [q.text() for q in ALL.values()]
    assert {chart["search"]["logstore"] for chart in found} == {"functions"}
    places = {(chart["display"]["xPos"], chart["display"]["yPos"]) for chart in found}
    assert len(places) == len(found)


def test_a_charts_columns_are_its_querys(lines: list[Json]) -> None:
    for query in ALL.values():
        (row, *_) = ask(lines, query)
        assert {*query.x, *query.y} <= set(row)
