"""Convert errors of OSS to errors of the run that tell an operator what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from oss2.exceptions import NoSuchBucket as OssNoSuchBucket
from oss2.exceptions import OssError, ServerError

from thaw.errors import AccessDenied, NoSuchBucket, RunError, StorageRefused, StorageUnavailable
from thaw.retry import CALL_ERRORS, MOMENTARY_REFUSALS, RetryPolicy, is_transient

T = TypeVar("T")

FORBIDDEN = 403
NOT_FOUND = 404
_EXPLANATIONS: Final = {
    "RequestTimeTooSkewed": "The clock of the machine that signs is more than 15 minutes off.",
    "SecurityTokenExpired": "The temporary keys have run out: the next call gets new ones.",
}


def call(work: Callable[[], T], *, retry: RetryPolicy, action: str, resource: str) -> T:
    """Make a call with retries.

    Args:
        work: one call to OSS.
        retry: the retry policy.
        action: the RAM action that the call needs, such as ``oss:ListObjects``.
        resource: the ARN of the resource that it needs the action on.

    Raises:
        AccessDenied: OSS answered 403.
        NoSuchBucket: the bucket does not exist.
        StorageUnavailable: all attempts failed.
        StorageRefused: OSS refused the call for another reason.
    """
    try:
        return retry.call(work)
    except CALL_ERRORS as error:
        raise run_error(error, action=action, resource=resource) from error


def run_error(error: Exception, *, action: str, resource: str) -> RunError:
    """Convert an error of oss2 to an error of the run."""
    message = describe(error)
    if isinstance(error, OssNoSuchBucket):
        return NoSuchBucket(f"there is no bucket for {action} on {resource}: {message}")
    if isinstance(error, ServerError) and error.code in MOMENTARY_REFUSALS:
        return StorageUnavailable(
            f"{action} on {resource} kept failing: {message}. {_EXPLANATIONS[error.code]}"
        )
    if isinstance(error, ServerError) and error.status == FORBIDDEN:
        return AccessDenied(
            f"OSS refused {action} on {resource}: {message}. Allow it to the functions' role, and"
            " look for a bucket policy that denies it."
        )
    if is_transient(error):
        return StorageUnavailable(f"{action} on {resource} kept failing: {message}")
    return StorageRefused(f"OSS refused {action} on {resource} as wrong: {message}")


def describe(error: Exception) -> str:
    """Describe an error in one line: status, code, message, and the request id for support."""
    if not isinstance(error, OssError):
        return f"{type(error).__name__}: {error}"
    if error.status < 0:  # oss2's own numbers for errors without a response
        return str(error.body)
    identity = f" (EC {error.ec})" if error.ec else ""
    request = f", request {error.request_id}" if error.request_id else ""
    code = error.code or "a response without a code"
    return f"{error.status} {code}: {error.message}{identity}{request}"
