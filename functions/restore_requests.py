"""Send RestoreObject requests, and return the outcome of each object.

An object is requested only within 40 seconds of a look that showed that it needs a request, and
after an unclear failure only after another look: a thaw takes about a minute (docs 52930), and a
request for an object that has become readable in the meantime would be accepted, and billed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from oss2.exceptions import NoSuchBucket, OssError, ServerError

from functions.rate_limit import Pacer
from thaw.classification import State, classify, expiry_of, state_of
from thaw.days import days_of
from thaw.errors import RunError, StorageUnavailable
from thaw.lookup import FoundObject, find
from thaw.oss_errors import FORBIDDEN, describe, run_error
from thaw.outcomes import Outcome, OutcomeRecord
from thaw.page_chunks import PageObject
from thaw.retry import CALL_ERRORS, TOO_MANY_REQUESTS, is_transient
from thaw.run_input import Run
from thaw.storage_classes import ARCHIVE, ARCHIVE_CLASSES
from thaw.store import Store

ACTION = "oss:RestoreObject"
VERSION_ACTION = "oss:RestoreObjectVersion"

FRESH_SECONDS: Final = 40

# Keys that cannot be requested, because HTTP libraries resolve them as relative paths.
_UNSENDABLE = (".", "..")

# EC of a RestoreObject at a slower tier than that of the thaw in progress (docs 0016-00000715).
_LOWER_TIER = "0016-00000715"

_OUTCOMES: Mapping[tuple[int, str], Outcome] = {
    (409, "RestoreAlreadyInProgress"): Outcome.ALREADY_THAWING,
    (400, "OperationNotSupported"): Outcome.NOT_ARCHIVED,
    (404, "NoSuchKey"): Outcome.VANISHED,
    (404, "NoSuchVersion"): Outcome.VANISHED,
}
_ACCEPTED = 202
# Outcomes of objects that another task has claimed.
_OUTCOMES_OF_CLAIMED: Final = {
    State.READABLE: Outcome.ALREADY_READABLE,
    State.THAWING: Outcome.ALREADY_THAWING,
}


def restore_action(version_id: str) -> str:
    """Return the RAM action that the request for an object or a version needs."""
    return VERSION_ACTION if version_id else ACTION


def outcome_of_refusal(status: int, code: str, ec: str) -> Outcome:
    """Return the outcome of a refused RestoreObject (docs: RestoreObject).

    Args:
        status: the HTTP status.
        code: OSS's error code.
        ec: OSS's detailed error code; empty if there is none.
    """
    if ec == _LOWER_TIER:
        return Outcome.ALREADY_THAWING
    if status == FORBIDDEN:
        return Outcome.DENIED
    return _OUTCOMES.get((status, code), Outcome.REJECTED)


def outcome_since_listed(
    obj: PageObject, found: FoundObject | None, run: Run, *, retried: bool
) -> Outcome | None:
    """Return the outcome of an object according to a new look; None if it has to be requested.

    Args:
        obj: the object as its page listed it.
        found: the object as it is now; None if it no longer exists, which a request will confirm.
        run: the run.
        retried: whether an earlier attempt may have requested it. If so, that attempt is taken
            to be the cause of any change since the page was listed.
    """
    if found is None or found.listed.storage_class not in ARCHIVE_CLASSES:
        return None
    if not retried:
        return classify(found.listed, found.now, run)
    state = state_of(found.listed, found.now)
    if state is State.FROZEN:
        return None
    if obj.state is State.FROZEN:
        return Outcome.REQUESTED
    if obj.state is State.READABLE:
        return Outcome.EXTENDED if expiry_of(found.listed) > obj.expiry else None
    # It was thawing, perhaps at a slower tier. At the same tier OSS refuses the request, unbilled.
    return Outcome.ALREADY_READABLE if state is State.READABLE else None


@dataclass(frozen=True)
class ObjectSnapshot:
    """Objects at one moment.

    Attributes:
        found: the objects that exist, by key and version.
        at: the moment, by this machine's clock.
    """

    found: Mapping[tuple[str, str], FoundObject]
    at: float

    def of(self, obj: PageObject) -> FoundObject | None:
        """Return an object as it was at that moment; None if it did not exist."""
        return self.found.get(obj.name)


def look_at(store: Store, run: Run, objects: Sequence[PageObject]) -> ObjectSnapshot:
    """List the objects, with few requests if their keys are close together.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    at = store.retry.monotonic()
    # A single object is listed by its whole key, without its neighbours.
    prefix = run.prefix if len(objects) > 1 else objects[0].key
    found = find(store, prefix, [obj.name for obj in objects])
    return ObjectSnapshot(found, at)


Claim = Callable[[PageObject], bool]  # returns whether the task may request an object


def claim_freely(_: PageObject) -> bool:
    """Allow every request, because no object of the run is named twice."""
    return True


@dataclass(frozen=True)
class Sender:
    """Sends the requests of one restore task.

    Attributes:
        store: the run's bucket.
        run: the run, with its days, tier and workers.
        pacer: limits the rate.
        retried: whether an earlier attempt of the task may have requested some of the objects.
        looked_at: time of the last look at them, by this machine's clock.
        claim: claims objects for this task that are not frozen, and could be paid for twice.
    """

    store: Store
    run: Run
    pacer: Pacer
    retried: bool
    looked_at: float
    claim: Claim = claim_freely

    def send(self, objects: Sequence[PageObject]) -> list[OutcomeRecord]:
        """Request objects, with ``workers`` threads.

        Returns:
            One record per object, in order.

        Raises:
            NoSuchBucket: the bucket no longer exists.
            StorageUnavailable: all requests that were sent failed, with all their attempts.
        """
        if not objects:
            return []
        try:
            with ThreadPoolExecutor(max_workers=min(self.run.workers, len(objects))) as pool:
                records = list(pool.map(self._send, objects))
        except NoSuchBucket as error:
            raise run_error(error, action=ACTION, resource=self.store.arn) from error
        self._raise_if_all_failed([record for record in records if record.key not in _UNSENDABLE])
        return records

    def _send(self, obj: PageObject) -> OutcomeRecord:
        """Request one object, with retries; its own errors are recorded, not raised."""
        if obj.key in _UNSENDABLE:
            return obj.record(
                Outcome.FAILED,
                code="UnsupportedKey",
                message="no HTTP client can address this key",
            )
        retry = self.store.retry
        if retry.monotonic() >= retry.deadline:
            return obj.record(
                Outcome.FAILED,
                code="OutOfTime",
                message="the function ran out of time before it reached this object",
            )
        if obj.state is not State.FROZEN and not self.claim(obj):
            return obj.record(_OUTCOMES_OF_CLAIMED[obj.state])
        request = _Request(self, obj, retried=self.retried)
        try:
            return retry.call(request.attempt, on_failure=request.note)
        except NoSuchBucket:
            raise
        except ServerError as error:
            return (
                request.record_failure(error)
                if is_transient(error)
                else request.record_refusal(error)
            )
        except (*CALL_ERRORS, StorageUnavailable) as error:
            return request.record_failure(error)

    def _raise_if_all_failed(self, sent: Sequence[OutcomeRecord]) -> None:
        """Raise an error if all objects failed, since a retry of the task may succeed."""
        if not sent:
            return
        where = f"{restore_action(sent[0].version_id)} on {self.store.arn}/{sent[0].key}"
        if all(record.outcome is Outcome.FAILED for record in sent):
            raise StorageUnavailable(f"{where} kept failing: {sent[0].message}")


class _Request:
    """The request for one object, with retries.

    Args:
        sender: the sender of its task.
        obj: the object.
        retried: whether it may have been requested before.
    """

    def __init__(self, sender: Sender, obj: PageObject, *, retried: bool) -> None:
        self._sender = sender
        self._obj = obj
        self._may_be_requested = retried
        self._looked_at = sender.looked_at

    def note(self, error: BaseException) -> None:
        """Record that an attempt has failed; OSS may have carried it out nevertheless."""
        if not _is_clear_refusal(error):
            self._may_be_requested = True
            self._looked_at = -FRESH_SECONDS

    def attempt(self) -> OutcomeRecord:
        """Send the request, unless a look shows that none is needed any more."""
        sender, obj = self._sender, self._obj
        sender.pacer.wait()
        if sender.store.retry.monotonic() - self._looked_at >= FRESH_SECONDS:
            outcome = self._look()
            if outcome is not None:
                return obj.record(outcome)
        tier = None if obj.storage_class == ARCHIVE else sender.run.tier
        days = days_of(sender.run, obj.storage_class)
        status = sender.store.restore(obj.key, days, tier, obj.version_id)
        return obj.record(_accepted(obj, status), status)

    def _look(self) -> Outcome | None:
        sender, obj = self._sender, self._obj
        snapshot = look_at(sender.store, sender.run, [obj])
        self._looked_at = snapshot.at
        return outcome_since_listed(
            obj, snapshot.of(obj), sender.run, retried=self._may_be_requested
        )

    def record_failure(self, error: Exception) -> OutcomeRecord:
        """Return the record of an object whose last attempt failed; OSS may have carried it out."""
        if self._may_be_requested or not _is_clear_refusal(error):
            self._may_be_requested = True
            with suppress(RunError):
                outcome = self._look()
                if outcome is not None:
                    return self._obj.record(outcome)
        return _failed(self._obj, error)

    def record_refusal(self, error: ServerError) -> OutcomeRecord:
        """Return the record of a permanent refusal."""
        outcome = outcome_of_refusal(error.status, error.code, error.ec)
        if outcome is Outcome.ALREADY_THAWING and self._may_be_requested:
            outcome = _accepted(self._obj, _ACCEPTED)  # this run has requested it
        return self._obj.record(outcome, error.status, error.code, describe(error))


def _is_clear_refusal(error: BaseException) -> bool:
    """Return whether OSS certainly did not carry out the request (docs: error 503, error 429)."""
    if not isinstance(error, ServerError):
        return False
    return error.status == TOO_MANY_REQUESTS or str(error.code).endswith("QpsLimitExceeded")


def _accepted(obj: PageObject, status: int) -> Outcome:
    """Return the outcome of an accepted request; the status of an upgrade is not documented."""
    if obj.state is State.THAWING:
        return Outcome.UPGRADED
    return Outcome.REQUESTED if status == _ACCEPTED else Outcome.EXTENDED


def _failed(obj: PageObject, error: Exception) -> OutcomeRecord:
    status, code = 0, type(error).__name__
    if isinstance(error, OssError) and error.status > 0:
        status, code = error.status, error.code or code
    return obj.record(Outcome.FAILED, status, code, describe(error))
