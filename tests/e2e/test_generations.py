"""A deployment that moves from Function Compute 2.0 to 3.0."""

from __future__ import annotations

import json
from collections.abc import Iterator

import oss2
import pytest

from infra.model.environment import FunctionName
from infra.model.names import FUNCTIONS, OutputKey
from tests.oss_restore.conftest import Cli, Finished
from tests.ram import Ram
from tests.site import BUCKET, ENVIRONMENT, QUICK, Site, archived, change_file, deployed_site

NAMES = {function: f"oss-restore-{function}-{ENVIRONMENT}" for function in FUNCTIONS}


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Deploy with generation 2.0, run, and deploy again with generation 3."""
    with deployed_site(tmp_path_factory.mktemp("moved")) as site:
        site.bucket().create_bucket()
        site.fill(archived(3, prefix="before/"))
        assert site.run(**QUICK).execution.status == "Succeeded"
        assert site.control.resources()["services"] == [f"oss-restore-{ENVIRONMENT}"]
        file = site.environments / f"{ENVIRONMENT}.yaml"
        change_file(file, generation=3, runtime="python3.12")
        outputs = site.deployer.deploy(ENVIRONMENT)
        site.outputs.clear()
        site.outputs.update(outputs)
        site.control.remove_bucket(BUCKET)
        yield site


@pytest.fixture
def moved(site: Site, bucket: oss2.Bucket) -> Site:
    """Return the deployment with an empty bucket."""
    return site


def test_functions_replace_the_service_and_a_further_apply_is_empty(moved: Site) -> None:
    there = moved.control.resources()
    assert "services" not in there
    assert there["functions"] == sorted(NAMES.values())
    assert OutputKey.SERVICE not in moved.outputs
    assert moved.outputs[OutputKey.FUNCTION_ARNS]["restore"] == (
        f"acs:fc:cn-hangzhou:1234567890123456:functions/{NAMES['restore']}"
    )
    assert moved.deployer.deploy_again(ENVIRONMENT) == 0


def test_a_run_thaws_everything(moved: Site) -> None:
    known = moved.control.warnings()
    moved.fill(archived(3))
    result = moved.run(**QUICK)
    assert result.verdict.exit_code == 0
    assert result.outcomes == {"requested": 3}
    assert moved.census().unreadable == []
    assert moved.control.warnings() == known


def test_the_command_line_starts_and_shows_runs(moved: Site, cli: Cli) -> None:
    environment, *options = moved.arguments
    moved.fill(archived(1, prefix="by hand/"))
    bucket = ("--bucket", BUCKET, "--prefix", "by hand/")
    started = cli("start", environment, *options, *bucket, "--yes", "--wait", "--json")
    assert started.status == 0, started.err
    assert started.json["summary"]["outcomes"] == {"requested": 1}
    shown = cli("status", environment, *options, "--json")
    assert shown.status == 0, shown.err
    assert shown.json["status"] == "Succeeded"


def test_a_smoke_run_succeeds(moved: Site, cli: Cli) -> None:
    proved = cli("smoke", *moved.arguments, "--json")
    assert proved.status == 0, proved.err
    names = [check["check"] for check in proved.json["checks"]]
    assert f"function {NAMES['restore']}" in names


def test_the_command_line_calls_a_function_by_its_short_name(moved: Site, cli: Cli) -> None:
    environment, *options = moved.arguments

    def invoke(function: str, event: object, *more: str) -> Finished:
        return cli("invoke", *options, *more, environment, function, json.dumps(event))

    run = {"endpoint": moved.endpoints.oss, "bucketName": BUCKET, "runId": "tried-by-hand"}
    called = invoke("restoreStatus", {"run": run, "after": "", "until": ""}, "--log")
    assert called.status == 0, called.err
    assert called.json["status"] == "success"
    assert "objects looked at" in called.err

    raised = invoke("restoreStatus", {})
    assert raised.status == 1
    assert raised.err.startswith("oss-restore: restoreStatus raised InvalidInput: ")

    unknown = invoke("nosuch", {})
    assert unknown.status == 3
    assert "FunctionNotFound" in unknown.err
    assert "check the name of the function" in unknown.err


@pytest.mark.parametrize("function", ["prepareRun", "restore"])
def test_without_permission_to_call_a_function_the_run_fails_and_names_it(
    moved: Site, function: FunctionName
) -> None:
    moved.fill(archived(1, prefix=f"{function}/"))
    with Ram(moved.endpoints).without(
        f"oss-restore-flows-{ENVIRONMENT}", "fc:InvokeFunction", NAMES[function]
    ):
        failed = moved.run(**QUICK, prefix=f"{function}/")
    assert failed.execution.status == "Failed"
    assert failed.error == "FC.AccessDenied"
    assert "fc:InvokeFunction" in failed.cause
