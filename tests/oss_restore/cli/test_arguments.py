"""Errors about invalid arguments, reported before any service is called."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from oss_restore.cli.commands.start import start
from oss_restore.cli.rehearsal.cdktf import PROJECT
from oss_restore.clients.target import LocalEndpoints
from tests.oss_restore.conftest import Cli
from thaw.run_input import input_fields

DEV = ("dev", "--environments", str(PROJECT / "environments"))
FLOW = ("--flow", "f", "--region", "cn-hangzhou")


def complaint(cli: Cli, *arguments: str, status: int = 2) -> str:
    finished = cli(*arguments)
    assert finished.status == status
    assert finished.out == ""
    assert "Traceback" not in finished.err
    return finished.err


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """Return an endpoints file of a cloud that does not exist."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return endpoints_at(unused.getsockname()[1], tmp_path)


def endpoints_at(port: int, folder: Path) -> Path:
    """Write an endpoints file of a cloud whose services are all at one port."""
    url = f"http://127.0.0.1:{port}"
    secrets = {"access_key_id", "access_key_secret", "security_token", "control_token"}
    endpoints = {
        field: f"the {field}" if field in secrets else url for field in LocalEndpoints.model_fields
    }
    path = folder / "endpoints.json"
    path.write_text(json.dumps(endpoints))
    return path


@pytest.mark.parametrize("command", ["start", "status", "stop", "invoke"])
def test_missing_credentials_are_reported(cli: Cli, command: str) -> None:
    more = {"start": ("--bucket", "b"), "invoke": ("prepareRun",), "stop": ("--yes",)}.get(
        command, ()
    )
    message = complaint(cli, command, *DEV, *more, status=3)
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in message
    assert "--cloud FILE" in message


@pytest.mark.parametrize("command", ["start", "status", "stop", "invoke", "render"])
def test_an_unknown_environment_is_reported(cli: Cli, command: str) -> None:
    more = {"invoke": ("prepareRun",), "stop": ("--yes",)}.get(command, ())
    message = complaint(cli, command, "nosuch", *DEV[1:], *more)
    assert "nosuch" in message


@pytest.mark.parametrize("arguments", [(), ("dev", "--flow", "f")], ids=["neither", "both"])
def test_an_environment_or_a_flow_must_be_named(cli: Cli, arguments: tuple[str, ...]) -> None:
    assert "name an environment" in complaint(cli, "status", *arguments)


def test_a_flow_needs_a_region(cli: Cli) -> None:
    assert "--flow needs --region" in complaint(cli, "status", "--flow", "f")


def test_a_missing_endpoints_file_is_reported(cli: Cli) -> None:
    message = complaint(cli, "status", *FLOW, "--cloud", "nosuch.json")
    assert "cannot read the endpoints file nosuch.json" in message
    assert "oss-restore cloud --endpoints nosuch.json" in message


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"oss": 1}'])
def test_an_invalid_endpoints_file_is_reported(cli: Cli, tmp_path: Path, text: str) -> None:
    path = tmp_path / "endpoints.json"
    path.write_text(text)
    assert "was not written by `oss-restore cloud" in complaint(
        cli, "status", *FLOW, "--cloud", str(path)
    )


def test_an_unreachable_cloud_is_reported(cli: Cli, closed: Path) -> None:
    message = complaint(cli, "status", *FLOW, "--cloud", str(closed), status=3)
    assert "cannot reach Serverless Workflow at http://127.0.0.1:" in message
    assert "Connection refused" in message
    assert "Signature" not in message
    message = complaint(cli, "invoke", *DEV, "prepareRun", "--cloud", str(closed), status=3)
    assert "cannot reach Function Compute at http://127.0.0.1:" in message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "--input:1: is not JSON"),
        ("[]", "--input is not a JSON object"),
        ("@nosuch.json", "nosuch.json: No such file"),
    ],
)
def test_an_unreadable_input_is_reported(cli: Cli, closed: Path, text: str, message: str) -> None:
    assert message in complaint(cli, "start", *FLOW, "--cloud", str(closed), "--input", text)


def test_a_missing_bucket_is_reported(cli: Cli, closed: Path) -> None:
    assert "no bucket given" in complaint(cli, "start", *FLOW, "--cloud", str(closed))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--max-keys", "many"),
        ("--wait-for", "ever"),
        ("--objects-per-second", "fast"),
        ("--manifest", "m.csv"),
        ("--manifest", "[]"),
    ],
)
def test_an_invalid_value_of_an_option_is_reported(cli: Cli, option: str, value: str) -> None:
    message = complaint(cli, "start", *FLOW, option, value)
    assert f"Invalid value for '{option}'" in message
    assert message.endswith("\n  see `oss-restore start --help`\n")


@pytest.mark.parametrize("command", ["cloud", "rehearse"])
@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("equality", "--set equality: expected NAME=VALUE"),
        ("nosuch=1", "there is no switch or limit named 'nosuch'"),
        ("equality=fuzzy", "equality must be one of gval, strict, not 'fuzzy'"),
        ("event_bytes=many", "event_bytes: "),
        ("processes_per_function=0", "processes_per_function: "),
        ("idle_seconds=-1", "idle_seconds: "),
    ],
)
def test_an_invalid_setting_is_reported(
    cli: Cli, tmp_path: Path, command: str, assignment: str, message: str
) -> None:
    more = ("--endpoints", str(tmp_path / "endpoints.json")) if command == "cloud" else ()
    assert message in complaint(cli, command, *more, "--set", assignment)


def test_a_wrong_field_is_named_as_it_was_typed(cli: Cli) -> None:
    wrong = ("plan", "--objects", "1", "--max-keys", "90000", "--input", '{"days": 900}')
    message = complaint(cli, *wrong)
    assert "--max-keys must be a whole number from 1 to 20000" in message
    assert " days must be a whole number from 1 to 365" in message


def test_the_existing_environments_are_named_instead_of_an_unknown_one(cli: Cli) -> None:
    message = complaint(cli, "render", "nosuch", *DEV[1:])
    assert message.endswith(": no file has the name 'nosuch'; those here are dev\n")


def test_an_invalid_account_is_reported(cli: Cli, tmp_path: Path) -> None:
    arguments = ("--endpoints", str(tmp_path / "endpoints.json"), "--account", "me")
    assert "has 16 digits" in complaint(cli, "cloud", *arguments)


def test_help_describes_every_field_as_the_contract_does(cli: Cli) -> None:
    # Words broken at their hyphen are joined again.
    text = " ".join(cli("start", "--help").out.split()).replace("- ", "-")
    for field in input_fields():
        meaning = field.metadata["meaning"]
        assert f"{meaning[0].upper()}{meaning[1:]}" in text
    assert "--max-keys INTEGER Archived objects per page, 1 to 20000; default: chosen." in text
    assert "default: the region's internal one." in text
    assert start.help is not None
    assert " ".join(start.help.split()) in text


def test_a_traceback_is_shown_on_request(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSS_RESTORE_DEBUG", "1")
    assert "Traceback" in cli("status", "--flow", "f").err
