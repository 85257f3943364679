"""Causes why objects are not thawed."""

from __future__ import annotations

import pytest

from oss_restore.language import set_language
from oss_restore.reporting.causes import EXAMPLES, causes_of
from thaw.ledger import Part
from thaw.outcomes import FAILURES, Outcome, OutcomeRecord


def record(key: str, outcome: Outcome, code: str = "", status: int = 0) -> OutcomeRecord:
    return OutcomeRecord(
        key, outcome, "Archive", http_status=status, error_code=code, message=f"of {key}"
    )


def test_objects_are_counted_by_outcome_code_and_status() -> None:
    causes = causes_of(
        [
            Part([record("a", Outcome.DENIED, "AccessDenied", 403)]),
            Part([record(k, Outcome.FAILED, "InternalError", 500) for k in "bcdef"]),
            Part([record("g", Outcome.FAILED, "InternalError", 503)]),
        ]
    )
    found = [(cause.outcome, cause.http_status, cause.objects) for cause in causes.by_objects()]
    assert found == [("failed", 500, 5), ("denied", 403, 1), ("failed", 503, 1)]
    assert causes.objects == 7


def test_a_cause_keeps_its_first_message_and_a_few_keys() -> None:
    (cause,) = causes_of([Part([record(str(n), Outcome.VANISHED) for n in range(99)])]).by_objects()
    assert (cause.message, cause.examples) == ("of 0", ["0", "1", "2"])
    assert len(cause.examples) == EXAMPLES
    assert cause.to_json()["classes"] == {"Archive": 99}


def test_memory_is_limited_however_many_codes_there_are() -> None:
    parts = (Part([record("k", Outcome.FAILED, f"code{n}")]) for n in range(5_000))
    found = causes_of(parts).by_objects()
    assert len(found) < 300
    assert sum(cause.objects for cause in found) == 5_000


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        *((outcome, "") for outcome in sorted({*FAILURES, Outcome.VANISHED})),
        (Outcome.FAILED, "UnsupportedKey"),
        (Outcome.FAILED, "OutOfTime"),
        (Outcome.REJECTED, "InvalidArgument"),
    ],
)
def test_there_is_advice_for_every_cause(outcome: Outcome, code: str, language: str) -> None:
    set_language("zh" if language == "zh" else "en")
    try:
        (cause,) = causes_of([Part([record("k", outcome, code)])]).by_objects()
        assert len(cause.advice) > 20
    finally:
        set_language("en")
