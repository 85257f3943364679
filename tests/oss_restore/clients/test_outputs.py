"""Outputs of a deployment, in their various forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.model.names import OutputKey
from oss_restore.clients.outputs import Outputs, is_empty_state, read_outputs
from oss_restore.errors import ExitStatus, OperatorError

PLAIN: dict[str, Any] = {
    "account": "1234567890123456",
    "region": "cn-hangzhou",
    "main_flow": "oss-restore-mainRestoreFlow-dev",
    "service": "oss-restore-dev",
    "report_bucket": "reports",
    "report_prefix": "thaw/",
    "function_arns": {"restore": "acs:fc:::services/oss-restore-dev/functions/restore"},
}
TYPED = {name: {"value": value, "sensitive": False} for name, value in PLAIN.items()}
FORMS = {
    "cdktf's, of one stack": {"dev": PLAIN},
    "cdktf's, of several": {"prod": {**PLAIN, "main_flow": "prod"}, "dev": PLAIN},
    "terraform's": TYPED,
    "a state": {"version": 4, "terraform_version": "1.11.4", "outputs": TYPED, "resources": []},
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_can_be_read(tmp_path: Path, form: str) -> None:
    path = tmp_path / "outputs.json"
    path.write_text(json.dumps(FORMS[form]))
    assert read_outputs(path, "dev") == Outputs.model_validate(PLAIN)


def test_the_names_match_those_of_the_stack() -> None:
    assert set(Outputs.model_fields) <= set(OutputKey)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Expecting value"),
        ("[]", "not a JSON object"),
        ("{}", "account"),
        (json.dumps(TYPED | {"region": {"value": 3}}), "region"),
        (json.dumps({"a": PLAIN, "b": PLAIN}), "account"),
    ],
)
def test_a_file_without_outputs_is_reported_with_how_to_write_them(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "outputs.json"
    path.write_text(text)
    with pytest.raises(OperatorError, match=message) as refused:
        read_outputs(path)
    assert refused.value.status is ExitStatus.USAGE
    assert "terraform output -json" in refused.value.hint


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="No such file"):
        read_outputs(tmp_path / "nosuch.json")


def test_a_state_after_a_destroy_is_empty() -> None:
    assert is_empty_state(b'{"terraform_version": "1.11.4", "outputs": {}}')
    assert not is_empty_state(json.dumps(FORMS["a state"]).encode())
