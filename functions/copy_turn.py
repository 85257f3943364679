"""The work of one function call on a slice: which objects are ready, and each one's outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeVar

from oss2.exceptions import NoSuchBucket

from functions.object_copies import CopyFailedError, NotReadableError, ObjectCopier
from functions.part_copies import PartCopier
from functions.rate_limit import Pacer
from thaw.classification import State, expiry_of, state_of
from thaw.copy_rounds import SPARE_SECONDS
from thaw.days import SAFE_SECONDS, extension_days
from thaw.errors import AccessDenied, RunError, StorageUnavailable
from thaw.lookup import FoundObject, ObjectName, find_objects
from thaw.oss_errors import describe, run_error
from thaw.outcomes import Outcome, OutcomeRecord
from thaw.page_chunks import PageObject
from thaw.retry import CALL_ERRORS
from thaw.run_input import Run
from thaw.storage_classes import ARCHIVE, ARCHIVE_CLASSES

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass
class CopyTurn:
    """The work of one function call on a slice.

    Attributes:
        run: the run; its ``then`` says where to copy.
        copier: copies single objects.
        pacer: limits the rate of copies.
        prefix: prefix of the keys in the run's bucket.
        ready: readable objects without an outcome, each as it was last listed.
        records: the outcomes of the others.
        errors: errors of single objects that may affect the whole run, such as missing rights.
        failed: names of the objects that are recorded as not copied.
        promoted: objects whose archived versions are still to be removed.
    """

    run: Run
    copier: ObjectCopier
    pacer: Pacer
    prefix: str
    ready: dict[PageObject, FoundObject] = field(default_factory=dict)
    records: list[OutcomeRecord] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    failed: set[ObjectName] = field(default_factory=set)
    promoted: list[PageObject] = field(default_factory=list)

    @property
    def until(self) -> float:
        """When the call stops starting copies, by the retry policy's clock."""
        return self.copier.target.retry.deadline - SPARE_SECONDS

    @property
    def in_time(self) -> bool:
        """Whether there is time to start another copy."""
        return self.copier.target.retry.monotonic() < self.until

    def record(
        self,
        obj: PageObject,
        outcome: Outcome,
        message: str = "",
        *,
        removed: str = "",
        source_stays: bool = False,
    ) -> None:
        """Record an object's outcome; ``removed`` is the version that was removed, if any."""
        self.ready.pop(obj, None)
        record = obj.record(outcome, message=message)
        stays = source_stays or None
        self.records.append(replace(record, removed_version=removed, source_stays=stays))

    def finish(self, obj: PageObject, *, source_stays: bool = False) -> None:
        """Record that an object is copied or promoted, once its archived version is removed."""
        if self.copier.removes_archived:
            self.ready.pop(obj, None)
            self.promoted.append(obj)
        else:
            outcome = Outcome.PROMOTED if self.copier.promotes else Outcome.COPIED
            self.record(obj, outcome, source_stays=source_stays)

    def fail(self, obj: PageObject, code: str, message: str, status: int = 0) -> None:
        """Record that an object was not copied."""
        self.ready.pop(obj, None)
        self.failed.add(obj.name)
        self.records.append(failed_copy(obj, code, message, status))

    def attempt(
        self,
        obj: PageObject,
        work: Callable[[], object],
        *,
        failing: tuple[str, str] = ("", ""),
    ) -> bool:
        """Do some work on an object, and record it as failed if the work fails.

        Args:
            obj: the object.
            work: the work.
            failing: code and message of the recorded failure, in place of OSS's code and in front
                of OSS's message; empty for OSS's alone.

        Returns:
            Whether the work succeeded.

        Raises:
            RunError: the destination does not exist.
        """
        code, message = failing
        message = f"{message}: " if message else ""
        try:
            work()
        except CopyFailedError as error:
            if error.code == "AccessDenied" and not code:
                self.errors.append(error)
            self.fail(obj, code or error.code, f"{message}{error}", error.status)
        except NotReadableError:
            self.ready.pop(obj, None)  # the next listing shows why
        except NoSuchBucket as error:
            raise run_error(
                error, action="oss:PutObject", resource=self.copier.target.arn
            ) from error
        except CALL_ERRORS as error:
            if not code:
                self.errors.append(error)
            code = code or getattr(error, "code", "") or type(error).__name__
            status = max(0, getattr(error, "status", 0))
            self.fail(obj, code, f"{message}{describe(error)}", status)
        else:
            return True
        return False

    def copy_in_parts(self, obj: PageObject, parts: PartCopier) -> bool:
        """Copy an object in parts, as many as time allows.

        Returns:
            Whether the whole object is copied.

        Raises:
            RunError: as :meth:`attempt`, or the unfinished upload could not be aborted.
        """
        found, finished = self.ready[obj], list[bool]()
        self.extend([found])

        def work() -> None:
            finished.append(parts.copy(found.listed, now=found.now, until=self.until))

        if self.attempt(obj, work):
            return finished[0]
        try:
            parts.give_up(obj.key)
        except CALL_ERRORS as error:
            action, resource = "oss:AbortMultipartUpload", self.copier.target.arn
            raise run_error(error, action=action, resource=resource) from error
        return False

    def in_parallel(self, items: Sequence[Item], work: Callable[[Item], Result]) -> list[Result]:
        """Do the same work for several objects or keys in parallel."""
        if not items:
            return []
        with ThreadPoolExecutor(max_workers=min(self.run.workers, len(items))) as pool:
            return list(pool.map(work, items))

    def copies(
        self, objects: Sequence[PageObject], *, neighbors: int = 0
    ) -> Mapping[PageObject, FoundObject]:
        """Find the objects at the keys of the copies.

        Args:
            objects: the sources of the copies.
            neighbors: other copies that lie between theirs, so that one listing shows them all.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
        """
        after = self.copier.after
        keys = {after.key_of(obj.key): obj for obj in objects}
        prefix = after.key_of(self.prefix)
        first = len(keys) + neighbors
        copies = find_objects(self.copier.target, prefix, keys, first=first)
        return {keys[key]: copy for key, copy in copies.items()}

    def extend(self, objects: Sequence[FoundObject]) -> int:
        """Extend the objects that may expire before they are copied, and return how many."""
        due = [found for found in objects if is_due(found)]
        self.in_parallel(due, self._extend)
        return len(due)

    def _extend(self, found: FoundObject) -> None:
        self.pacer.wait()
        listed = found.listed
        tier = None if listed.storage_class == ARCHIVE else self.run.tier
        days = extension_days(self.run, listed.storage_class)
        source = self.copier.source
        with suppress(*CALL_ERRORS):  # the next listing shows the result
            source.retry.call(lambda: source.restore(listed.key, days, tier, listed.version_id))

    def fault_of_all(self) -> RunError:
        """Return the error to raise when every copy has failed."""
        source, target = self.copier.source.arn, self.copier.target.arn
        where, error = f"from {source} to {target}", self.errors[0]
        if isinstance(error, CopyFailedError):
            return AccessDenied(
                f"OSS refused to copy {where}: {error}. The functions' role needs oss:GetObject and"
                " oss:GetObjectTagging on the first, oss:PutObject and oss:PutObjectTagging on the"
                " second, and no bucket policy may deny them."
            )
        return StorageUnavailable(f"copying {where} kept failing: {describe(error)}")


def failed_copy(obj: PageObject, code: str, message: str, status: int = 0) -> OutcomeRecord:
    """Return the ledger's record for an object that was not copied."""
    return obj.record(Outcome.COPY_FAILED, status, code, message[:1000])


def is_due(found: FoundObject) -> bool:
    """Whether a readable object may expire before it is copied."""
    if found.listed.storage_class not in ARCHIVE_CLASSES:
        return False
    is_readable = state_of(found.listed, found.now) is State.READABLE
    return is_readable and expiry_of(found.listed) - found.now < SAFE_SECONDS
