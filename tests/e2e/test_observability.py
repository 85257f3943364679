"""Observability of a deployment: notifications of its runs, its alarms, its dashboard."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import oss2
import pytest

from tests.oss_restore.conftest import Cli, cli
from tests.receiver import Received, Receiver, receiver
from tests.site import BUCKET, ENVIRONMENT, QUICK, Site, archived
from tests.site_state import redeployed_site

__all__ = ["cli"]

Json = dict[str, Any]

TOKEN: Final = "T0KEN-of-the-webhook"
SECRET: Final = "SEC-of-the-robot"
WATCHED: Json = {
    "notify": [
        {"name": "ops", "webhook": {}},
        {"name": "team", "dingtalk": {}, "when": ["failures", "failed"]},
    ],
    "alarms": {"contacts": ["ann"]},
    "logs": {"dashboard": True},
}
SMALL_PAGES: Final = {**QUICK, "maxKeys": 20, "groupSize": 20, "waitFor": "page"}


@dataclass(frozen=True)
class Watched:
    """A deployment, and the receivers of its notices.

    ``tests/infra/test_deployer.py`` tests that a second deployment changes nothing, and that all of
    it can be destroyed.
    """

    site: Site
    inbox: Receiver

    def notices(self) -> list[Json]:
        """Return the notices that the webhook received."""
        return [got.json for got in self.inbox.received if got.path.startswith("/ops")]

    def robot(self) -> list[Received]:
        """Return the messages that the robot received."""
        return [got for got in self.inbox.received if got.path.startswith("/robot")]


@pytest.fixture(scope="module")
def shared_inbox() -> Iterator[Receiver]:
    with receiver() as inbox:
        yield inbox


@pytest.fixture(scope="module")
def shared_site(shared_inbox: Receiver, shared_site: Site) -> Iterator[Site]:
    """Deploy an environment with notifications, alarms and a dashboard."""
    url = shared_inbox.url
    variables = {
        "TF_VAR_notify_ops_url": f"{url}/ops?token={TOKEN}",
        "TF_VAR_notify_team_url": f"{url}/robot/send?access_token={TOKEN}",
        "TF_VAR_notify_team_secret": SECRET,
    }
    with redeployed_site(shared_site, variables=variables, **WATCHED):
        yield shared_site


@pytest.fixture
def watched(site: Site, bucket: oss2.Bucket, shared_inbox: Receiver) -> Watched:
    """Return the deployment with an empty bucket and no notices yet."""
    shared_inbox.forget()
    return Watched(site, shared_inbox)


def test_a_successful_run_notifies_its_subscribers(watched: Watched) -> None:
    watched.site.fill(archived(12))
    result = watched.site.run(**QUICK)
    (notice,) = watched.notices()
    assert notice["ending"] == "succeeded"
    assert notice["runId"] == result.execution.name
    assert notice["environment"] == ENVIRONMENT
    assert {name: notice["summary"][name] for name in result.summary} == result.summary
    assert notice["seconds"] >= 12 * 3600  # of the cloud's clock: DeepColdArchive takes two days
    assert watched.robot() == []


def test_a_run_with_failures_sends_the_robot_a_signed_message(watched: Watched) -> None:
    watched.site.fill(archived(12))
    watched.site.control.add_fault(
        service="oss", operation="RestoreObject", target="*/data/0003", status=403,
        code="AccessDenied",
    )  # fmt: skip
    watched.site.run(**QUICK)
    (notice,) = watched.notices()
    assert (notice["ending"], notice["summary"]["failed"]) == ("failures", 1)
    (message,) = watched.robot()
    query = parse_qs(urlsplit(message.path).query)
    (moment,), (sign,) = query["timestamp"], query["sign"]
    digest = hmac.new(SECRET.encode(), f"{moment}\n{SECRET}".encode(), hashlib.sha256).digest()
    assert base64.b64decode(sign) == digest
    text = message.json["markdown"]["text"]
    assert "1 was refused" in text
    assert notice["runId"] in text


def test_a_failed_run_is_reported_and_keeps_its_error(watched: Watched) -> None:
    refused = watched.site.run(days=0)
    (notice,) = watched.notices()
    assert refused.execution.status == "Failed"
    assert (notice["ending"], notice["error"], notice["cause"]) == (
        "failed",
        refused.error,
        refused.cause,
    )
    assert refused.error == "InvalidInput"
    assert len(watched.robot()) == 1


def test_a_run_whose_bucket_is_gone_is_reported(watched: Watched, bucket: oss2.Bucket) -> None:
    bucket.delete_bucket()
    gone = watched.site.run()
    assert [notice["error"] for notice in watched.notices()] == [gone.error] == ["NoSuchBucket"]


def test_a_run_that_is_stopped_is_reported(watched: Watched, cli: Cli) -> None:
    watched.site.fill(archived(60))
    with watched.site.control.held_clock():
        name = watched.site.start(**SMALL_PAGES)
        watched.site.wait_for_step(name, "invokeRestoreFlow")
        stopped = cli("stop", "--yes", *watched.site.arguments)
    assert stopped.status == 0, stopped.err
    assert "Could not send" not in stopped.err
    (notice,) = watched.notices()
    assert (notice["ending"], notice["runId"]) == ("stopped", name)
    assert "stopped by" in notice["cause"]
    assert notice["bucket"] == BUCKET


def test_a_receiver_that_refuses_does_not_fail_the_run(watched: Watched) -> None:
    watched.site.fill(archived(6))
    watched.inbox.usual = (404, "")
    result = watched.site.run(**QUICK)
    assert result.execution.status == "Succeeded"
    assert result.verdict.exit_code == 0
    assert len(watched.notices()) == 1


def test_a_repeated_call_sends_no_notice_twice(watched: Watched) -> None:
    watched.site.fill(archived(6))
    watched.site.control.add_fault(
        service="fnf", operation="Task", target="*/tellEnd", kind="duplicate"
    )
    watched.site.run(**QUICK)
    assert len(watched.notices()) == 1


def test_no_secret_is_in_synthesized_files_or_printed_output(site: Site) -> None:
    workdir = site.environments.parent
    written = [
        *workdir.glob("cdktf.out/**/cdk.tf.json"),
        *workdir.glob("cdktf.out/*.json"),
        workdir / "terraform.log",
        *site.environments.glob("*.yaml"),
    ]
    assert len(written) >= 3
    for file in written:
        text = file.read_text()
        assert TOKEN not in text, file
        assert SECRET not in text, file
    # Terraform's state holds them, which is why it belongs in an encrypted bucket.
    assert SECRET in (workdir / "terraform.tfstate").read_text()


def test_its_alarms_and_their_contacts_exist(site: Site) -> None:
    found = site.control.resources()
    assert found["contact groups"] == ["oss-restore-e2e"]
    assert found["alarms"] == [
        "oss-restore-e2e-failed-runs",
        "oss-restore-e2e-function-errors",
        "oss-restore-e2e-long-runs",
        "oss-restore-e2e-throttling",
        "oss-restore-e2e-timed-out-runs",
    ]
