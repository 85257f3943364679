"""``oss-restore doctor``, on sound and on faulty deployments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import oss2
import pytest

from oss_restore.checks.deployment_checks import clock_finding
from tests.oss_restore.clients.test_context import changed
from tests.oss_restore.conftest import Cli, Finished
from tests.ram import Ram
from tests.site import ENVIRONMENT, Site

CHECKS = [
    "credentials", "deployment", "version", "endpoints", "quotas",
    "flows", "bucket", "report bucket", "clock",
]  # fmt: skip


def findings(finished: Finished) -> dict[str, Any]:
    return {found["check"]: found for found in finished.json["checks"]}


def test_a_sound_deployment_passes_every_check(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    looked = cli("doctor", *site.arguments)
    assert looked.status == 0, looked
    lines = [line.split(":")[0].split(maxsplit=1) for line in looked.out.splitlines()]
    assert lines == [["ok", name] for name in CHECKS]
    passed, next_command = looked.err.splitlines()
    assert passed == "all checks passed"
    assert next_command.startswith("Next: oss-restore plan e2e ")


def test_a_changed_flow_is_found(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    name = "oss-restore-awaitFlow-e2e"
    with site.redefined(name, definition=f"# quick fix\n{site.workflow.definition(name)}"):
        finished = cli("doctor", *site.arguments, "--json")
    assert finished.status == 1
    found = findings(finished)["flows"]
    assert found["state"] == "fail"
    assert name in found["found"]
    assert "deploy again" in found["to_do"]


def test_each_check_reports_its_own_problem(site: Site, tmp_path: Path, cli: Cli) -> None:
    folder = changed(site, tmp_path, buckets=[{"name": "no-such-bucket"}])
    with site.control.held_clock():
        running = site.start()
        finished = cli("doctor", *site.arguments, "--environments", str(folder), "--json")
    site.wait(running)
    assert finished.status == 3
    found = findings(finished)
    assert list(found) == CHECKS
    assert "bucket no-such-bucket does not exist" in found["bucket"]["found"]
    assert found["report bucket"]["state"] == "ok"


def test_a_report_bucket_that_keeps_versions_fails(site: Site, tmp_path: Path, cli: Cli) -> None:
    client = site.bucket("kept-reports")
    client.create_bucket()
    client.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    path = tmp_path / "outputs.json"
    outputs = {**site.outputs, "report_bucket": "kept-reports"}
    path.write_text(json.dumps({ENVIRONMENT: outputs}))
    finished = cli("doctor", *site.arguments, "--outputs", str(path), "--json")
    found = findings(finished)["report bucket"]
    assert found["state"] == "fail"
    assert "kept-reports keeps versions" in found["found"]
    assert "deploy" in found["to_do"]


@pytest.mark.parametrize(("deployed", "state"), [("0.0.1", "warn"), ("", "ok"), ("0.1.0", "ok")])
def test_a_deployment_of_another_version_is_reported(
    site: Site, bucket: oss2.Bucket, tmp_path: Path, cli: Cli, deployed: str, state: str
) -> None:
    path = tmp_path / "outputs.json"
    path.write_text(json.dumps({ENVIRONMENT: {**site.outputs, "version": deployed}}))
    finished = cli("doctor", *site.arguments, "--outputs", str(path), "--json")
    assert finished.status == 0
    assert findings(finished)["version"]["state"] == state


def test_keys_of_another_account_are_reported_before_anything_else(
    site: Site, tmp_path: Path, cli: Cli
) -> None:
    path = tmp_path / "outputs.json"
    path.write_text(json.dumps({ENVIRONMENT: {**site.outputs, "account": "6543210987654321"}}))
    finished = cli("doctor", *site.arguments, "--outputs", str(path), "--json")
    assert finished.status == 3
    found = findings(finished)["credentials"]
    assert "the deployment is in 6543210987654321" in found["found"]


def test_missing_permissions_are_named(
    site: Site, bucket: oss2.Bucket, tmp_path: Path, cli: Cli
) -> None:
    path = tmp_path / "cloud.json"
    with Ram(site.endpoints).user("nobody") as keys:
        path.write_text(site.endpoints.model_copy(update=keys).model_dump_json())
        finished = cli("doctor", *site.arguments, "--cloud", str(path), "--json")
    assert finished.status == 3
    found = findings(finished)
    assert found["credentials"]["state"] == "ok"
    assert "nobody" in found["credentials"]["found"]
    assert "fnf:ListExecutions" in found["quotas"]["found"]
    assert found["flows"]["state"] == "warn"
    assert "oss:ListObjects" in found["bucket"]["to_do"]
    assert found["bucket"]["refused"] is True


@pytest.mark.parametrize(
    ("seconds", "state"), [(0, "ok"), (-59, "ok"), (61, "warn"), (-61, "warn"), (900, "fail")]
)
def test_a_clock_is_judged_by_its_deviation(seconds: float, state: str) -> None:
    assert clock_finding(seconds).state == state
