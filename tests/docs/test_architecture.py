"""The files that the architecture names exist."""

from __future__ import annotations

import re

from tests.docs.tables import DOCS

_FILE = re.compile(
    r"`((?:fdl|flow_templates|functions|infra|localcloud|oss_restore|thaw)/[\w/.]*)`"
)


def test_every_named_file_and_folder_exists() -> None:
    named = _FILE.findall((DOCS / "architecture.md").read_text())
    assert len(named) > 30
    in_wheel = "oss_restore/_packages/"
    there = [path for path in named if (DOCS.parent / path).exists() or path == in_wheel]
    assert named == there
