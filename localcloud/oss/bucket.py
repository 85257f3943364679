"""A bucket, with the versions of its objects.

The current objects have their own index, which is all that a bucket without versioning needs. Only
keys with more than one version have a history: any other key has a single version, whose id is
``null`` (docs versioning overview).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import Final

from pydantic import InstanceOf
from sortedcontainers import SortedDict

from localcloud.oss.model import Acl, ObjectIndex, StorageClass, StoredObject
from localcloud.oss.uploads import Upload

NULL_VERSION: Final = "null"


class Versioning(StrEnum):
    """Whether a bucket keeps versions, in the API's spelling; empty if never enabled."""

    NEVER = ""
    ENABLED = "Enabled"
    SUSPENDED = "Suspended"


@dataclass(slots=True)
class Version:
    """A version of a key.

    Attributes:
        id: the version's id; ``null`` if it was written while versioning was not enabled.
        modified: whole seconds of cloud time since 1970.
        stored: the object; None for a delete marker.
    """

    id: str
    modified: int
    stored: StoredObject | None


class History:
    """Versions by key, in the byte order of UTF-8; the newest version of a key comes first."""

    def __init__(self) -> None:
        self._versions: SortedDict[str, list[Version]] = SortedDict()
        self._changed: Callable[[str], None] = lambda _: None

    def watch(self, changed: Callable[[str], None]) -> None:
        """Register a callback for every key whose versions change."""
        self._changed = changed

    def __len__(self) -> int:
        return len(self._versions)

    def get(self, key: str) -> list[Version]:
        """Return a key's versions; empty for a key without a history."""
        found: list[Version] = self._versions.get(key, [])
        return found

    def put(self, key: str, versions: list[Version]) -> None:
        """Replace a key's versions; an empty list removes its history."""
        if versions:
            self._versions[key] = versions
        else:
            self._versions.pop(key, None)
        self._changed(key)

    def keys_from(self, key: str, *, inclusive: bool) -> Iterator[str]:
        """Yield the keys after a key, or starting from it, in order."""
        keys: Iterator[str] = self._versions.irange(key, inclusive=(inclusive, True))
        return keys


_DAY: Final = 86_400


@dataclass(slots=True)
class Bucket:
    """A bucket.

    Attributes:
        owner: account id of the owner.
        storage_class: default storage class of objects.
        created_at: whole seconds of cloud time since 1970.
        location: the region in OSS's spelling, such as ``oss-cn-hangzhou``.
        acl: the bucket's ACL.
        redundancy: ``LRS`` or ``ZRS``; reported, without effect.
        blocks_public_access: whether ACLs and policies cannot grant anything to everybody.
        archive_direct_read: whether Archive objects can be read without a thaw.
        retention_days: days for which objects cannot be changed or deleted; 0 for no retention.
        retained_since: when the retention policy started, in seconds of cloud time since 1970.
        policy: the text of the bucket policy; empty if there is none.
        objects: the current objects; modified only by the bucket's methods.
        history: see the module.
        tags: the tags, by key.
        uploads: multipart uploads in progress, by id.
    """

    name: str
    owner: str
    storage_class: StorageClass
    created_at: int
    location: str
    acl: str = Acl.PRIVATE
    redundancy: str = "LRS"
    blocks_public_access: bool = False
    archive_direct_read: bool = False
    retention_days: int = 0
    retained_since: int = 0
    policy: str = ""
    versioning: Versioning = Versioning.NEVER
    objects: InstanceOf[ObjectIndex] = field(default_factory=ObjectIndex)
    history: InstanceOf[History] = field(default_factory=History)
    tags: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether there are no objects, versions, delete markers or uploads."""
        return not len(self.objects) and not len(self.history) and not self.uploads

    def versions_of(self, key: str) -> Sequence[Version]:
        """Return a key's versions and delete markers, newest first."""
        stored = self.objects.get(key)
        return self.history.get(key) or (
            [] if stored is None else [Version(NULL_VERSION, stored.modified, stored)]
        )

    def find(self, key: str, version_id: str) -> Version | None:
        """Return a version of a key, or None."""
        return next(
            (version for version in self.versions_of(key) if version.id == version_id), None
        )

    def current_id(self, key: str) -> str:
        """Return the id of a key's current version; empty if the bucket has never kept versions."""
        if not self.versioning:
            return ""
        versions = self.versions_of(key)
        return versions[0].id if versions else ""

    def keys_with_versions(self, key: str, *, inclusive: bool) -> Iterator[str]:
        """Yield the keys with any version after a key, or starting from it, in order."""
        both = heapq.merge(
            self.objects.keys_from(key, inclusive=inclusive),
            self.history.keys_from(key, inclusive=inclusive),
        )
        return (key for key, _ in groupby(both))

    def all_objects(self) -> Iterator[StoredObject]:
        """Yield every version of every key, without delete markers."""
        if not len(self.history):
            yield from self.objects.values()
            return
        for key in self.keys_with_versions("", inclusive=True):
            for version in self.versions_of(key):
                if version.stored is not None:
                    yield version.stored

    def delete_markers(self) -> int:
        """The number of delete markers."""
        versions = (
            version
            for key in self.keys_with_versions("", inclusive=True)
            for version in self.versions_of(key)
        )
        return sum(version.stored is None for version in versions) if len(self.history) else 0

    def write(self, key: str, stored: StoredObject, new_id: Callable[[], str]) -> None:
        """Make an object the current version of its key.

        Args:
            key: its name.
            stored: the object.
            new_id: returns a version id, if the bucket assigns one.
        """
        if self.versioning is Versioning.NEVER:
            self.objects.put(key, stored)
        else:
            self._add(key, stored.modified, stored, new_id)

    def replace_current(self, key: str, stored: StoredObject) -> None:
        """Replace the current version of a key."""
        versions = self.history.get(key)
        if versions:
            versions[0].stored = stored
        self.objects.put(key, stored)

    def delete(self, key: str, now: int, new_id: Callable[[], str]) -> Version | None:
        """Delete a key; a missing key is not an error.

        Returns:
            the delete marker that now hides it, in a bucket that keeps versions.
        """
        if self.versioning is Versioning.NEVER:
            self.objects.remove(key)
            return None
        return self._add(key, now, None, new_id)

    def delete_version(self, key: str, version_id: str) -> Version | None:
        """Delete one version permanently and return it; a missing version is not an error."""
        removed = self.find(key, version_id)
        if removed is not None:
            self.put_versions(key, [v for v in self.versions_of(key) if v.id != version_id])
        return removed

    def retains(self, key: str, now: float) -> bool:
        """Return whether a key's current object is still retained (docs worm)."""
        stored = self.objects.get(key) if self.retention_days else None
        return stored is not None and now < stored.modified + self.retention_days * _DAY

    def watch(self, changed: Callable[[str], None]) -> None:
        """Register a callback for every key that is written or deleted."""
        self.objects.watch(changed)
        self.history.watch(changed)

    def _add(
        self, key: str, now: int, stored: StoredObject | None, new_id: Callable[[], str]
    ) -> Version:
        id_ = new_id() if self.versioning is Versioning.ENABLED else NULL_VERSION
        added = Version(id_, now, stored)
        self.put_versions(key, [added, *(v for v in self.versions_of(key) if v.id != id_)])
        return added

    def put_versions(self, key: str, versions: list[Version]) -> None:
        """Replace a key's versions, newest first."""
        current = versions[0].stored if versions else None
        if current is None:
            self.objects.remove(key)
        else:
            self.objects.put(key, current)
        alone = current is not None and len(versions) == 1 and versions[0].id == NULL_VERSION
        self.history.put(key, [] if alone else versions)
