"""Runs by the functions themselves, for tests that read their ledgers."""

from tests.functions.conftest import context, flow

__all__ = ["context", "flow"]
