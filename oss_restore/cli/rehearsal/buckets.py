"""The buckets of a rehearsal in its local cloud."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice

import oss2

from oss_restore.cli.rehearsal.proof import Census, take_census
from oss_restore.cli.rehearsal.subject import RehearsalSubject, RehearsedBucket
from oss_restore.clients.control_api import ControlClient, SeedObject
from oss_restore.clients.target import LocalEndpoints

_UPLOADS = 20


class RehearsalBuckets:
    """Creates, fills, examines and empties buckets with the account's own keys.

    Args:
        endpoints: endpoints of the local cloud.
        control: client of its control API.

    Attributes:
        count: number of objects per bucket.
    """

    def __init__(self, endpoints: LocalEndpoints, control: ControlClient, count: int) -> None:
        self._endpoints = endpoints
        self._control = control
        self.count = count

    def make(self, subject: RehearsalSubject) -> int:
        """Create and fill every bucket of a rehearsal, and return the number of objects."""
        for name in subject.other_buckets:
            self._open(name).create_bucket()
        return sum(self._fill(bucket) for bucket in subject.buckets)

    @contextmanager
    def in_its_region(self, bucket: RehearsedBucket) -> Iterator[None]:
        """Move the bucket to its own region, where it is reachable, while the block runs."""
        if not bucket.region:
            yield
            return
        self._control.move_bucket(bucket.name, bucket.region)
        try:
            yield
        finally:
            self._control.move_bucket(bucket.name, self._endpoints.region)

    def census(self, bucket: RehearsedBucket) -> Census:
        """Examine every object of a bucket."""
        now = datetime.fromtimestamp(self._control.now(), UTC)
        return take_census(self._open(bucket.name), now, bucket.is_in_scope)

    def filled_with(self, bucket: RehearsedBucket) -> Counter[str]:
        """Return the number of objects that a bucket was filled with, by storage class."""
        return Counter(item.storage_class for item in bucket.objects(self.count))

    def sizes(self, name: str, prefix: str = "") -> dict[str, int]:
        """Return the sizes of the objects with a prefix, by the rest of their keys."""
        listed = oss2.ObjectIteratorV2(self._open(name), prefix=prefix, max_keys=1000)
        return {item.key.removeprefix(prefix): item.size for item in listed}

    def empty(self, name: str) -> None:
        """Delete every object of a bucket."""
        bucket = self._open(name)
        while keys := [item.key for item in bucket.list_objects_v2(max_keys=1000).object_list]:
            bucket.batch_delete_objects(keys)

    def _fill(self, bucket: RehearsedBucket) -> int:
        """Upload the first objects as a user would, and create the rest at once."""
        opened = self._open(bucket.name)
        opened.create_bucket()
        if bucket.versions:
            opened.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
        objects = bucket.objects(self.count)
        uploads = [*islice(objects, _UPLOADS)]
        for item in uploads:
            self._upload(opened, item)
        return len(uploads) + self._control.seed(bucket.name, objects)

    @staticmethod
    def _upload(bucket: oss2.Bucket, item: SeedObject) -> None:
        headers = {"x-oss-storage-class": item.storage_class}
        bucket.put_object(item.key, b"x" * item.size, headers=headers)

    def _open(self, name: str) -> oss2.Bucket:
        endpoints = self._endpoints
        auth = oss2.AuthV4(endpoints.access_key_id, endpoints.access_key_secret)
        return oss2.Bucket(auth, endpoints.oss, name, region=endpoints.region)
