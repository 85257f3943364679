"""Definitions to test with, and helpers that write them."""

from __future__ import annotations

import textwrap
from pathlib import Path

FOLDER = Path(__file__).parent
ARTICLE = ("main_restore_flow", "restore_flow")
TASK = "type: task, name: call, resourceArn: 'acs:fc:::services/s/functions/f'"


def article(name: str) -> str:
    """Read one of the article's two flows."""
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def flow(steps: str, head: str = "version: v1\ntype: flow") -> str:
    """Build a definition of these steps, which may be indented."""
    return f"{head}\nsteps:\n{textwrap.dedent(steps).strip(chr(10))}\n"


def step(kind: str, more: str) -> str:
    """Build a definition of one step, named a, with these fields."""
    return flow(f"- {{type: {kind}, name: a, {more}}}")


def task(more: str = "") -> str:
    """Build a definition of one task with more fields, and a pass step named next to go to."""
    return flow(f"- {{{TASK}{', ' if more else ''}{more}}}\n- {{type: pass, name: next}}")
