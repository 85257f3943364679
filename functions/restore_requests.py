"""Sends RestoreObject for objects, and says what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from oss2.exceptions import NoSuchBucket, OssError, ServerError

from functions.rate_limit import Pacer
from thaw.days import days_of
from thaw.errors import AccessDenied, StorageUnavailable
from thaw.oss_errors import FORBIDDEN, describe, run_error
from thaw.outcomes import Outcome, OutcomeRecord
from thaw.retry import CALL_ERRORS, is_transient
from thaw.run_input import Run
from thaw.storage_classes import ARCHIVE
from thaw.store import Store

ACTION = "oss:RestoreObject"
VERSION_ACTION = "oss:RestoreObjectVersion"

# Sending to these fails in the HTTP stack, which takes them for directions in the path.
_UNSENDABLE = (".", "..")

# EC of a RestoreObject at a lower tier than the one in progress (docs 0016-00000715).
_LOWER_TIER = "0016-00000715"

_OUTCOMES: Mapping[tuple[int, str], Outcome] = {
    (409, "RestoreAlreadyInProgress"): Outcome.ALREADY_THAWING,
    (400, "OperationNotSupported"): Outcome.NOT_ARCHIVED,
    (404, "NoSuchKey"): Outcome.VANISHED,
    (404, "NoSuchVersion"): Outcome.VANISHED,
}
_ACCEPTED = 202


def outcome_of_refusal(status: int, code: str, ec: str) -> Outcome:
    """What an answer to RestoreObject that is no 2xx says of the object (docs: RestoreObject).

    Args:
        status: of HTTP.
        code: OSS's error code.
        ec: OSS's finer code, empty if there is none.
    """
    if ec == _LOWER_TIER:
        return Outcome.ALREADY_THAWING
    if status == FORBIDDEN:
        return Outcome.DENIED
    return _OUTCOMES.get((status, code), Outcome.REJECTED)


@dataclass(frozen=True)
class Frozen:
    """An object to send for.

    Attributes:
        size: bytes; None where no listing was looked at.
        version_id: empty for the current version.
        thawing: whether it is being thawed, and is sent for to be thawed at a faster tier.
    """

    key: str
    storage_class: str
    size: int | None = None
    version_id: str = ""
    thawing: bool = False


@dataclass(frozen=True)
class _Thaw:
    """Objects being sent for."""

    store: Store
    run: Run
    pacer: Pacer

    def send(self, frozen: Frozen) -> OutcomeRecord:
        """One object: retried, never raising for what is the object's own fault.

        Raises:
            NoSuchBucket: the bucket is gone.
        """
        if frozen.key in _UNSENDABLE:
            return self._record(
                frozen,
                Outcome.FAILED,
                code="UnsupportedKey",
                message="no HTTP client can address this key",
            )
        retry = self.store.retry
        if retry.monotonic() >= retry.deadline:
            return self._record(
                frozen,
                Outcome.FAILED,
                code="OutOfTime",
                message="the function's time was up before this object's turn came",
            )
        # A try that failed without an answer may have been done all the same: then the next one is
        # told that the object is thawing, and it was this run that asked.
        unclear: list[BaseException] = []
        try:
            status = retry.call(lambda: self._try(frozen), on_failure=unclear.append)
        except NoSuchBucket:
            raise
        except ServerError as error:
            if is_transient(error):
                return self._gave_up(frozen, error)
            outcome = outcome_of_refusal(error.status, error.code, error.ec)
            if outcome is Outcome.ALREADY_THAWING and unclear:
                outcome = _accepted(frozen, _ACCEPTED)
            return self._record(frozen, outcome, error.status, error.code, describe(error))
        except CALL_ERRORS as error:
            return self._gave_up(frozen, error)
        return self._record(frozen, _accepted(frozen, status), status)

    def _try(self, frozen: Frozen) -> int:
        self.pacer.wait()
        tier = None if frozen.storage_class == ARCHIVE else self.run.tier
        days = days_of(self.run, frozen.storage_class)
        return self.store.restore(frozen.key, days, tier, frozen.version_id)

    def _gave_up(self, frozen: Frozen, error: Exception) -> OutcomeRecord:
        status, code = 0, type(error).__name__
        if isinstance(error, OssError) and error.status > 0:
            status, code = error.status, error.code or code
        return self._record(frozen, Outcome.FAILED, status, code, describe(error))

    def _record(
        self, frozen: Frozen, outcome: Outcome, status: int = 0, code: str = "", message: str = ""
    ) -> OutcomeRecord:
        return OutcomeRecord(
            frozen.key,
            outcome,
            frozen.storage_class,
            frozen.size,
            http_status=status,
            error_code=code,
            message=message,
            version_id=frozen.version_id,
        )


def _accepted(frozen: Frozen, status: int) -> Outcome:
    """What a request that was not refused did; the status of an upgrade is not documented."""
    if frozen.thawing:
        return Outcome.UPGRADED
    return Outcome.REQUESTED if status == _ACCEPTED else Outcome.EXTENDED


def thaw(store: Store, run: Run, objects: Sequence[Frozen], pacer: Pacer) -> list[OutcomeRecord]:
    """Asks for objects, with ``workers`` threads.

    Args:
        store: the run's bucket.
        run: days, tier and workers.
        objects: what to ask for.
        pacer: when to send.

    Returns:
        one record per object, in their order.

    Raises:
        NoSuchBucket: the bucket is gone.
        AccessDenied: every request that was sent was refused with 403.
        StorageUnavailable: every request that was sent kept failing.
    """
    if not objects:
        return []
    sender = _Thaw(store, run, pacer)
    try:
        with ThreadPoolExecutor(max_workers=min(run.workers, len(objects))) as pool:
            records = list(pool.map(sender.send, objects))
    except NoSuchBucket as error:
        raise run_error(error, action=ACTION, resource=store.arn) from error
    _refuse_if_all_alike(store, [record for record in records if record.key not in _UNSENDABLE])
    return records


def _refuse_if_all_alike(store: Store, sent: Sequence[OutcomeRecord]) -> None:
    """A fault that hits every object of a group is the run's, or the flow's to try again."""
    if not sent:
        return
    action = VERSION_ACTION if sent[0].version_id else ACTION
    where = f"{action} on {store.arn}/{sent[0].key}"
    if all(record.outcome is Outcome.DENIED for record in sent):
        raise AccessDenied(
            f"OSS refused {where}: {sent[0].message}. Allow it to the functions' role, and look for"
            " a bucket policy that denies it."
        )
    if all(record.outcome is Outcome.FAILED for record in sent):
        raise StorageUnavailable(f"{where} kept failing: {sent[0].message}")
