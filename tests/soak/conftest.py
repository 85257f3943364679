"""The command line, for tests that end at a terminal."""

from __future__ import annotations

from tests.oss_restore.conftest import cli

__all__ = ["cli"]
