"""The duration of a wait step (docs 122495)."""

from __future__ import annotations

from fdl.errors import EvaluationError
from fdl.paths import Path
from fdl.semantics import Semantics
from fdl.times import parse_rfc3339, parse_seconds
from fdl.tree import Json, Wait
from fdl.values import type_name


def seconds_to_wait(
    step: Wait, step_input: Json, *, now: float, longest: float, semantics: Semantics
) -> float:
    """Return the seconds until the step continues; 0 for a time in the past.

    Args:
        step: the wait step.
        step_input: its input.
        now: cloud time.
        longest: maximum wait in seconds.
        semantics: semantics for paths.

    Raises:
        EvaluationError: the value is not a number or timestamp, is negative, or too long.
    """
    seconds: float
    if step.duration is not None:
        seconds = _duration(_value(step.duration, step_input, semantics))
    else:
        seconds = max(0.0, _moment(_value(step.timestamp, step_input, semantics)) - now)
    if seconds > longest:
        raise EvaluationError(f"a wait of {seconds:g} seconds; the maximum is {longest:g}")
    return seconds


def _value(source: Json | Path, step_input: Json, semantics: Semantics) -> Json:
    return source.read(step_input, semantics) if isinstance(source, Path) else source


def _duration(value: Json) -> int:
    seconds = parse_seconds(value)
    if seconds is None:
        raise EvaluationError(f"duration needs a whole number of seconds, found {_shown(value)}")
    return seconds


def _moment(value: Json) -> float:
    moment = parse_rfc3339(value)
    if moment is None:
        raise EvaluationError(
            f"timestamp needs RFC 3339 text such as 2026-01-02T03:04:05Z, found {_shown(value)}"
        )
    return moment.timestamp()


def _shown(value: Json) -> str:
    return repr(value) if isinstance(value, str | int | float) else type_name(value)
