"""``oss-restore render`` and ``lint``."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from fdl.lint import RULES
from oss_restore.cli.rehearsal.cdktf import PROJECT
from tests.oss_restore.conftest import Cli

DEV = ("dev", "--environments", str(PROJECT / "environments"))
KINDS = ("mainRestoreFlow", "restoreFlow", "awaitFlow", "lookFlow", "copyFlow")

WRONG = """\
version: v1
type: flow
steps:
  - type: choice
    name: only
    default:
      goto: nowhere
"""


@pytest.mark.parametrize("kind", KINDS)
def test_rendered_flows_pass_lint(cli: Cli, tmp_path: Path, kind: str) -> None:
    rendered = cli("render", *DEV, kind)
    assert rendered.status == 0
    path = tmp_path / "flow.yaml"
    path.write_text(rendered.out)
    assert cli("lint", str(path)).status == 0


def test_render_prints_every_flow_under_its_name(cli: Cli) -> None:
    text = cli("render", *DEV).out
    flows = cli("render", *DEV, "--json").json
    assert flows.keys() == {f"oss-restore-{kind}-dev" for kind in KINDS}
    for name, definition in flows.items():
        assert f"# --- {name}\n{definition}" in text


def test_render_draws_the_flows(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "flows"
    written = cli("render", *DEV, "--graph", str(folder)).out.split()
    files = {f"{kind}.{suffix}" for kind in KINDS for suffix in ("mmd", "svg")}
    assert (
        {Path(file).name for file in written} == {file.name for file in folder.iterdir()} == files
    )
    assert (folder / "awaitFlow.mmd").read_text().startswith("flowchart TD\n")
    assert fromstring((folder / "mainRestoreFlow.svg").read_text()).tag.endswith("}svg")
    only = cli("render", *DEV, "awaitFlow", "--graph", str(tmp_path), "--json").json
    assert only == {"files": [str(tmp_path / "awaitFlow.mmd"), str(tmp_path / "awaitFlow.svg")]}


def test_a_folder_that_cannot_be_written_is_reported(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    finished = cli("render", *DEV, "--graph", str(tmp_path / "file"))
    assert finished.status == 2
    assert "cannot write" in finished.err


def test_an_unknown_flow_is_reported(cli: Cli) -> None:
    finished = cli("render", *DEV, "nosuch")
    assert finished.status == 2
    for kind in KINDS:
        assert kind in finished.err


def test_a_faulty_environment_file_is_reported(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("name: bad\naccount: 1\n")
    finished = cli("render", "bad", "--environments", str(tmp_path))
    assert finished.status == 2
    assert "bad.yaml" in finished.err
    assert "account" in finished.err


def test_lint_points_at_the_line(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(WRONG)
    finished = cli("lint", str(path))
    assert finished.status == 1
    assert f"{path}:" in finished.out
    assert "nowhere" in finished.out
    found = cli("lint", str(path), "--json").json[str(path)]
    (finding,) = [one for one in found if "nowhere" in one["message"]]
    assert finding["severity"] == "error"
    assert f"{path}:{finding['line']}: error: {finding['message']}" in finished.out


def test_lint_lists_its_rules(cli: Cli) -> None:
    finished = cli("lint", "--rules")
    assert finished.status == 0
    for rule in RULES:
        assert rule.id in finished.out


def test_lint_reports_files_that_it_cannot_read(cli: Cli, tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    for arguments, message in (
        ((), "name a file to check"),
        (("nosuch.yaml",), "nosuch.yaml: No such file"),
        ((str(binary),), f"{binary}:1: is not UTF-8 text"),
    ):
        finished = cli("lint", *arguments)
        assert finished.status == 2
        assert message in finished.err
