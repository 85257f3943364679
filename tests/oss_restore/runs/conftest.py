"""Runs by the functions themselves, for what reads their ledgers."""

from tests.functions.conftest import context, flow

__all__ = ["context", "flow"]
