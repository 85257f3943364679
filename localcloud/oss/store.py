"""The buckets and objects of all accounts, without HTTP."""

from __future__ import annotations

import base64
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import islice, starmap
from typing import Final, NamedTuple

from localcloud.core import Core
from localcloud.errors import CloudError
from localcloud.oss.bucket import NULL_VERSION, Bucket, Version
from localcloud.oss.checksums import content_md5
from localcloud.oss.content import Literal
from localcloud.oss.errors import (
    DeleteMarkerError,
    invalid_argument,
    invalid_object_name,
    no_such_bucket,
    no_such_key,
    no_such_version,
)
from localcloud.oss.model import Acl, ObjectType, StorageClass, StoredObject, etag_of
from localcloud.oss.restore import Thawer, ThawState, thaw_state

_BUCKET_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")  # docs bucket-naming
MAX_KEY_BYTES: Final = 1023  # docs object-naming
_VERSION_ID: Final = re.compile(rf"CAEQ[A-Za-z0-9]{{60}}|{NULL_VERSION}")  # as in oss2's tests


class GeneratedObject(NamedTuple):
    """An object to seed a bucket with.

    Attributes:
        size: size in bytes; the body is generated when it is read.
        target: if set, the object is a symlink to this key.
    """

    key: str
    size: int = 0
    storage_class: str = StorageClass.STANDARD
    target: str = ""


class ObjectState(NamedTuple):
    """An object in the control API.

    Attributes:
        size: size in bytes.
        readable_until: seconds of cloud time; None if it is not thawed.
    """

    key: str
    size: int
    storage_class: StorageClass
    state: ThawState
    readable_until: int | None


def read_storage_class(text: str) -> StorageClass:
    """Return a storage class by name; raise ``InvalidArgument`` if it does not exist."""
    try:
        return StorageClass(text)
    except ValueError:
        raise invalid_argument(f"{text!r} is not a storage class.") from None


def check_key(key: str) -> None:
    """Refuse an invalid key: 1 to 1023 bytes of UTF-8, without a leading slash or backslash.

    Raises:
        CloudError: ``InvalidObjectName``.
    """
    try:
        length = len(key.encode())
    except UnicodeEncodeError:
        length = 0
    if not 1 <= length <= MAX_KEY_BYTES or key[0] in "/\\":
        raise invalid_object_name()


def check_version_id(version_id: str) -> None:
    """Refuse an invalid version id.

    Raises:
        CloudError: ``InvalidArgument``, as in oss2's tests.
    """
    if not _VERSION_ID.fullmatch(version_id):
        raise invalid_argument(f"{version_id!r} is not a version id.")


class ObjectStore:
    """The buckets and objects of all accounts."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._buckets: dict[str, Bucket] = {}
        self.thawer = Thawer(core)

    def now(self) -> float:
        """Cloud time, in seconds since 1970."""
        return self._core.clock.now()

    @property
    def location(self) -> str:
        """The region in OSS's spelling."""
        return f"oss-{self._core.settings.region}"

    def buckets_of(self, owner: str) -> list[Bucket]:
        """Return an account's buckets, sorted by name."""
        return sorted(
            (bucket for bucket in self._buckets.values() if bucket.owner == owner),
            key=lambda bucket: bucket.name,
        )

    def bucket_names(self) -> list[str]:
        """Return the names of all accounts' buckets."""
        return list(self._buckets)

    def create_bucket(
        self,
        name: str,
        owner: str,
        storage_class: str = StorageClass.STANDARD,
        *,
        acl: str = Acl.PRIVATE,
        redundancy: str = "LRS",
    ) -> Bucket:
        """Create a bucket.

        Raises:
            CloudError: ``InvalidBucketName``; ``BucketAlreadyExists`` if any account has a bucket
                with this name.
        """
        if not _BUCKET_NAME.fullmatch(name):
            raise CloudError("InvalidBucketName", f"{name!r} is not a valid bucket name.", 400)
        if name in self._buckets:
            raise CloudError("BucketAlreadyExists", f"Bucket {name} already exists.", 409)
        bucket = Bucket(
            name,
            owner,
            read_storage_class(storage_class),
            int(self.now()),
            self.location,
            acl,
            redundancy,
        )
        self._buckets[name] = bucket
        self.watch(bucket)
        self._core.journal.touch("bucket", name)
        return bucket

    def watch(self, bucket: Bucket) -> None:
        """Record all future changes in a bucket."""
        bucket.watch(partial(self._core.journal.touch, "object", bucket.name))

    def adopt(self, bucket: Bucket) -> None:
        """Add a bucket from a saved state, with its contents."""
        self._buckets[bucket.name] = bucket
        self.watch(bucket)

    def find_bucket(self, name: str) -> Bucket | None:
        """Return a bucket, or None if it does not exist."""
        return self._buckets.get(name)

    def get_bucket(self, name: str) -> Bucket:
        """Return a bucket; raise ``NoSuchBucket`` if it does not exist."""
        bucket = self._buckets.get(name)
        if bucket is None:
            raise no_such_bucket()
        return bucket

    def move_bucket(self, name: str, region: str) -> None:
        """Move a bucket to another region, where this region's endpoint cannot access it."""
        self.get_bucket(name).location = f"oss-{region}"
        self._core.journal.touch("bucket", name)

    def delete_bucket(self, name: str) -> None:
        """Delete a bucket; ``NoSuchBucket``, ``BucketNotEmpty``."""
        if not self.get_bucket(name).is_empty:
            raise CloudError("BucketNotEmpty", "The bucket you tried to delete is not empty.", 409)
        del self._buckets[name]
        self._core.journal.touch("bucket", name)

    def remove_bucket(self, name: str) -> None:
        """Delete a bucket with everything in it, even if that must be retained."""
        bucket, journal = self.get_bucket(name), self._core.journal
        for key in bucket.keys_with_versions("", inclusive=True):
            journal.touch("object", name, key)
        for upload_id, upload in bucket.uploads.items():
            for number in upload.parts:
                journal.touch("part", name, upload_id, str(number))
        journal.touch("uploads", name)
        del self._buckets[name]
        journal.touch("bucket", name)

    def put_object(
        self,
        bucket_name: str,
        key: str,
        body: bytes,
        *,
        storage_class: str | None = None,
        headers: Mapping[str, str] | None = None,
        acl: Acl = Acl.DEFAULT,
        tags: Mapping[str, str] | None = None,
        kind: ObjectType = ObjectType.NORMAL,
        target: str = "",
    ) -> StoredObject:
        """Write an object, replacing an existing object and its thaw.

        A bucket that keeps versions keeps the existing object as a noncurrent version.

        Args:
            bucket_name: the bucket's name.
            key: the object's key.
            body: the data.
            storage_class: the storage class; the bucket's if None.
            headers: content type, ``x-oss-meta-*`` and so on, by lower-case name.
            acl: the object's ACL; by default the bucket's applies.
            tags: the tags, by key.
            kind: the object's type.
            target: the key that a symlink points to.

        Raises:
            CloudError: ``NoSuchBucket``, ``InvalidObjectName``.
        """
        bucket = self.get_bucket(bucket_name)
        check_key(key)
        content = Literal(body)
        digest = content.md5()
        stored = StoredObject(
            size=len(body),
            storage_class=read_storage_class(storage_class or bucket.storage_class),
            modified=int(self.now()),
            type=kind,
            content=content,
            target=target,
            headers=dict(headers or {}),
            acl=acl,
            tags=dict(tags or {}),
            written_etag=etag_of(digest),
            crc64=content.crc64(),
            content_md5=content_md5(digest),
        )
        bucket.write(key, stored, self.new_version_id)
        return stored

    def get_object(self, bucket_name: str, key: str, version_id: str | None = None) -> StoredObject:
        """Return the object with that key, or one version of it.

        Raises:
            CloudError: ``NoSuchBucket``, ``NoSuchKey``; with a version id also ``InvalidArgument``,
                ``NoSuchVersion``, and ``MethodNotAllowed`` for a delete marker's.
        """
        bucket = self.get_bucket(bucket_name)
        if version_id is not None:
            check_version_id(version_id)
            version = bucket.find(key, version_id)
            if version is None:
                raise no_such_version()
            if version.stored is None:
                raise DeleteMarkerError(version_id, requested=True)
            return version.stored
        stored = bucket.objects.get(key)
        if stored is None:
            if marker_id := bucket.current_id(key):
                raise DeleteMarkerError(marker_id, requested=False)
            raise no_such_key()
        return stored

    def read_object(self, bucket_name: str, key: str, *, at_most: int) -> bytes:
        """Return an object's data, for another service.

        Raises:
            CloudError: ``EntityTooLarge``, which is checked before generated data takes up memory,
                and the errors of :meth:`get_object`.
        """
        stored = self.get_object(bucket_name, key)
        if stored.size > at_most:
            raise CloudError("EntityTooLarge", f"{bucket_name}/{key} is over {at_most} bytes")
        return stored.read(0, stored.size)

    def delete_object(
        self, bucket_name: str, key: str, version_id: str | None = None
    ) -> Version | None:
        """Delete an object, or one version permanently; a missing object is not an error.

        A bucket that keeps versions hides an object behind a delete marker.

        Returns:
            the delete marker that was added, or the version that was removed, if any.

        Raises:
            CloudError: ``NoSuchBucket``, ``InvalidArgument``.
        """
        bucket = self.get_bucket(bucket_name)
        if version_id is None:
            return bucket.delete(key, int(self.now()), self.new_version_id)
        check_version_id(version_id)
        return bucket.delete_version(key, version_id)

    def new_version_id(self) -> str:
        """Return a version id in the service's format."""
        digits = self._core.random.randbytes(23).hex()[:45]
        return "CAEQ" + base64.b64encode(digits.encode()).decode()

    def new_upload_id(self) -> str:
        """Return an upload id in the service's format."""
        return self._core.random.randbytes(16).hex().upper()

    def seed(
        self, bucket_name: str, objects: Iterable[GeneratedObject | tuple[str, int, str]]
    ) -> int:
        """Fill a bucket with many objects of declared sizes, with generated bodies.

        Returns:
            the number of objects.

        Raises:
            CloudError: ``NoSuchBucket``, ``InvalidObjectName``, ``InvalidArgument``.
        """
        bucket, now, count = self.get_bucket(bucket_name), int(self.now()), 0

        def stored() -> Iterator[tuple[str, StoredObject]]:
            nonlocal count
            for seed in starmap(GeneratedObject, objects):
                check_key(seed.key)
                count += 1
                kind = ObjectType.SYMLINK if seed.target else ObjectType.NORMAL
                storage_class = read_storage_class(seed.storage_class)
                yield (
                    seed.key,
                    StoredObject(seed.size, storage_class, now, kind, target=seed.target),
                )

        if bucket.versioning:
            for key, written in list(stored()):
                bucket.write(key, written, self.new_version_id)
        else:
            bucket.objects.update(stored())
        return count

    def thaws(self, bucket_name: str) -> dict[str, Counter[str]]:
        """Count the frozen, thawing and readable objects in a bucket, by storage class.

        Every version is counted.
        """
        now, counts = self.now(), defaultdict[str, Counter[str]](Counter)
        for stored in self.get_bucket(bucket_name).all_objects():
            counts[stored.storage_class.value][thaw_state(stored, now).value] += 1
        return counts

    def states(self, bucket_name: str, after: str, limit: int) -> Iterator[ObjectState]:
        """Yield the current objects of a bucket after a key, with their states."""
        bucket, now = self.get_bucket(bucket_name), self.now()
        for key in islice(bucket.objects.keys_from(after, inclusive=False), limit):
            stored = bucket.objects.get(key)
            if stored is not None:
                state = thaw_state(stored, now)
                is_readable = state is ThawState.READABLE
                until = stored.thaw.expires_at if stored.thaw and is_readable else None
                yield ObjectState(key, stored.size, stored.storage_class, state, until)
