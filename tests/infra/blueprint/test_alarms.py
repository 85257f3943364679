"""Alarms: an environment's settings, and the alarms made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.environment_files import InvalidEnvironmentError, load_environments
from infra.model.names import NOTIFIER
from infra.plan_checks.rules import check_plan
from infra.plan_checks.terraform_plan import planned_resources
from infra.synthesis.app import build_app
from tests.infra.environments import ACCOUNT, SMALL, small_environment
from tests.infra.test_environment_files import write

Json = dict[str, Any]

ALARMS: Json = {
    "contacts": ["ann", "bob"],
    "contact_groups": ["night-shift"],
    "failed_runs": {"threshold": 2, "metric": "FlowsFailed", "dimensions": [{"flow": "main"}]},
    "throttling": {"enabled": False},
}
WATCHED = small_environment(alarms=ALARMS, notify=[{"name": "ops", "webhook": {}}])


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    outdir = tmp_path_factory.mktemp("cdktf") / "cdktf.out"
    build_app([WATCHED], outdir).synth()
    return (outdir / "stacks" / "dev" / "cdk.tf.json").read_text()


@pytest.fixture(scope="module")
def alarms(text: str) -> dict[str, Json]:
    return dict(json.loads(text)["resource"]["alicloud_cms_alarm"])


def dimensions(alarm: Json) -> list[Json]:
    return list(json.loads(alarm["metric_dimensions"]))


def test_without_an_entry_there_are_no_alarms() -> None:
    assert small_environment().alarms is None


def test_there_is_an_alarm_for_each_requested_rule(alarms: dict[str, Json]) -> None:
    assert {name: alarm["metric"] for name, alarm in alarms.items()} == {
        "alarm_failed_runs": "FlowsFailed",
        "alarm_timed_out_runs": "ExecutionsTimedOut",
        "alarm_long_runs": "ExecutionExecTimeMs",
        "alarm_function_errors": "FunctionFunctionErrors",
    }


def test_contacts_become_a_group_that_every_alarm_notifies(
    text: str, alarms: dict[str, Json]
) -> None:
    groups = json.loads(text)["resource"]["alicloud_cms_alarm_contact_group"]
    (group,) = groups.values()
    assert group["alarm_contact_group_name"] == "oss-restore-dev"
    assert group["contacts"] == ["ann", "bob"]
    for alarm in alarms.values():
        assert alarm["contact_groups"] == ["night-shift", "oss-restore-dev"]
        assert "alicloud_cms_alarm_contact_group.contact_group" in alarm["depends_on"]


def test_a_rule_keeps_the_defaults_of_omitted_fields(alarms: dict[str, Json]) -> None:
    failed = alarms["alarm_failed_runs"]
    assert (failed["project"], failed["period"], failed["silence_time"]) == ("acs_fnf", 60, 3600)
    assert failed["escalations_critical"] == {
        "statistics": "Value",
        "comparison_operator": ">=",
        "threshold": "2",
        "times": 1,
    }


def test_by_default_dimensions_name_the_deployment(
    alarms: dict[str, Json],
) -> None:
    whose = {"userId": ACCOUNT, "region": "cn-hangzhou"}
    main = {**whose, "flowName": "oss-restore-mainRestoreFlow-dev"}
    assert dimensions(alarms["alarm_long_runs"]) == [main]
    assert dimensions(alarms["alarm_failed_runs"]) == [{"flow": "main"}]
    functions = dimensions(alarms["alarm_function_errors"])
    assert {d["functionName"] for d in functions} == set(WATCHED_FUNCTIONS)
    assert all(d["serviceName"] == "oss-restore-dev" for d in functions)


WATCHED_FUNCTIONS = (
    "prepareRun", "listArchiveFiles", "restore", "restoreStatus", "planCopies", "copyObjects",
    "summarizeRun", NOTIFIER,
)  # fmt: skip


def test_the_plan_rules_find_only_a_missing_tag(text: str) -> None:
    assert check_plan(planned_resources(text)) == []
    stack = json.loads(text)
    del stack["resource"]["alicloud_cms_alarm"]["alarm_long_runs"]["tags"]
    (violation,) = check_plan(planned_resources(json.dumps(stack)))
    assert (violation.address, violation.rule) == ("alicloud_cms_alarm.alarm_long_runs", "tags")


@pytest.mark.parametrize(
    ("alarms", "message"),
    [
        ({}, "alarms.contacts: name contacts or contact_groups, or nobody is notified"),
        ({"contacts": ["a"], "silence": 60}, "alarms.silence: input should be greater than"),
        ({"contacts": ["a"], "failed_runs": {"period": 90}}, "alarms.failed_runs.period"),
        ({"contacts": ["a"], "stuck_runs": {}}, "alarms.stuck_runs: unknown field"),
        ({"contacts": ["a"], "long_runs": {"treshold": 1}}, "did you mean 'threshold'"),
    ],
)
def test_a_fault_is_reported_with_its_field(folder: Path, alarms: Json, message: str) -> None:
    write(folder, {**SMALL, "alarms": alarms})
    with pytest.raises(InvalidEnvironmentError) as caught:
        load_environments(folder)
    assert message in str(caught.value)
