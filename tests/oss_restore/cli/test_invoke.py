"""``oss-restore invoke``: one function of a deployment."""

from __future__ import annotations

import io
import json
from pathlib import Path

import oss2
import pytest

from tests.oss_restore.conftest import Cli
from tests.site import BUCKET, Site, archived


def event(site: Site, **more: object) -> str:
    run = {"endpoint": site.endpoints.oss, "bucketName": BUCKET, "runId": "tried-by-hand"}
    return json.dumps({"run": run, **more})


def test_the_functions_result_is_printed(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    site.fill(archived(3))
    finished = cli("invoke", *named(site, "listArchiveFiles"), event(site, marker="", page=0))
    assert finished.status == 0
    assert finished.json["archiveFilesCount"] == 3
    assert finished.err == ""


def named(site: Site, function: str) -> tuple[str, ...]:
    environment, *options = site.arguments
    return (*options, environment, function)


def test_the_event_may_come_from_a_file_or_from_standard_input(
    site: Site, bucket: oss2.Bucket, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "event.json"
    path.write_text(event(site, after="", until=""))
    from_file = cli("invoke", *named(site, "restoreStatus"), f"@{path}")
    assert from_file.json["status"] == "success"
    monkeypatch.setattr("sys.stdin", io.StringIO(path.read_text()))
    assert cli("invoke", *named(site, "restoreStatus"), "-") == from_file


def test_the_log_goes_to_standard_error(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    finished = cli("invoke", *named(site, "restoreStatus"), event(site), "--log")
    assert "objects looked at" in finished.err
    assert finished.json["status"] == "success"


def test_a_function_that_raises_exits_1_with_its_error(site: Site, cli: Cli) -> None:
    finished = cli("invoke", *named(site, "restoreStatus"), "{}")
    assert finished.status == 1
    assert finished.err.startswith("oss-restore: restoreStatus raised InvalidInput: ")
    assert finished.out == ""


def test_an_unknown_function_is_reported(site: Site, cli: Cli) -> None:
    finished = cli("invoke", *named(site, "nosuch"), "{}")
    assert finished.status == 3
    assert "FunctionNotFound" in finished.err
    assert "check the name of the function" in finished.err


@pytest.mark.parametrize(
    ("argument", "message"),
    [("{", "event:1: is not JSON"), ("@nosuch.json", "nosuch.json: No such file")],
)
def test_an_event_that_cannot_be_read_is_reported(
    site: Site, cli: Cli, argument: str, message: str
) -> None:
    finished = cli("invoke", *named(site, "restoreStatus"), argument)
    assert finished.status == 2
    assert message in finished.err
