"""One figure of the benchmark, and the file that holds them all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

Source = Literal["measured", "model"]
REPORT: Final = Path("build/bench.json")


@dataclass(frozen=True)
class Figure:
    """A row of ``build/bench.json``.

    Attributes:
        name: a stable name, by which rows are compared over time.
        value: the measured value.
        unit: the value's unit.
        budget: the value's maximum or minimum; None for a figure without a budget.
        bound: whether the budget is a maximum or a minimum.
        source: ``model`` for a figure that takes too long to measure.
    """

    name: str
    value: float
    unit: str
    budget: float | None = None
    bound: Literal["at_most", "at_least"] = "at_most"
    source: Source = "measured"

    @property
    def ok(self) -> bool:
        """Return whether the budget is kept."""
        if self.budget is None:
            return True
        return self.value <= self.budget if self.bound == "at_most" else self.value >= self.budget


def write(figures: Iterable[Figure], path: Path) -> None:
    """Write the rows, one per line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [json.dumps(asdict(figure) | {"ok": figure.ok}) for figure in figures]
    path.write_text("[\n" + ",\n".join(rows) + "\n]\n")
