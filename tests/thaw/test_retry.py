"""Which failures are retried, and how long the waits are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from oss2.exceptions import ClientError, InconsistentError, RequestError, ServerError

from thaw.retry import BrokenResponse, RetryPolicy, is_throttling, is_transient


def answer(status: int, code: str = "Some") -> ServerError:
    return ServerError(status, {}, b"", {"Code": code, "Message": "text"})


class Flaky:
    """A function that raises each of the errors in turn, then succeeds."""

    def __init__(self, *errors: Exception) -> None:
        self._errors: Iterator[Exception] = iter(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        for error in self._errors:
            raise error
        return "done"


class Waits:
    """A sleep function that records the waits."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.mark.parametrize(
    "error",
    [
        RequestError(requests.ConnectionError("reset")),
        InconsistentError("bad checksum"),
        requests.exceptions.ChunkedEncodingError("cut off"),
        BrokenResponse("half a listing"),
        answer(500),
        answer(503),
        answer(429),
        answer(403, "RequestTimeTooSkewed"),
        answer(403, "SecurityTokenExpired"),
        answer(400, "InvalidDigest"),
    ],
)
def test_a_temporary_failure_is_retried(error: Exception) -> None:
    work = Flaky(error, error)
    assert RetryPolicy(sleep=Waits()).call(work) == "done"
    assert work.calls == 3


@pytest.mark.parametrize(
    "error", [answer(400), answer(403), answer(404), answer(409), ClientError("misused")]
)
def test_a_permanent_failure_is_raised_at_once(error: Exception) -> None:
    work = Flaky(error)
    with pytest.raises(type(error)) as caught:
        RetryPolicy(sleep=Waits()).call(work)
    assert (caught.value, work.calls) == (error, 1)


def test_a_programming_error_is_not_retried() -> None:
    work = Flaky(KeyError("a bug"))
    with pytest.raises(KeyError):
        RetryPolicy(sleep=Waits()).call(work)
    assert not is_transient(KeyError("a bug"))
    assert work.calls == 1


def test_the_last_error_is_raised_after_the_last_attempt() -> None:
    errors = [answer(500 + n) for n in range(6)]
    waits = Waits()
    with pytest.raises(ServerError) as caught:
        RetryPolicy(attempts=6, sleep=waits).call(Flaky(*errors))
    assert caught.value.status == 505
    assert len(waits.seconds) == 5


def test_waits_double_up_to_the_cap() -> None:
    waits = Waits()
    retry = RetryPolicy(attempts=7, base_seconds=1, cap_seconds=10, sleep=waits, jitter=lambda: 1.0)
    retry.call(Flaky(*[answer(503)] * 6))
    assert waits.seconds == [1, 2, 4, 8, 10, 10]


@given(st.floats(0, 1, exclude_max=True))
def test_a_wait_is_a_random_fraction_of_the_back_off(chance: float) -> None:
    waits = Waits()
    RetryPolicy(base_seconds=2, sleep=waits, jitter=lambda: chance).call(Flaky(answer(503)))
    assert waits.seconds == [2 * chance]


def test_no_attempt_starts_after_the_deadline() -> None:
    work = Flaky(answer(503), answer(503))
    retry = RetryPolicy(deadline=10, base_seconds=4, jitter=lambda: 1.0, monotonic=lambda: 6)
    with pytest.raises(ServerError):
        retry.call(work)
    assert work.calls == 1


def test_each_retried_failure_of_a_call_is_reported() -> None:
    errors: list[BaseException] = []
    first, second = answer(503), answer(429)
    RetryPolicy(sleep=Waits()).call(Flaky(first, second), on_failure=errors.append)
    assert errors == [first, second]


def test_retries_of_all_calls_are_reported_to_the_policys_observer() -> None:
    errors: list[BaseException] = []
    retry = RetryPolicy(attempts=2, sleep=Waits(), on_retry=errors.append)
    first, second, last = answer(503), answer(500), answer(503)
    retry.call(Flaky(first))
    with pytest.raises(ServerError):
        retry.call(Flaky(second, last))
    assert errors == [first, second]


@pytest.mark.parametrize(
    ("error", "throttling"),
    [(answer(503), True), (answer(429), True), (answer(500), False), (OSError("reset"), False)],
)
def test_throttling_errors_are_recognized(error: Exception, *, throttling: bool) -> None:
    assert is_throttling(error) == throttling
