"""``oss-restore smoke``, on sound and on faulty deployments."""

from __future__ import annotations

import fc2
import oss2
import pytest
import yaml

from infra.model.names import FLOWS, FUNCTIONS
from oss_restore.clients.control_api import SeedObject
from tests.oss_restore.conftest import Cli, Finished
from tests.ram import Ram
from tests.site import BUCKET, Site, archived

SERVICE = "oss-restore-e2e"
MAIN = "oss-restore-mainRestoreFlow-e2e"
LAZY = "version: v1\ntype: flow\nsteps:\n  - type: succeed\n    name: success\n"


def failed(done: Finished) -> dict[str, str]:
    """Check that a smoke run has failed, and return its problems by check."""
    assert done.status == 1, done.out + done.err
    assert done.json["ok"] is False
    return {check["check"]: check["problem"] for check in done.json["checks"] if not check["ok"]}


def test_a_sound_deployment_passes_with_few_requests_and_no_thaw(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    site.fill(archived(4_500))
    with site.billing() as bill:
        done = cli("smoke", *site.arguments)
    assert done.status == 0, done.out + done.err
    lines = done.out.splitlines()
    assert all(line.startswith("✔ ") for line in lines)
    assert len(lines) == len(FLOWS) + len(FUNCTIONS) + 2
    assert f"✔ dry run over oss://{BUCKET}/: smoke-run-" in lines[-2]
    assert lines[-1].startswith("✔ ledger oss://oss-restore-1234567890123456-cn-hangzhou-e2e/runs/")
    assert bill.get("oss.requests.RestoreObject", 0) == 0
    # One of the bucket. Six of the ledger: the objects' standings, and the pages, since none was
    # recorded; the run's age; for the reports the parts, the pages and the failures.
    assert bill["oss.requests.ListObjects"] <= 7
    # The run is prepared and listed; its pages are divided and checked, and the rest of
    # them is divided again; the run is summarized, and its end notified.
    assert bill["fc.invocations"] <= 7


def test_json_output_has_the_result_of_every_check(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    done = cli("smoke", *site.arguments, "--json")
    assert done.status == 0
    assert (done.json["environment"], done.json["ok"]) == ("e2e", True)
    assert {check["ok"] for check in done.json["checks"]} == {True}


def test_the_object_named_by_the_operator_is_thawed(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    site.fill([SeedObject(key=key, size=9, storage_class="Archive") for key in ("a?b#c", "a?b#cd")])
    with site.billing() as bill:
        done = cli("smoke", *site.arguments, "--thaw", f"oss://{BUCKET}/a?b#c", "--yes")
    assert done.status == 0, done.out + done.err
    assert "✔ thaw of oss://e2e-archive/a?b#c: smoke-run-" in done.out
    assert bill["oss.requests.RestoreObject"] == 1
    assert len(bucket.get_object("a?b#c").read()) == 9
    assert site.census().unreadable == ["a?b#cd"]


@pytest.mark.parametrize("seeded", [True, False])
def test_an_object_that_cannot_be_thawed_is_reported(
    site: Site, bucket: oss2.Bucket, cli: Cli, seeded: bool
) -> None:
    if seeded:
        site.fill([SeedObject(key="warm", size=9, storage_class="Standard")])
    done = cli("smoke", *site.arguments, "--thaw", f"oss://{BUCKET}/warm", "--yes", "--json")
    (problem,) = failed(done).values()
    assert problem == "the run found at that key: no archived object"


@pytest.mark.parametrize("url", ["oss://other/key", "oss://e2e-archive", "e2e-archive/key"])
def test_only_an_object_in_scope_can_be_named(site: Site, cli: Cli, url: str) -> None:
    done = cli("smoke", *site.arguments, "--thaw", url)
    assert done.status == 2
    assert url in done.err


@pytest.mark.parametrize(
    ("policy", "action", "on"),
    [
        ("oss-restore-functions-e2e", "oss:ListObjects", BUCKET),
        ("oss-restore-functions-e2e", "oss:PutObject", "cn-hangzhou-e2e"),
        ("oss-restore-flows-e2e", "fc:InvokeFunction", ""),
    ],
)
def test_a_missing_permission_is_named(
    site: Site, bucket: oss2.Bucket, cli: Cli, policy: str, action: str, on: str
) -> None:
    with Ram(site.endpoints).without(policy, action, on):
        problems = failed(cli("smoke", *site.arguments, "--json"))
    ((name, problem),) = problems.items()
    assert name.startswith(f"dry run over oss://{BUCKET}/: smoke-run-")
    assert "AccessDenied" in problem
    assert action in problem


def test_a_missing_function_is_named_and_no_run_is_started(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    client = fc2.Client(
        endpoint=site.endpoints.fc,
        accessKeyID=site.endpoints.access_key_id,
        accessKeySecret=site.endpoints.access_key_secret,
    )
    client.delete_function(SERVICE, "restore")
    with site.billing() as bill:
        problems = failed(cli("smoke", *site.arguments, "--json"))
    assert problems == {f"function {SERVICE}/restore": "does not exist: deploy the environment"}
    assert bill.get("fc.invocations", 0) == 0


def test_a_wrong_flow_is_named_and_not_started(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    with site.redefined(MAIN, definition=LAZY):
        problems = failed(cli("smoke", *site.arguments, "--json"))
    assert problems == {
        f"flow {MAIN}": "differs from this version and environment file: deploy it again"
    }


def test_a_flow_with_another_role_is_named(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    other = "acs:ram::1234567890123456:role/oss-restore-functions-e2e"
    with site.redefined(MAIN, role_arn=other):
        problems = failed(cli("smoke", *site.arguments, "--json"))
    assert f"has the role {other}, not acs:ram::" in problems[f"flow {MAIN}"]


def test_an_environment_that_is_not_deployed_is_reported(
    site: Site, cli: Cli, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("environments")
    text = (site.environments / "e2e.yaml").read_text().replace("name: e2e", "name: other", 1)
    (folder / "other.yaml").write_text(text)
    arguments = ("--environments", str(folder), "--cloud", str(site.endpoints_file))
    problems = failed(cli("smoke", "other", *arguments, "--json"))
    assert len(problems) == len(FLOWS) + len(FUNCTIONS)
    assert set(problems.values()) == {"does not exist: deploy the environment"}


def test_an_unreachable_cloud_is_not_reported_as_a_fault_of_the_deployment(
    site: Site, cli: Cli, tmp_path_factory: pytest.TempPathFactory
) -> None:
    silent = site.endpoints.model_copy(update={"fnf": "http://127.0.0.1:9"})
    path = tmp_path_factory.mktemp("silent") / "endpoints.json"
    path.write_text(silent.model_dump_json())
    folder = ("--environments", str(site.environments))
    done = cli("smoke", "e2e", *folder, "--cloud", str(path))
    assert done.status == 3
    assert "cannot reach Serverless Workflow" in done.err


def test_a_role_that_cannot_be_assumed_is_no_fault_of_the_deployment(
    site: Site, cli: Cli, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The account itself may not assume roles."""
    folder = tmp_path_factory.mktemp("environments")
    document = yaml.safe_load((site.environments / "e2e.yaml").read_text())
    role = "acs:ram::1234567890123456:role/oss-restore-functions-e2e"
    document["provider"]["assume_role"] = {"role_arn": role}
    (folder / "e2e.yaml").write_text(yaml.safe_dump(document))
    arguments = ("--environments", str(folder), "--cloud", str(site.endpoints_file))
    done = cli("smoke", "e2e", *arguments)
    assert done.status == 3
    assert f"STS refused to assume {role}: NoPermission" in done.err
