"""The functions' log."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from functions import index
from tests.functions.flow import Flow
from tests.functions.scene import Context, Scene, invoke
from thaw.errors import InvalidInput

Json = dict[str, Any]


def test_every_call_writes_a_json_line_with_the_run_and_the_page(
    flow: Flow, scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.seed(["a"])
    flow.run()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    by_message = {line["message"]: line for line in lines}
    assert list(by_message) == [
        "run prepared",
        "page listed",
        "group restored",
        "objects looked at",
        "run summarized",
    ]
    assert {(line["run"], line["request"], line["level"]) for line in lines} == {
        ("run-1", "request-1", "INFO")
    }
    assert by_message["group restored"]["page"] == 0
    assert by_message["page listed"]["function"] == "list_archive_files"


def test_an_error_is_logged_with_its_name(flow: Flow, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InvalidInput):
        flow.start(tier="Fast")
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (line["level"], line["error"], line["function"]) == (
        "ERROR",
        "InvalidInput",
        "prepare_run",
    )


@pytest.mark.parametrize(
    ("handler", "event"),
    [
        (index.prepareRun, {"input": {}, "executionName": "run-9"}),
        (index.prepareRun, {"input": {"relay": {"run": {"runId": "run-9"}}}, "executionName": "x"}),
        (index.prepareRun, {"input": {"shard": {}, "run": {"runId": "run-9"}}}),
        (index.restore, {"run": {"runId": "run-9"}}),
    ],
)
def test_an_error_is_logged_with_its_run(
    context: Context,
    capsys: pytest.CaptureFixture[str],
    handler: Callable[[bytes, object], str],
    event: Json,
) -> None:
    with pytest.raises(InvalidInput):
        invoke(handler, event, context)
    line = json.loads(capsys.readouterr().out)
    assert (line["level"], line["error"], line["run"]) == ("ERROR", "InvalidInput", "run-9")
    assert line["ms"] >= 0
