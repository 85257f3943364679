"""Retries of a call to OSS: for transient errors only, with exponential back-off and full jitter.

oss2 itself never retries.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from oss2.exceptions import InconsistentError, OssError, RequestError, ServerError

T = TypeVar("T")

TOO_MANY_REQUESTS = 429
SERVER_ERRORS = 500
UNAVAILABLE = 503
# 403s that are not about permissions: the clock at signing was wrong, or the keys had expired
# (docs: error codes of signatures).
MOMENTARY_REFUSALS = frozenset({"RequestTimeTooSkewed", "SecurityTokenExpired"})
_DAMAGED_REQUEST = "InvalidDigest"  # the data does not match its Content-MD5


class BrokenResponse(Exception):  # noqa: N818 - a description of the response, not of an error
    """OSS returned 2xx with an unreadable body; a retry may succeed."""


# Errors of calls to OSS; those that requests raises while a body is read are OSErrors.
CALL_ERRORS = (OssError, OSError, BrokenResponse)


def is_transient(error: BaseException) -> bool:
    """Return whether a retry may succeed.

    It may after network errors, 5xx, 429, damaged requests and responses, and momentary refusals.
    """
    if isinstance(error, ServerError):
        return bool(
            error.status >= SERVER_ERRORS
            or error.status == TOO_MANY_REQUESTS
            or error.code in MOMENTARY_REFUSALS
            or error.code == _DAMAGED_REQUEST
        )
    return isinstance(error, (RequestError, InconsistentError, OSError, BrokenResponse))


def is_throttling(error: BaseException) -> bool:
    """Return whether OSS throttled the call (docs: error 503, QpsLimitExceeded)."""
    return isinstance(error, ServerError) and error.status in (TOO_MANY_REQUESTS, UNAVAILABLE)


def _ignore(_: BaseException) -> None:
    pass


@dataclass(frozen=True)
class RetryPolicy:
    """A policy for retries: the number of attempts, and the waits between them.

    Attributes:
        attempts: attempts including the first. If every fifth fails, one call in ten million fails
            ten times.
        base_seconds: maximum of the first wait; it doubles with each further wait.
        cap_seconds: maximum of all waits.
        deadline: when no new attempt starts any more, by ``monotonic``.
        on_retry: called with each error that is retried, for every call.
    """

    attempts: int = 10
    base_seconds: float = 0.2
    cap_seconds: float = 10.0
    deadline: float = math.inf
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random
    on_retry: Callable[[BaseException], None] = _ignore

    def call(
        self, work: Callable[[], T], *, on_failure: Callable[[BaseException], None] = _ignore
    ) -> T:
        """Make the call, and repeat it while it fails for a transient reason.

        Args:
            work: makes the call.
            on_failure: called with each error that is retried.

        Raises:
            Exception: the error of the last attempt.
        """
        for attempt in range(self.attempts):
            try:
                return work()
            except CALL_ERRORS as error:  # noqa: PERF203 - a retry is a try in a loop
                wait = self.jitter() * min(self.cap_seconds, self.base_seconds * 2**attempt)
                last = attempt + 1 == self.attempts
                if last or not is_transient(error) or self.monotonic() + wait >= self.deadline:
                    raise
                on_failure(error)
                self.on_retry(error)
                self.sleep(wait)
        raise ValueError("a call must be tried at least once")
