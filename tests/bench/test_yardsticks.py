from __future__ import annotations

from tests.bench.yardsticks import in_turns


def test_a_figure_and_its_yardstick_are_measured_turn_by_turn() -> None:
    order: list[str] = []
    found = in_turns(lambda: order.append("work"), lambda: order.append("least"), turns=3)
    assert order == ["least", "work"] * 4
    assert found.times > 0
