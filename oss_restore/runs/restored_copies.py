"""Early removal of readable copies, to stop paying for them.

CleanRestoredObject is for ColdArchive and DeepColdArchive; a copy of an Archive object is free and
cannot be removed (docs cleanrestoredobject).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Final

import oss2
from oss2.exceptions import ServerError

from thaw.lookup import ObjectName
from thaw.oss_errors import FORBIDDEN, describe
from thaw.outcomes import Outcome
from thaw.retry import CALL_ERRORS, RetryPolicy
from thaw.storage_classes import COLD_ARCHIVE, DEEP_COLD_ARCHIVE

CLASSES: Final = (COLD_ARCHIVE, DEEP_COLD_ARCHIVE)
THAWED: Final = frozenset({Outcome.REQUESTED, Outcome.EXTENDED, Outcome.UPGRADED})
_EXAMPLES: Final = 5
_GIVE_UP_AFTER: Final = 64  # denied requests, if all were denied


class Refreeze(StrEnum):
    """The result for one object."""

    REFROZEN = "refrozen"
    FROZEN_ALREADY = "frozen_already"
    STILL_THAWING = "still_thawing"
    VANISHED = "vanished"
    DENIED = "denied"
    FAILED = "failed"


_BY_RESPONSE: Final[Mapping[tuple[int, str], Refreeze]] = {
    (409, "ArchiveRestoreFileStale"): Refreeze.FROZEN_ALREADY,
    (409, "ArchiveRestoreNotFinished"): Refreeze.STILL_THAWING,
    (404, "NoSuchKey"): Refreeze.VANISHED,
    (404, "NoSuchVersion"): Refreeze.VANISHED,
}
UNFINISHED: Final = frozenset({Refreeze.STILL_THAWING, Refreeze.DENIED, Refreeze.FAILED})


@dataclass
class RefreezeResult:
    """The results for all objects.

    Attributes:
        counts: number of objects by result.
        problems: descriptions of the first few refusals and failures.
        given_up: whether it ended early because every request was denied.
    """

    counts: Counter[Refreeze] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    given_up: bool = False

    @property
    def unfinished(self) -> int:
        """The number of objects whose copies still cost money."""
        return sum(self.counts[kind] for kind in UNFINISHED)

    def add(self, kind: Refreeze, problem: str) -> None:
        """Count an object."""
        self.counts[kind] += 1
        if problem and len(self.problems) < _EXAMPLES:
            self.problems.append(problem)
        denied = self.counts[Refreeze.DENIED]
        self.given_up = denied == self.counts.total() and denied >= _GIVE_UP_AFTER


def refreeze(
    bucket: oss2.Bucket,
    objects: Iterable[ObjectName],
    *,
    workers: int,
    retry: RetryPolicy,
    on_progress: Callable[[RefreezeResult], None],
) -> RefreezeResult:
    """Freeze objects in parallel, with only a few in memory.

    Args:
        bucket: the objects' bucket.
        objects: the objects to freeze.
        workers: number of parallel requests.
        retry: retry policy of a request.
        on_progress: called after each object.
    """
    done = RefreezeResult()
    remaining = iter(objects)
    with ThreadPoolExecutor(max_workers=workers) as pool:

        def send(count: int) -> Iterator[Future[tuple[Refreeze, str]]]:
            thawed = islice(remaining, count)
            return (pool.submit(_clean, bucket, item, retry) for item in thawed)

        running = deque(send(workers * 2))
        try:
            while running:
                done.add(*running.popleft().result())
                on_progress(done)
                if not done.given_up:
                    running.extend(send(1))
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise
    return done


def _clean(bucket: oss2.Bucket, thawed: ObjectName, retry: RetryPolicy) -> tuple[Refreeze, str]:
    key, version_id = thawed
    parameters = {"cleanRestoredObject": ""}
    if version_id:
        parameters["versionId"] = version_id

    def work() -> None:
        response = bucket._do(  # noqa: SLF001 - oss2 has no method for this operation
            "POST", bucket.bucket_name, key, params=dict(parameters)
        )
        response.read()  # returns the connection to the pool

    try:
        retry.call(work)
    except CALL_ERRORS as error:
        kind = _kind_of(error)
        problem = f"{key}: {describe(error)}" if kind in (Refreeze.DENIED, Refreeze.FAILED) else ""
        return kind, problem
    return Refreeze.REFROZEN, ""


def _kind_of(error: Exception) -> Refreeze:
    if isinstance(error, ServerError):
        if error.status == FORBIDDEN:
            return Refreeze.DENIED
        return _BY_RESPONSE.get((error.status, error.code), Refreeze.FAILED)
    return Refreeze.FAILED
