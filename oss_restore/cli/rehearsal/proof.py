"""Verification with oss2 that objects are readable: by listing, then by reading."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Final

import oss2

from thaw.storage_classes import ARCHIVE_CLASSES

logging.getLogger("oss2").setLevel(logging.WARNING)

_THREADS: Final = 8
# The most objects to read in addition to listing all of them, evenly spread over the bucket.
_READS: Final = 2_000


@dataclass
class Census:
    """The objects of a bucket by storage class.

    Attributes:
        objects: number of objects by storage class.
        readable: number of thawed objects by storage class.
        out_of_scope: number of archived objects that were not to be thawed.
        touched: keys of objects that were not to be thawed, but have restore information.
        unreadable: keys of archived objects that are not thawed or could not be read.
    """

    objects: Counter[str] = field(default_factory=Counter)
    readable: Counter[str] = field(default_factory=Counter)
    out_of_scope: int = 0
    touched: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    @property
    def archived(self) -> int:
        """The number of objects that were to be thawed."""
        archived = sum(self.objects[storage_class] for storage_class in ARCHIVE_CLASSES)
        return archived - self.out_of_scope


def _is_readable(restore_info: str | None, now: datetime) -> bool:
    """Return whether a restore is complete and has not expired, according to RestoreInfo."""
    if not restore_info or 'ongoing-request="false"' not in restore_info:
        return False
    expiry = restore_info.partition('expiry-date="')[2].partition('"')[0]
    return parsedate_to_datetime(expiry) > now


def take_census(
    bucket: oss2.Bucket, now: datetime, is_in_scope: Callable[[str], bool] = lambda _key: True
) -> Census:
    """List the whole bucket, then read a byte of each object that should be readable.

    Args:
        bucket: the bucket.
        now: the cloud's clock, for expiry.
        is_in_scope: returns whether the object with a key was to be thawed.
    """
    census = Census()
    thawed: list[str] = []
    for item in oss2.ObjectIteratorV2(bucket, max_keys=1000):
        census.objects[item.storage_class] += 1
        if item.storage_class not in ARCHIVE_CLASSES or not is_in_scope(item.key):
            census.out_of_scope += item.storage_class in ARCHIVE_CLASSES
            if item.restore_info:
                census.touched.append(item.key)
        elif _is_readable(item.restore_info, now):
            census.readable[item.storage_class] += 1
            thawed.append(item.key)
        else:
            census.unreadable.append(item.key)
    step = max(1, len(thawed) // _READS)
    census.unreadable += _unreadable(bucket, list(islice(thawed, 0, None, step)))
    return census


def _unreadable(bucket: oss2.Bucket, keys: list[str]) -> list[str]:
    def fails(key: str) -> bool:
        try:
            return len(bucket.get_object(key, byte_range=(0, 0)).read()) != 1
        except oss2.exceptions.ServerError:
            return True

    with ThreadPoolExecutor(_THREADS) as pool:
        return [key for key, failed in zip(keys, pool.map(fails, keys), strict=True) if failed]
