"""Objects as OSS stores them, ordered by the UTF-8 bytes of their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sortedcontainers import SortedDict

from localcloud.oss.checksums import md5
from localcloud.oss.content import Content, GeneratedContent


class StorageClass(StrEnum):
    """Storage classes, in the API's spelling."""

    STANDARD = "Standard"
    IA = "IA"
    ARCHIVE = "Archive"
    COLD_ARCHIVE = "ColdArchive"
    DEEP_COLD_ARCHIVE = "DeepColdArchive"

    @property
    def is_archived(self) -> bool:
        """Whether objects must be thawed before they can be read."""
        return self in _ARCHIVED


_ARCHIVED: Final = frozenset(
    {StorageClass.ARCHIVE, StorageClass.COLD_ARCHIVE, StorageClass.DEEP_COLD_ARCHIVE}
)


class Tier(StrEnum):
    """Restore tiers of cold objects, in the API's spelling."""

    EXPEDITED = "Expedited"
    STANDARD = "Standard"
    BULK = "Bulk"


class ObjectType(StrEnum):
    """Types of objects, as in ``x-oss-object-type`` and ``<Type>``."""

    NORMAL = "Normal"
    MULTIPART = "Multipart"
    APPENDABLE = "Appendable"
    SYMLINK = "Symlink"


class Acl(StrEnum):
    """ACLs, in the API's spelling."""

    DEFAULT = "default"  # for objects only: the bucket's ACL
    PRIVATE = "private"
    PUBLIC_READ = "public-read"
    PUBLIC_READ_WRITE = "public-read-write"


@dataclass(slots=True)
class Thaw:
    """A requested thaw. Times are in seconds of cloud time since 1970.

    Attributes:
        tier: None for Archive, which has no tiers.
        ready_at: when the data becomes readable.
        expires_at: when the data is frozen again; whole seconds, as in OSS.
    """

    tier: Tier | None
    ready_at: float
    expires_at: int


_NOTHING: Final[Mapping[str, str]] = {}  # shared by all objects, and so read-only


def etag_of(digest: bytes) -> str:
    """Return an MD5 digest in the format of an ETag, without quotes."""
    return digest.hex().upper()


@dataclass(frozen=True, slots=True)
class Attributes:
    """The attributes of an object that its writer sets, without the data.

    Attributes:
        headers: headers stored with the object: content type, ``x-oss-meta-*`` and so on.
    """

    storage_class: StorageClass
    headers: Mapping[str, str]
    acl: Acl = Acl.DEFAULT
    tags: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


@dataclass(slots=True)
class StoredObject:
    """An object, small since there may be millions.

    Attributes:
        size: size in bytes.
        modified: whole seconds of cloud time since 1970, as in OSS.
        content: the data; None for an object with a declared size and generated data.
        target: the key that a symlink points to.
        headers: headers set by the writer: content type, ``x-oss-meta-*`` and so on.
        written_etag: the ETag without quotes; empty if it is derived from the size.
        crc64: CRC-64 of the data; None until it is first needed.
        content_md5: MD5 of the data, as in the header; empty if OSS sends none.
    """

    size: int
    storage_class: StorageClass
    modified: int
    type: ObjectType = ObjectType.NORMAL
    content: Content | None = None
    target: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    thaw: Thaw | None = None
    acl: Acl = Acl.DEFAULT
    tags: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    written_etag: str = ""
    crc64: int | None = None
    content_md5: str = ""

    def etag(self) -> str:
        """Return the ETag, quoted; for a declared size it is derived from the size."""
        return f'"{self.written_etag or etag_of(md5(str(self.size).encode()))}"'

    @property
    def data(self) -> Content:
        """The data, generated or not."""
        return GeneratedContent(self.size) if self.content is None else self.content

    def crc(self) -> int:
        """Return the CRC-64 of the data."""
        if self.crc64 is None:
            self.crc64 = self.data.crc64()
        return self.crc64

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from ``start`` up to, not including, ``end``."""
        return self.data.read(start, end)


def _ignore(_: str) -> None:
    """Default callback of an index that nobody watches."""


class ObjectIndex:
    """Objects by key, in the byte order of UTF-8, which is also Python's order of strings."""

    def __init__(self) -> None:
        self._objects: SortedDict[str, StoredObject] = SortedDict()
        self._changed: Callable[[str], None] = _ignore

    def watch(self, changed: Callable[[str], None]) -> None:
        """Register a callback for every key that is added, replaced or removed."""
        self._changed = changed

    def __len__(self) -> int:
        return len(self._objects)

    def get(self, key: str) -> StoredObject | None:
        """Return the object with that key, if any."""
        stored: StoredObject | None = self._objects.get(key)
        return stored

    def put(self, key: str, stored: StoredObject) -> None:
        """Add or replace an object."""
        self._objects[key] = stored
        self._changed(key)

    def update(self, objects: Iterable[tuple[str, StoredObject]]) -> None:
        """Add or replace many objects, all or none, faster than one by one."""
        new = dict(objects)
        self._objects.update(new)
        for key in new:
            self._changed(key)

    def remove(self, key: str) -> None:
        """Remove an object; a missing key is not an error."""
        self._objects.pop(key, None)
        self._changed(key)

    def keys_from(self, key: str, *, inclusive: bool) -> Iterator[str]:
        """Yield the keys after a key, or starting from it, in order."""
        keys: Iterator[str] = self._objects.irange(key, inclusive=(inclusive, True))
        return keys

    def values(self) -> Iterable[StoredObject]:
        """Return all objects, in order of their keys."""
        values: Iterable[StoredObject] = self._objects.values()
        return values
