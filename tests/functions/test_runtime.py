"""The code runs on the functions' runtime, whatever Python version is used in development."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import functions
import thaw

PACKAGES = {"functions": {"functions", "thaw", "oss2"}, "thaw": {"thaw", "oss2"}}
FOLDERS = [Path(package.__path__[0]) for package in (functions, thaw)]
SOURCES = sorted(
    (folder.name, path)
    for folder in FOLDERS
    for path in folder.rglob("*.py")
    if "stubs" not in path.parts
)
LOCK = Path(functions.__path__[0]) / "requirements.lock"


def _short(value: str | Path) -> str:
    return value if isinstance(value, str) else value.name


@pytest.mark.parametrize(("package", "source"), SOURCES, ids=_short)
def test_a_module_uses_only_the_runtimes_syntax(package: str, source: Path) -> None:
    ast.parse(source.read_text(encoding="utf-8"), feature_version=(3, 10))


@pytest.mark.parametrize(("package", "source"), SOURCES, ids=_short)
def test_a_module_imports_only_what_the_bundle_contains(package: str, source: Path) -> None:
    allowed = {*sys.stdlib_module_names, *PACKAGES[package]}
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
