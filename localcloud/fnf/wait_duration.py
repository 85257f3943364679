"""The duration of a wait step (docs 122495)."""

from __future__ import annotations

from fdl.errors import EvaluationError
from fdl.paths import Path
from fdl.semantics import Semantics
from fdl.times import parse_rfc3339, parse_seconds
from fdl.tree import Json, Wait
from fdl.values import type_name


def seconds_to_wait(
    step: Wait, given: Json, *, now: float, longest: float, semantics: Semantics
) -> float:
    """Seconds from now until the step continues; 0 for a moment that has passed.

    Args:
        step: the wait.
        given: its input.
        now: cloud time.
        longest: the longest wait there may be, in seconds.
        semantics: for paths.

    Raises:
        EvaluationError: no number, no timestamp, negative, or too long.
    """
    seconds: float
    if step.duration is not None:
        seconds = _duration(_value(step.duration, given, semantics))
    else:
        seconds = max(0.0, _moment(_value(step.timestamp, given, semantics)) - now)
    if seconds > longest:
        raise EvaluationError(f"a wait of {seconds:g} seconds; {longest:g} is the longest there is")
    return seconds


def _value(source: Json | Path, given: Json, semantics: Semantics) -> Json:
    return source.read(given, semantics) if isinstance(source, Path) else source


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
