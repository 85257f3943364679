"""The documents say what is true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from oss_restore.errors import ExitStatus
from tests.docs.tables import DOCS, TABLES, with_table

ROOT = DOCS.parent
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.glob("*.md")])


@pytest.mark.parametrize(("document", "name"), TABLES)
def test_a_table_is_what_the_code_says(document: str, name: str) -> None:
    """Where this fails, run ``python -m tests.docs.tables``."""
    text = (DOCS / document).read_text()
    assert with_table(text, name, TABLES[document, name]()) == text


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_link_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
        if "://" not in target:
            assert (document.parent / target).exists(), target


def test_the_exit_codes_are_documented() -> None:
    text = (DOCS / "cli.md").read_text()
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)} == set(
        ExitStatus
    )


def test_every_command_is_documented() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "oss_restore", "--help"], capture_output=True, text=True, check=True
    ).stdout
    commands = re.findall(r"^  ([a-z-]+) ", shown.partition("Commands:")[2], re.MULTILINE)
    text = (DOCS / "cli.md").read_text()
    assert commands
    assert [name for name in commands if f"`{name}" not in text] == []
