"""A Log Service dashboard with the queries."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from infra.blueprint.queries import Query
from infra.model.names import LOGSTORE

# A dashboard's grid, as used in Log Service's SDK and the provider's tests.
_WIDTH: Final = 10
_HEIGHT: Final = 12
_COLUMNS: Final = 2
SINCE: Final = "-604800s"  # a week


def charts(queries: Iterable[Query]) -> str:
    """Return the provider's ``char_list``: JSON text with two charts side by side."""
    charted = [_chart(query, number) for number, query in enumerate(queries)]
    return json.dumps(charted, sort_keys=True, separators=(",", ":"))


def _chart(query: Query, number: int) -> dict[str, object]:
    row, column = divmod(number, _COLUMNS)
    return {
        "title": query.name,
        "type": query.chart,
        "search": {
            "logstore": LOGSTORE,
            "topic": "",
            "query": query.text(),
            "start": SINCE,
            "end": "now",
        },
        "display": {
            "displayName": query.title,
            "xAxis": list(query.x),
            "yAxis": list(query.y),
            "xPos": column * _WIDTH,
            "yPos": row * _HEIGHT,
            "width": _WIDTH,
            "height": _HEIGHT,
        },
    }
