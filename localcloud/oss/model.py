"""What OSS keeps of objects, and their order: that of the bytes of their UTF-8 keys."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pydantic import Base64Bytes
from sortedcontainers import SortedDict


class StorageClass(StrEnum):
    """Storage classes, as the API spells them."""

    STANDARD = "Standard"
    IA = "IA"
    ARCHIVE = "Archive"
    COLD_ARCHIVE = "ColdArchive"
    DEEP_COLD_ARCHIVE = "DeepColdArchive"

    @property
    def is_archived(self) -> bool:
        """Whether its objects have to be thawed before they can be read."""
        return self in _ARCHIVED


_ARCHIVED: Final = frozenset(
    {StorageClass.ARCHIVE, StorageClass.COLD_ARCHIVE, StorageClass.DEEP_COLD_ARCHIVE}
)


class Tier(StrEnum):
    """How fast a cold object is thawed, as the API spells it."""

    EXPEDITED = "Expedited"
    STANDARD = "Standard"
    BULK = "Bulk"


class ObjectType(StrEnum):
    """Kinds of objects, as ``x-oss-object-type`` and ``<Type>`` spell them."""

    NORMAL = "Normal"
    APPENDABLE = "Appendable"
    SYMLINK = "Symlink"


@dataclass(slots=True)
class Thaw:
    """A thaw that was asked for. Times in seconds of cloud time since 1970.

    Attributes:
        tier: None for Archive, which has no tiers.
        ready_at: when the data becomes readable.
        expires_at: when it is frozen again; whole, as the wire tells whole seconds.
    """

    tier: Tier | None
    ready_at: float
    expires_at: int


_PATTERN: Final = bytes(range(256))  # what made-up bodies consist of
_NO_HEADERS: Final[Mapping[str, str]] = {}  # one for all objects, hence read-only


@dataclass(slots=True)
class StoredObject:
    """One object. There may be millions, so it holds little.

    Attributes:
        size: bytes.
        modified: seconds of cloud time since 1970, whole as the wire tells whole seconds.
        body: None for an object of a declared size whose body is made up when it is read.
        target: the key that a symlink stands for.
        headers: what the writer set: content type, ``x-oss-meta-*`` and the like.
    """

    size: int
    storage_class: StorageClass
    modified: int
    type: ObjectType = ObjectType.NORMAL
    body: Base64Bytes | None = None
    target: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: _NO_HEADERS)
    thaw: Thaw | None = None

    def etag(self) -> str:
        """The ETag, quoted: the body's MD5 in upper case; a made-up body's is of its size."""
        content = str(self.size).encode() if self.body is None else self.body
        return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest().upper()}"'

    def read(self, start: int, end: int) -> bytes:
        """The bytes from ``start`` up to, not including, ``end``."""
        if self.body is not None:
            return self.body[start:end]
        offset = start % len(_PATTERN)
        length = end - start
        return (_PATTERN * ((offset + length) // len(_PATTERN) + 1))[offset : offset + length]


class ObjectIndex:
    """Objects by key, in the byte order of UTF-8, which is also the order of Python's strings."""

    def __init__(self, objects: Iterable[tuple[str, StoredObject]] = ()) -> None:
        self._objects: SortedDict[str, StoredObject] = SortedDict(objects)

    def __len__(self) -> int:
        return len(self._objects)

    def get(self, key: str) -> StoredObject | None:
        """The object with that key, if any."""
        found: StoredObject | None = self._objects.get(key)
        return found

    def put(self, key: str, stored: StoredObject) -> None:
        """Adds or replaces an object."""
        self._objects[key] = stored

    def update(self, objects: Iterable[tuple[str, StoredObject]]) -> None:
        """Adds or replaces many objects, faster than one by one; all of them or none."""
        self._objects.update(dict(objects))

    def remove(self, key: str) -> None:
        """Takes an object away; a key that is not there is fine."""
        self._objects.pop(key, None)

    def keys_from(self, key: str, *, inclusive: bool) -> Iterator[str]:
        """Keys behind a key, or from it on, in order."""
        keys: Iterator[str] = self._objects.irange(key, inclusive=(inclusive, True))
        return keys

    def items(self) -> Iterable[tuple[str, StoredObject]]:
        """All keys and objects, in order."""
        items: Iterable[tuple[str, StoredObject]] = self._objects.items()
        return items

    def values(self) -> Iterable[StoredObject]:
        """All objects, in order of their keys."""
        values: Iterable[StoredObject] = self._objects.values()
        return values
