"""Data structures shared by flows, functions and the command line."""

from __future__ import annotations

import json

from thaw import errors as run_errors
from thaw.errors import RunError
from thaw.outcomes import Outcome, OutcomeRecord


def test_an_outcome_is_written_as_its_value() -> None:
    assert json.dumps({Outcome.DENIED: Outcome.DENIED}) == '{"denied": "denied"}'
    assert f"{Outcome.DENIED} {Outcome.DENIED!s}" == "denied denied"


def test_a_record_omits_unknown_fields_and_can_be_read_back() -> None:
    record = OutcomeRecord("a/b", Outcome.REQUESTED, "Archive", http_status=202)
    written = record.to_json()
    assert "size" not in written
    assert "message" not in written
    assert OutcomeRecord.from_json(json.loads(json.dumps(written))) == record


def test_a_size_of_zero_is_written() -> None:
    assert OutcomeRecord("a/", Outcome.FOLDER_MARKER, "Archive", size=0).to_json()["size"] == 0


def test_every_error_of_a_run_is_either_fatal_or_retryable() -> None:
    errors = {
        error.__name__
        for error in vars(run_errors).values()
        if isinstance(error, type) and issubclass(error, RunError) and error is not RunError
    }
    assert errors == {*run_errors.FATAL_ERRORS, *run_errors.RETRYABLE_ERRORS}
