from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench.figures import Figure, write


@pytest.mark.parametrize(
    ("value", "bound", "ok"),
    [
        (5, "at_most", True),
        (5.1, "at_most", False),
        (5, "at_least", True),
        (4.9, "at_least", False),
    ],
)
def test_a_budget_is_kept_up_to_the_budget_itself(value: float, bound: str, ok: bool) -> None:
    assert (
        Figure("figure", value, "s", 5, "at_least" if bound == "at_least" else "at_most").ok is ok
    )


def test_a_figure_without_a_budget_is_ok() -> None:
    assert Figure("figure", 1e9, "s").ok


def test_a_report_is_a_list_of_rows_one_a_line(tmp_path: Path) -> None:
    report = tmp_path / "build" / "bench.json"
    write([Figure("first", 1.5, "s", 1), Figure("second", 2, "x", source="model")], report)
    assert json.loads(report.read_text()) == [
        {
            "name": "first",
            "value": 1.5,
            "unit": "s",
            "budget": 1,
            "bound": "at_most",
            "source": "measured",
            "ok": False,
        },
        {
            "name": "second",
            "value": 2,
            "unit": "x",
            "budget": None,
            "bound": "at_most",
            "source": "model",
            "ok": True,
        },
    ]
    assert len(report.read_text().splitlines()) == 4
