"""Thaws archived objects: which requests are accepted, and how a thaw proceeds.

Documented unless marked otherwise: docs 52930 (classes, tiers, times), restore-object, and the
pages of the EC codes. A thaw's state is not stored, but computed from the clock.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

from localcloud.core import Core
from localcloud.errors import CloudError
from localcloud.meters import OSS_RETRIEVALS, OSS_RETRIEVED_BYTES
from localcloud.oss.errors import invalid_argument, invalid_object_state, malformed_xml
from localcloud.oss.httptime import http_date
from localcloud.oss.model import ObjectType, StorageClass, StoredObject, Thaw, Tier
from localcloud.oss.xml import MalformedXmlError, parse
from localcloud.settings import ThawTimes
from localcloud.whole_numbers import whole_number

DAY: Final = 86_400
MAX_DAYS: Final = {
    StorageClass.ARCHIVE: 7,
    StorageClass.COLD_ARCHIVE: 365,
    StorageClass.DEEP_COLD_ARCHIVE: 365,
}
_BAD_DAYS_EC: Final = {
    StorageClass.ARCHIVE: "0016-00000708",
    StorageClass.COLD_ARCHIVE: "0016-00000704",
    StorageClass.DEEP_COLD_ARCHIVE: "0016-00000704",
}
# Slowest first: the index orders tiers by speed.
TIERS: Final = {
    StorageClass.ARCHIVE: (),
    StorageClass.COLD_ARCHIVE: (Tier.BULK, Tier.STANDARD, Tier.EXPEDITED),
    StorageClass.DEEP_COLD_ARCHIVE: (Tier.STANDARD, Tier.EXPEDITED),
}
_UNKNOWN_CHILD_EC: Final = {
    "GlacierJobParameters": "0016-00000709",
    "OutputLocation": "0016-00000710",
    "Type": "0016-00000713",
}


class ThawState(Enum):
    """The state of an object's data."""

    FROZEN = "frozen"
    THAWING = "thawing"
    READABLE = "readable"


def thaw_state(stored: StoredObject, now: float) -> ThawState:
    """Return the state at a time; classes that need no thaw are always readable."""
    if not stored.storage_class.is_archived:
        return ThawState.READABLE
    if stored.thaw is None or stored.thaw.expires_at <= now:
        return ThawState.FROZEN
    return ThawState.THAWING if now < stored.thaw.ready_at else ThawState.READABLE


def restore_info(stored: StoredObject, now: float) -> str:
    """Return the text of ``x-oss-restore`` and ``<RestoreInfo>``; empty if there is none."""
    if stored.thaw is None:
        return ""
    match thaw_state(stored, now):
        case ThawState.THAWING:
            return 'ongoing-request="true"'
        case ThawState.READABLE:
            return f'ongoing-request="false", expiry-date="{http_date(stored.thaw.expires_at)}"'
        case ThawState.FROZEN:
            return ""


@dataclass(frozen=True, slots=True)
class RestoreRequest:
    """A parsed request, not yet validated against the object's class."""

    days: str | None = None
    tier: str | None = None


@lru_cache(maxsize=256)
def read_restore_request(body: bytes) -> RestoreRequest:
    """Parse ``<RestoreRequest>``; an empty body means the defaults (oss2's test_restore_object).

    Raises:
        CloudError: 400 ``MalformedXML``.
    """
    if not body:
        return RestoreRequest()
    try:
        root = parse(body, root="RestoreRequest")
    except MalformedXmlError as error:
        raise malformed_xml(str(error)) from error
    for node in root:
        if node.tag not in {"Days", "JobParameters"}:
            ec = _UNKNOWN_CHILD_EC.get(node.tag, "0016-00000714")
            raise malformed_xml(f"<{node.tag}> does not belong in a RestoreRequest.", ec=ec)
    days = root.findall("Days")
    if len(days) > 1:
        raise malformed_xml("There is more than one <Days>.", ec="0016-00000707")
    return RestoreRequest(
        days=(days[0].text or "").strip() if days else None,
        tier=root.findtext("JobParameters/Tier"),
    )


@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted request: its HTTP status, and the tier in the response."""

    status: int
    tier: Tier | None


def _restore_in_progress() -> CloudError:
    return CloudError(
        "RestoreAlreadyInProgress",
        "The restore operation is in progress.",
        409,
        ec="0016-00000701",
    )


class Thawer:
    """Thaws objects in cloud time, subject to the service's quotas, and meters it."""

    def __init__(self, core: Core) -> None:
        self._core = core
        # Assumed: one queue per owner and class, with a rate in objects per second.
        self.free_at: dict[str, dict[StorageClass, float]] = {}

    def restore(self, stored: StoredObject, request: RestoreRequest, *, owner: str) -> Accepted:
        """Start, upgrade or extend a thaw.

        Args:
            stored: the object.
            request: the days and the tier.
            owner: the account whose quota applies.

        Raises:
            CloudError: ``OperationNotSupported``, ``MalformedXML``, ``InvalidArgument``,
                ``RestoreAlreadyInProgress``.
        """
        storage_class = stored.storage_class
        # Assumed for symlinks, which have no data.
        if not storage_class.is_archived or stored.type is ObjectType.SYMLINK:
            raise CloudError(
                "OperationNotSupported",
                "The operation is not supported for this resource: it is not archived.",
                400,
                ec="0016-00000702",
            )
        tier, days = self._tier(request, storage_class), self._days(request, storage_class)
        match thaw_state(stored, self._core.clock.now()):
            case ThawState.FROZEN:
                stored.thaw = self._begin(storage_class, tier, days, owner)
                status = 202
            case ThawState.THAWING:
                if request.tier is None or tier is None:
                    raise _restore_in_progress()
                stored.thaw = self._upgrade(stored, tier, days, owner)
                status = int(self._core.settings.switches.faster_tier)
            case ThawState.READABLE:
                self._extend(stored, days)
                return Accepted(200, tier)
        # Assumed: a faster tier's retrieval is billed in addition to the slower one.
        self._count(stored, tier)
        return Accepted(status, tier)

    def require_readable(self, stored: StoredObject, *, ec: str, direct_read: bool = False) -> None:
        """Refuse an operation that needs the data of an object that is not readable.

        Args:
            stored: the object.
            ec: the detailed code of the error.
            direct_read: whether the bucket lets Archive objects be read without a thaw.

        Raises:
            CloudError: 403 ``InvalidObjectState``.
        """
        if thaw_state(stored, self._core.clock.now()) is ThawState.READABLE:
            return
        if not (direct_read and stored.storage_class is StorageClass.ARCHIVE):
            raise invalid_object_state(ec)
        self._core.meters.add(f"{OSS_RETRIEVED_BYTES}ArchiveDirect", stored.size)

    def header(self, stored: StoredObject) -> dict[str, str]:
        """Return the header ``x-oss-restore``; empty for an object without a thaw."""
        info = restore_info(stored, self._core.clock.now())
        return {"x-oss-restore": info} if info else {}

    def clean(self, stored: StoredObject) -> int:
        """End the readable period early, and return the HTTP status.

        Raises:
            CloudError: ``ArchiveRestoreFileStale``, ``ArchiveRestoreNotFinished``,
                ``OperationNotSupported`` (the last one's code and EC assumed).
        """
        if stored.storage_class not in {StorageClass.COLD_ARCHIVE, StorageClass.DEEP_COLD_ARCHIVE}:
            raise CloudError(
                "OperationNotSupported", "Only cold archived objects can be cleaned.", 400
            )
        match thaw_state(stored, self._core.clock.now()):
            case ThawState.FROZEN:
                raise CloudError(
                    "ArchiveRestoreFileStale",
                    "The archive file or restore info stale",
                    409,
                    ec="0016-00000718",
                )
            case ThawState.THAWING:
                raise CloudError(
                    "ArchiveRestoreNotFinished",
                    "The archive file's restore is not finished.",
                    409,
                    ec="0016-00000719",
                )
            case ThawState.READABLE:
                stored.thaw = None
                return int(self._core.settings.switches.clean_restored_status)

    def _tier(self, request: RestoreRequest, storage_class: StorageClass) -> Tier | None:
        if request.tier is None:
            return None if storage_class is StorageClass.ARCHIVE else Tier.STANDARD
        if storage_class is StorageClass.ARCHIVE:  # as in oss2's tests
            raise malformed_xml("Archive has no tiers: omit JobParameters.")
        if request.tier not in TIERS[storage_class]:
            raise invalid_argument(
                f"{request.tier!r} is not a tier of {storage_class}.", ec="0016-00000703"
            )
        return Tier(request.tier)

    def _days(self, request: RestoreRequest, storage_class: StorageClass) -> int:
        if request.days is None:
            return 1
        most = MAX_DAYS[storage_class]
        days = whole_number(request.days)
        if days is None or not 1 <= days <= most:
            message = f"Days must be a number from 1 to {most} for {storage_class}."
            ec = _BAD_DAYS_EC[storage_class]
            if self._core.settings.switches.bad_days_error == "MalformedXML":
                raise malformed_xml(message, ec=ec)
            raise invalid_argument(message, ec=ec)
        return days

    def _begin(self, storage_class: StorageClass, tier: Tier | None, days: int, owner: str) -> Thaw:
        start = self._queue(storage_class, owner)
        times = self._core.settings.thaw_times
        ready_at = start + thaw_seconds(times, storage_class, tier, self._core.random)
        return Thaw(tier, ready_at, math.floor(ready_at) + days * DAY)

    def _upgrade(self, stored: StoredObject, tier: Tier, days: int, owner: str) -> Thaw:
        thaw, switches = stored.thaw, self._core.settings.switches
        assert thaw is not None
        assert thaw.tier is not None
        tiers = TIERS[stored.storage_class]
        if tiers.index(tier) < tiers.index(thaw.tier):
            message = "A restore in progress can only be made faster."
            if switches.lower_tier_error == "400 InvalidArgument":
                raise invalid_argument(message, ec="0016-00000715")
            raise CloudError("RestoreAlreadyInProgress", message, 409, ec="0016-00000715")
        if tier == thaw.tier or switches.faster_tier == "409":
            raise _restore_in_progress()
        faster = self._begin(stored.storage_class, tier, days, owner)
        # Assumed: the days of the faster request apply, and it never delays the thaw.
        ready_at = min(faster.ready_at, thaw.ready_at)
        return Thaw(tier, ready_at, math.floor(ready_at) + days * DAY)

    def _extend(self, stored: StoredObject, days: int) -> None:
        assert stored.thaw is not None
        now = math.floor(self._core.clock.now())
        most = now + MAX_DAYS[stored.storage_class] * DAY
        stored.thaw.expires_at = min(stored.thaw.expires_at + days * DAY, most)

    def _queue(self, storage_class: StorageClass, owner: str) -> float:
        """Return when the thaw begins: requests above the quota are queued (docs 54509)."""
        now, limits = self._core.clock.now(), self._core.settings.limits
        rate = {
            StorageClass.COLD_ARCHIVE: limits.cold_archive_restores_per_second,
            StorageClass.DEEP_COLD_ARCHIVE: limits.deep_cold_archive_restores_per_second,
        }.get(storage_class)
        if rate is None:
            return now
        queues = self.free_at.setdefault(owner, {})
        start = max(now, queues.get(storage_class, 0.0))
        queues[storage_class] = start + 1 / rate
        return start

    def _count(self, stored: StoredObject, tier: Tier | None) -> None:
        kind = stored.storage_class if tier is None else f"{stored.storage_class}.{tier}"
        self._core.meters.add(OSS_RETRIEVALS + kind)
        self._core.meters.add(OSS_RETRIEVED_BYTES + kind, stored.size)


def thaw_seconds(
    times: ThawTimes, storage_class: StorageClass, tier: Tier | None, chance: random.Random
) -> float:
    """Return the duration of a thaw in seconds."""
    fastest, slowest = {
        (StorageClass.ARCHIVE, None): times.archive,
        (StorageClass.COLD_ARCHIVE, Tier.EXPEDITED): times.cold_archive_expedited,
        (StorageClass.COLD_ARCHIVE, Tier.STANDARD): times.cold_archive_standard,
        (StorageClass.COLD_ARCHIVE, Tier.BULK): times.cold_archive_bulk,
        (StorageClass.DEEP_COLD_ARCHIVE, Tier.EXPEDITED): times.deep_cold_archive_expedited,
        (StorageClass.DEEP_COLD_ARCHIVE, Tier.STANDARD): times.deep_cold_archive_standard,
    }[storage_class, tier]
    return slowest - chance.random() * times.spread * (slowest - fastest)
