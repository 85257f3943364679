"""The command line, for end-to-end tests."""

from __future__ import annotations

from tests.oss_restore.conftest import cli

__all__ = ["cli"]
