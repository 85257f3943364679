"""``oss-restore start`` and ``status``, on a deployment."""

from __future__ import annotations

import json
import re
from pathlib import Path

import oss2
import pytest
from alibabacloud_fnf20190315 import models

from oss_restore.runs.run_lookup import run_name
from tests.oss_restore.conftest import Cli
from tests.site import BUCKET, Site, archived

# The plan and the question before a start are tested elsewhere.
START = ("start", "--yes", "--no-plan")
QUICK_OPTIONS = ("--bucket", BUCKET, "--group-size", "10", "--poll-interval", "21600")


def test_start_prints_the_runs_name_and_status_reports_how_it_ends(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    site.fill(archived(6))
    with site.control.held_clock():
        started = cli(*START, *site.arguments, *QUICK_OPTIONS)
        assert started.status == 0
        name = started.out.strip()
        assert re.fullmatch(r"run-\d{8}-\d{6}-[0-9a-f]{6}", name)
        site.wait_for_step(name, "awaitReadable")
        running = cli("status", *site.arguments)
    assert running.status == 5
    assert "Running" in running.out
    assert "1 page listed, 6 objects requested, all requested" in running.out
    site.wait(name)
    ended = cli("status", *site.arguments)
    assert ended.status == 0
    assert "Succeeded" in ended.out
    assert re.search(r"requested +6$", ended.out, re.MULTILINE)
    assert f"runs/{name}/" in ended.out


def test_start_wait_prints_one_json_object_last(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    site.fill(archived(6))
    name = run_name()
    finished = cli(*START, *site.arguments, *QUICK_OPTIONS, "--wait", "--json", "--name", name)
    assert finished.status == 0
    assert finished.json["run"] == name
    assert finished.json["status"] == "Succeeded"
    assert finished.json["summary"]["outcomes"] == {"requested": 6}
    assert cli("status", *site.arguments, "--run", name, "--json").json == finished.json


def test_a_flow_may_be_named_instead_of_an_environment(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    flow = ("--flow", site.deployment.main_flow, "--cloud", str(site.endpoints_file))
    started = cli(*START, *flow, *QUICK_OPTIONS, "--json")
    assert started.status == 0
    assert started.json["flow"] == site.deployment.main_flow
    site.wait(started.json["run"])
    assert cli("status", *flow, "--json").json["run"] == started.json["run"]


def test_only_given_options_are_sent(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    given: dict[str, tuple[object, ...]] = {
        "--endpoint": (site.endpoints.oss,),
        "--bucket": (BUCKET,),
        "--prefix": ("in/",),
        "--marker": ("in/a",),
        "--max-keys": (50,),
        "--group-size": (5,),
        "--workers": (3,),
        "--poll-interval": (30,),
        "--wait-for": ("none",),
        "--storage-class": ("ColdArchive", "DeepColdArchive"),
        "--days": (2,),
        "--tier": ("Expedited",),
        "--until": ("in/z",),
        "--include": ("in/*", "*.bin"),
        "--exclude": ("*.tmp",),
        "--min-size": (1,),
        "--max-size": (9,),
        "--modified-before": ("2030-01-01T00:00:00Z",),
        "--modified-after": ("2020-01-01T00:00:00Z",),
        "--objects-per-second": (12.5,),
    }
    arguments = [word for name, values in given.items() for v in values for word in (name, str(v))]
    started = cli(
        *START, *site.arguments, *arguments, "--extend-readable", "--dry-run", "--wait", "--json"
    )
    assert started.status == 0, started.err
    run_input = json.loads(
        site.workflow.describe(site.deployment.main_flow, started.json["run"]).input
    )
    sent = [v if isinstance(v, list) else [v] for v in run_input.values() if v is not True]
    assert sent == [list(values) for values in given.values()]
    assert run_input["extendReadable"] is run_input["dryRun"] is True

    plain = cli(*START, *site.arguments, "--bucket", BUCKET, "--json")
    site.wait(plain.json["run"])
    run_input = json.loads(
        site.workflow.describe(site.deployment.main_flow, plain.json["run"]).input
    )
    assert run_input == {"endpoint": site.endpoints.oss, "bucketName": BUCKET}


def test_a_nested_field_is_given_as_json(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    manifest = {"key": "nosuch.csv"}
    arguments = ("--bucket", BUCKET, "--manifest", json.dumps(manifest), "--json")
    started = cli(*START, *site.arguments, *arguments)
    site.wait(started.json["run"])
    execution = site.workflow.describe(site.deployment.main_flow, started.json["run"])
    assert json.loads(execution.input)["manifest"] == manifest


def test_options_override_the_input(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    document = json.dumps({"bucketName": BUCKET, "prefix": "a/", "workers": 2, "dryRun": True})
    finished = cli(
        *START, *site.arguments, "--input", document, "--prefix", "b/", "--no-dry-run", "--json"
    )
    site.wait(finished.json["run"])
    run_input = json.loads(
        site.workflow.describe(site.deployment.main_flow, finished.json["run"]).input
    )
    assert (run_input["prefix"], run_input["workers"], run_input["dryRun"]) == ("b/", 2, False)


def test_a_dry_run_reports_what_would_be_requested(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    site.fill(archived(6))
    finished = cli(*START, *site.arguments, "--bucket", BUCKET, "--dry-run", "--wait")
    assert finished.status == 0
    assert re.search(r"would be requested, ColdArchive +2$", finished.out, re.MULTILINE)


def test_the_exit_code_of_a_failed_run_depends_on_its_error(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    site.wait(site.start(maxKeys=0))
    finished = cli("status", *site.arguments)
    assert finished.status == 2
    assert "The run failed: InvalidInput: " in finished.out
    assert "maxKeys" in finished.out


def test_a_failed_object_exits_1_and_its_cause_is_reported(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    site.fill(archived(6))
    site.reject("*/data/0001")
    finished = cli(*START, *site.arguments, *QUICK_OPTIONS, "--wait")
    assert finished.status == 1
    assert "Succeeded" in finished.out
    assert "5 of 6 objects are readable" in finished.out
    assert "1 was refused." in finished.out
    assert "rejected InvalidArgument: the first is data/0001" in finished.err
    assert cli("status", *site.arguments).status == 1


LOST_TWO = """\
version: v1
type: flow
steps:
  - type: pass
    name: summarize
    outputMappings:
      - {target: outcomes, source: {requested: 4}}
      - {target: failed, source: 0}
      - {target: unaccounted, source: 2}
"""


def test_a_run_without_a_verdict_exits_1(site: Site, cli: Cli) -> None:
    site.workflow._client.create_flow(
        models.CreateFlowRequest(
            name="lost-two", definition=LOST_TWO, description="a summary", type="FDL"
        )
    )
    site.workflow.start("lost-two", "run", "{}")
    finished = cli("status", "--flow", "lost-two", "--cloud", str(site.endpoints_file))
    assert finished.status == 1
    assert "its objects is unknown: the run has left no verdict" in finished.out


def test_a_leg_of_a_long_run_is_not_taken_for_the_last_run(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    run = site.start()
    site.wait(run)
    leg = run_name()
    relay = {"relay": {"run": {}, "marker": "", "page": 7}}
    site.workflow.start(site.deployment.main_flow, leg, json.dumps(relay))
    site.wait(leg)
    assert cli("status", *site.arguments, "--json").json["run"] == run


@pytest.mark.parametrize("command", ["start", "status"])
def test_an_unknown_flow_is_reported(site: Site, cli: Cli, command: str) -> None:
    arguments = ("--bucket", BUCKET, *START[1:]) if command == "start" else ()
    endpoints = str(site.endpoints_file)
    finished = cli(command, "--flow", "nosuch", "--cloud", endpoints, *arguments)
    assert finished.status == 3
    assert "FlowNotExists" in finished.err
    assert "deploy the environment first" in finished.err


def test_an_unknown_run_is_reported(site: Site, cli: Cli) -> None:
    finished = cli("status", *site.arguments, "--run", "nosuch")
    assert finished.status == 3
    assert "ExecutionNotExists" in finished.err
    assert "check the name of the run" in finished.err


def test_a_name_never_starts_two_runs(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    name = run_name()
    arguments = (*START, *site.arguments, "--bucket", BUCKET, "--name", name)
    assert cli(*arguments, "--wait").status == 0
    finished = cli(*arguments)
    assert finished.status == 3
    assert "choose another name" in finished.err


def test_a_run_in_progress_is_not_confused_with_another_of_the_same_name(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    name = run_name()
    arguments = (*START, *site.arguments, "--bucket", BUCKET, "--name", name)
    with site.control.held_clock():
        assert cli(*arguments, "--prefix", "a/").status == 0
        again = cli(*arguments, "--prefix", "a/")
        assert (again.status, again.out.strip()) == (0, name)
        assert "is already running, with the same input" in again.err
        other = cli(*arguments, "--prefix", "b/", "--days", "3")
    assert other.status == 3
    assert other.out == ""
    assert (
        "is already running with a different input: days, prefix differ; nothing was started"
        in other.err
    )
    assert json.loads(site.wait(name).execution.input)["prefix"] == "a/"


def test_dry_runs_and_smoke_tests_are_not_taken_for_the_last_run(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    run = site.start()
    site.wait(run)
    site.wait(site.start(dryRun=True))
    document = json.dumps({"endpoint": site.endpoints.oss, "bucketName": BUCKET})
    smoke = f"smoke-{run_name()}"
    site.workflow.start(site.deployment.main_flow, smoke, document)
    site.wait(smoke)
    assert cli("status", *site.arguments, "--json").json["run"] == run


def test_stop_asks_for_a_name_if_several_runs_are_in_progress(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    with site.control.held_clock():
        runs = sorted(site.start(prefix=prefix) for prefix in ("a/", "b/"))
        stop = cli("stop", "--yes", *site.arguments)
        assert stop.status == 2
        assert f"several runs are in progress: {', '.join(runs)}" in stop.err
        assert "--run" in stop.err
        for run in runs:
            assert cli("stop", "--yes", *site.arguments, "--run", run).status == 0


def test_wrong_keys_are_reported(site: Site, cli: Cli, tmp_path: Path) -> None:
    wrong = site.endpoints.model_copy(update={"access_key_secret": "wrong"})
    path = tmp_path / "wrong.json"
    path.write_text(wrong.model_dump_json())
    finished = cli("status", "--flow", site.deployment.main_flow, "--cloud", str(path))
    assert finished.status == 3
    assert "SignatureDoesNotMatch" in finished.err
