"""Conditions and paths give the results of the Go libraries that the service very probably uses.

``gval.json`` holds the results of ``gval.Full(jsonpath.Language())``, PaesslerAG's gval 1.2.4 with
jsonpath 0.1.1, to every condition and path here. ``refused``: it does not parse. ``error``: it
cannot be evaluated, or its value is not a boolean.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path as File
from typing import Any, Literal

import pytest
from pydantic import TypeAdapter

from fdl.errors import EvaluationError, ExpressionSyntaxError
from fdl.expressions import parse_condition
from fdl.paths import Path
from fdl.semantics import Semantics
from fdl.values import to_boolean

AS_GVAL = Semantics(undocumented_operators="allow")

ConditionAnswer = bool | Literal["error", "refused"]


@dataclass(frozen=True)
class ConditionCase:
    condition: str
    data: Any
    answer: ConditionAnswer


@dataclass(frozen=True)
class PathCase:
    """``answer`` is ``{"value": …}``, or ``{"error": why}``."""

    path: str
    data: Any
    answer: dict[str, Any]


@dataclass(frozen=True)
class Answers:
    conditions: list[ConditionCase]
    paths: list[PathCase]


ANSWERS = TypeAdapter(Answers).validate_json((File(__file__).parent / "gval.json").read_bytes())


def condition_answer(case: ConditionCase) -> ConditionAnswer:
    try:
        condition = parse_condition(case.condition, AS_GVAL)
    except ExpressionSyntaxError:
        return "refused"
    try:
        answer = to_boolean(condition.tree.evaluate(case.data, AS_GVAL))
    except EvaluationError:
        return "error"
    return "error" if answer is None else answer


@pytest.mark.parametrize("answer", [True, False, "error", "refused"])
def test_a_condition_answers_as_gval_does(answer: ConditionAnswer) -> None:
    cases = [case for case in ANSWERS.conditions if case.answer == answer]
    assert len(cases) > 40
    wrong = [case for case in cases if condition_answer(case) != answer]
    assert wrong == []


@pytest.mark.parametrize("case", ANSWERS.paths, ids=lambda case: f"{case.path} of {case.data}")
def test_a_path_reads_what_jsonpath_selects(case: PathCase) -> None:
    path = Path.parse(case.path)
    if "error" in case.answer:
        with pytest.raises(EvaluationError):
            path.find(case.data, AS_GVAL)
    else:
        assert path.find(case.data, AS_GVAL) == case.answer["value"]
