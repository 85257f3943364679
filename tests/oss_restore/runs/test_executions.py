"""Which executions belong to a run."""

from __future__ import annotations

import json

from oss_restore.clients.flow_executions import FlowExecution
from oss_restore.runs.executions import by_run, latest_legs, leg_of, look_flow, run_of_wait
from thaw.totals import Totals


def execution(name: str, given: object, *, minute: int = 0) -> FlowExecution:
    started = f"2026-11-24T10:{minute:02}:00.000Z"
    text = given if isinstance(given, str) else json.dumps(given)
    return FlowExecution("s-mainRestoreFlow-e", name, "Running", text, "", started, "")


def relay(name: str, *, page: int, minute: int, requested: int = 0) -> FlowExecution:
    totals = {"byClass": {"Archive": {"requested": requested}}}
    given = {"relay": {"run": {"runId": "r"}, "marker": "k", "page": page, "totals": totals}}
    return execution(name, given, minute=minute)


def shard(name: str, number: int, *, minute: int) -> FlowExecution:
    return execution(name, {"run": {"runId": "r"}, "shard": {"number": number}}, minute=minute)


def test_an_execution_started_by_an_operator_is_a_root() -> None:
    leg = leg_of(execution("r", {"bucketName": "b"}))
    assert (leg.run, leg.is_root, leg.totals) == ("r", True, Totals())


def test_a_relay_starts_with_the_totals_of_previous_legs() -> None:
    leg = leg_of(relay("x", page=2_000_007, minute=1, requested=5))
    assert (leg.run, leg.is_root, leg.shard) == ("r", False, 2)
    assert leg.totals.outcomes == {"requested": 5}


def test_the_latest_leg_of_each_lister_is_the_one_started_last() -> None:
    legs = [
        leg_of(one)
        for one in (
            shard("a", 0, minute=1),
            shard("b", 1, minute=1),
            relay("b2", page=1_000_009, minute=5),
        )
    ]
    found = {number: leg.execution.name for number, leg in latest_legs(reversed(legs)).items()}
    assert found == {0: "a", 1: "b2"}


def test_executions_listed_newest_first_are_grouped_by_run() -> None:
    pages = [
        [relay("x2", page=9, minute=9), execution("other", {}, minute=8)],
        [relay("x1", page=4, minute=7), execution("r", {}, minute=6)],
    ]
    found = [(root.run, [leg.execution.name for leg in legs]) for root, legs in by_run(pages)]
    assert found == [("other", []), ("r", ["x2", "x1"])]


def test_an_execution_whose_input_is_not_an_object_is_a_root() -> None:
    for given in ("", "not JSON", "[1]", '{"relay": 1}', '{"run": 2}'):
        assert leg_of(execution("r", given)).is_root


def test_a_wait_belongs_to_the_run_in_its_input() -> None:
    assert run_of_wait(execution("w", {"run": {"runId": "r"}, "final": "false"})) == "r"
    assert run_of_wait(execution("l", {"run": {"runId": "r"}, "final": "true"})) == ""
    assert look_flow("mainRestoreFlow-x-mainRestoreFlow-e") == "mainRestoreFlow-x-lookFlow-e"
