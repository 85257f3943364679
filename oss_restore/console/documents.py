"""The page's contents as JSON: labelled texts that the page shows unchanged.

The page calculates and formats nothing: figures, times and amounts of money come from the same code
as in the commands' output.
"""

from __future__ import annotations

from typing import Any, TypedDict

from oss_restore.redaction import redact
from oss_restore.reporting.formatting import shown


class Figure(TypedDict):
    """A labelled value, with an optional note."""

    label: str
    value: str
    note: str


class Table(TypedDict):
    """A table; the first cell of a row is its heading."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    total: list[str]
    note: str


class Lines(str):
    """A text of several lines; in other texts, line breaks are escaped."""

    __slots__ = ()


def figure(label: str, value: str, note: str = "") -> Figure:
    """Label a value."""
    return {"label": label, "value": value, "note": note}


def presentable(value: Any) -> Any:
    """Return the same JSON without secrets, and with every character visible."""
    if isinstance(value, Lines):
        return "\n".join(map(shown, redact(value).split("\n")))
    if isinstance(value, str):
        return shown(redact(value))
    if isinstance(value, dict):
        return {name: presentable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [presentable(item) for item in value]
    return value
