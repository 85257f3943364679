"""Random definitions of any shape, to draw."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from typing import Any

from hypothesis import strategies as st

Step = dict[str, Any]
_KINDS = ("pass", "wait", "succeed", "fail", "task", "choice", "foreach", "parallel")
_ENDLESS = ("succeed", "fail")


@st.composite
def definitions(draw: st.DrawFn) -> str:
    """Generate a definition as JSON, which is YAML too."""
    steps = _series(draw, count(), depth=0)
    return json.dumps({"version": "v1", "type": "flow", "steps": steps})


def _series(draw: st.DrawFn, numbers: count[int], depth: int) -> list[Step]:
    kinds = draw(st.lists(st.sampled_from(_KINDS[: 8 if depth < 2 else 5]), min_size=1, max_size=5))
    names = [f"step{next(numbers)}" for _ in kinds]
    return [
        _step(draw, kind, name, names, numbers, depth)
        for kind, name in zip(kinds, names, strict=True)
    ]


def _step(
    draw: st.DrawFn, kind: str, name: str, names: list[str], numbers: count[int], depth: int
) -> Step:
    step: Step = {"type": kind, "name": name}
    if kind not in _ENDLESS:
        step["end"] = draw(st.booleans())

    def inner() -> list[Step]:
        return _series(draw, numbers, depth + 1)

    match kind:
        case "wait":
            step["duration"] = 1
        case "task":
            step["resourceArn"] = "acs:fnf:::flow/other"
            if draw(st.booleans()):
                step["catch"] = [{"errors": ["FnF.ALL"], "goto": draw(st.sampled_from(names))}]
        case "foreach":
            step |= {"iterationMapping": {"collection": "$.a", "item": "b"}, "steps": inner()}
        case "parallel":
            step["branches"] = [{"steps": inner()} for _ in range(draw(st.integers(1, 3)))]
        case "choice":
            conditions = [f'$.a == "{number}"' for number in range(draw(st.integers(1, 3)))]
            step["choices"] = [
                _option(draw, {"condition": condition}, names, inner) for condition in conditions
            ]
            if draw(st.booleans()):
                step["default"] = _option(draw, {}, names, inner)
    return step


def _option(
    draw: st.DrawFn, option: Step, names: list[str], inner: Callable[[], list[Step]]
) -> Step:
    if draw(st.booleans()):
        option["goto"] = draw(st.sampled_from(names))
    if draw(st.booleans()):
        option["steps"] = inner()
    return option
