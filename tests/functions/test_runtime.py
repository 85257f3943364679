"""The code runs on the functions' runtime, whatever Python develops it."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import functions

SOURCES = sorted(Path(functions.__file__).parent.glob("*.py"))
LOCK = Path(functions.__file__).parent / "requirements.lock"


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_a_module_is_written_in_the_runtimes_language(source: Path) -> None:
    ast.parse(source.read_text(encoding="utf-8"), feature_version=(3, 10))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_a_module_imports_the_standard_library_and_oss2_only(source: Path) -> None:
    allowed = {*sys.stdlib_module_names, "functions", "oss2"}
    tree = ast.parse(source.read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= allowed


def test_the_bundles_lock_is_pinned_by_hash_and_names_no_registry() -> None:
    text = LOCK.read_text(encoding="utf-8")
    pins = [line for line in text.splitlines() if "==" in line and not line.startswith(" ")]
    assert {"oss2==2.19.1 \\", "crcmod-plus==2.3.6 \\"} <= set(pins)
    assert text.count("--hash=sha256:") >= len(pins)
    assert "://" not in text
