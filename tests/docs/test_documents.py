"""The documents agree with the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fdl.graph.svg import svg
from oss_restore.cli.program import COMMANDS
from oss_restore.errors import ExitStatus
from tests.docs.tables import DOCS, TABLES, flow_graph, with_table

ROOT = DOCS.parent
README, CHINESE_README = ROOT / "README.md", ROOT / "README.zh-CN.md"
DOCUMENTS = sorted([README, CHINESE_README, ROOT / "CHANGELOG.md", *DOCS.glob("*.md")])


@pytest.mark.parametrize(("document", "name"), TABLES)
def test_a_table_is_up_to_date(document: str, name: str) -> None:
    """Where this fails, run ``python -m tests.docs.tables``."""
    text = (DOCS / document).read_text()
    assert with_table(text, name, TABLES[document, name]()) == text


def test_the_picture_of_the_main_flow_is_up_to_date() -> None:
    """Where this fails, run ``oss-restore render dev mainRestoreFlow --graph docs/flows``."""
    kept = (DOCS / "flows" / "mainRestoreFlow.svg").read_text()
    assert svg(flow_graph("mainRestoreFlow"), "mainRestoreFlow") == kept


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_links_target_exists(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
        if "://" not in target:
            assert (document.parent / target).exists(), target


@pytest.mark.parametrize("pattern", [r"^```\w+\n.*?^```", r"\]\((docs/[^)]+)\)"])
def test_both_readmes_have_the_same_commands_and_links(pattern: str) -> None:
    english, chinese = (
        re.findall(pattern, readme.read_text(), re.DOTALL | re.MULTILINE)
        for readme in (README, CHINESE_README)
    )
    assert english == chinese


def test_the_exit_codes_are_documented() -> None:
    text = (DOCS / "cli.md").read_text()
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)} == set(
        ExitStatus
    )


def test_every_command_is_documented() -> None:
    text = (DOCS / "cli.md").read_text()
    assert [name for name in COMMANDS if f"`{name}" not in text] == []
