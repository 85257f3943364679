"""What one restore task handles: a list of keys, packed or not, or a range of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from functions.packing import NotPacked, longest, pack, unpack
from thaw.json_reader import Reader
from thaw.limits import json_bytes
from thaw.storage_classes import ARCHIVE_CLASSES

RANGE_KEYS = 2000  # listed keys of any class in one range: two ListObjects calls of its task
MIN_RANGE_SIZE = 20  # objects in a group from which on listing it again costs little beside them
MIN_PACKED_SIZE = 5  # objects in a group from which on packing saves more than its frame

_SEPARATOR = 2  # bytes between two values, in the longer of JSON's usual forms
_MOST_OBJECTS = 2**53


@dataclass(frozen=True)
class KeyGroup:
    """Keys of one storage class. ``packed`` says how the flow carries them."""

    storage_class: str
    keys: list[str] = field(default_factory=list)
    packed: bool = False

    @property
    def objects(self) -> int:
        """How many are to be sent for."""
        return len(self.keys)

    def to_json(self) -> dict[str, object]:
        """As the flow carries it."""
        keys = {"packed": pack(self.keys)} if self.packed else {"keys": self.keys}
        return {"storageClass": self.storage_class, **keys}


@dataclass(frozen=True)
class RangeGroup:
    """Everything in (after, until], whatever its class. ``until`` need not be an object's key.

    Attributes:
        objects: how many were to be sent for when the page was listed.
    """

    after: str
    until: str
    objects: int

    def to_json(self) -> dict[str, object]:
        """As the flow carries it."""
        return {"after": self.after, "until": self.until, "objects": self.objects}


Group = KeyGroup | RangeGroup


def parse_group(files: Reader) -> Group:
    """The group that an event carries.

    Raises:
        InvalidInput: it is none.
    """
    packed = files.text("packed", "")
    keys = _unpacked(files, packed) if packed else files.texts("keys", ())
    until = files.text("until", "")
    if until:
        after = files.text("after", "")
        objects = files.whole("objects", 0, 0, _MOST_OBJECTS)
        if after >= until:
            files.fault("until", "must come after after")
        files.finish()
        return RangeGroup(after, until, objects)
    storage_class = files.word("storageClass", "", ARCHIVE_CLASSES)
    if not storage_class:
        files.fault("storageClass", "is required")
    if not keys:
        files.fault("keys", "must name at least one object")
    files.finish()
    return KeyGroup(storage_class, list(keys), packed=bool(packed))


def _unpacked(files: Reader, packed: str) -> Sequence[str]:
    try:
        return unpack(packed)
    except NotPacked as problem:
        files.fault("packed", str(problem))
        return ()


class Groups(Protocol):
    """A page's groups while they grow. Objects are offered in the order of their keys."""

    def bytes_with(self, storage_class: str, key: str, *, to_send: bool) -> int | None:
        r"""Bytes of all groups with this object, as JSON with ``\u`` escapes; None if no room."""

    def add(self, storage_class: str, key: str, *, to_send: bool) -> None:
        """Takes the object in. There must be room for it."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Group]: ...


class KeyGroups:
    """Keys in groups of one class each; what needs no request is not in them.

    Args:
        size: keys in a group.
        limit: groups in all.
    """

    def __init__(self, *, size: int, limit: int) -> None:
        self._bytes = _SEPARATOR
        self._size = size
        self._limit = limit
        self._groups: list[KeyGroup] = []
        self._open: dict[str, KeyGroup] = {}

    def bytes_with(self, storage_class: str, key: str, *, to_send: bool) -> int | None:
        """As :meth:`Groups.bytes_with`."""
        if not to_send:
            return self._bytes
        if storage_class not in self._open and len(self._groups) == self._limit:
            return None
        return self._bytes + self._cost(storage_class, key)

    def add(self, storage_class: str, key: str, *, to_send: bool) -> None:
        """As :meth:`Groups.add`."""
        if not to_send:
            return
        self._bytes += self._cost(storage_class, key)
        group = self._open.get(storage_class)
        if group is None:
            group = self._open[storage_class] = KeyGroup(storage_class)
            self._groups.append(group)
        group.keys.append(key)
        if len(group.keys) == self._size:
            del self._open[storage_class]

    def _cost(self, storage_class: str, key: str) -> int:
        cost = json_bytes(key) + _SEPARATOR
        if storage_class not in self._open:
            cost += json_bytes(KeyGroup(storage_class).to_json()) + _SEPARATOR
        return cost

    def __len__(self) -> int:
        return len(self._groups)

    def __iter__(self) -> Iterator[Group]:
        return iter(self._groups)


class PackedGroups:
    """Keys in groups of one class each, as :class:`KeyGroups`, but packed.

    How short a group's keys pack is known when it is complete. Until then it counts as what its
    keys were packed to when room was last short, and the ones that came since as if nothing in them
    repeated.

    Args:
        size: keys in a group.
        limit: groups in all.
        room: bytes that all groups may have.
    """

    def __init__(self, *, size: int, limit: int, room: int) -> None:
        self._size = size
        self._limit = limit
        self._room = room
        self._groups: list[KeyGroup] = []
        self._open: dict[str, _OpenGroup] = {}
        self._closed_bytes = _SEPARATOR

    def bytes_with(self, storage_class: str, key: str, *, to_send: bool) -> int | None:
        """As :meth:`Groups.bytes_with`."""
        if not to_send:
            return self._bytes
        if storage_class not in self._open and len(self._groups) == self._limit:
            return None
        cost = longest(json_bytes(key) + _SEPARATOR)
        if storage_class not in self._open:
            cost += _packed_bytes(KeyGroup(storage_class, [], packed=True))
        if self._bytes + cost > self._room:
            for group in self._open.values():
                group.pack()
        return self._bytes + cost

    def add(self, storage_class: str, key: str, *, to_send: bool) -> None:
        """As :meth:`Groups.add`."""
        if not to_send:
            return
        if storage_class not in self._open:
            group = KeyGroup(storage_class, [], packed=True)
            self._groups.append(group)
            self._open[storage_class] = _OpenGroup(group)
        open_group = self._open[storage_class]
        open_group.add(key)
        if len(open_group.group.keys) == self._size:
            self._closed_bytes += _packed_bytes(open_group.group)
            del self._open[storage_class]

    @property
    def _bytes(self) -> int:
        return self._closed_bytes + sum(group.bytes for group in self._open.values())

    def __len__(self) -> int:
        return len(self._groups)

    def __iter__(self) -> Iterator[Group]:
        return iter(self._groups)


_LOOSE_BYTES = 1024  # of keys that it is worth packing a group again for


class _OpenGroup:
    """A group that is not complete yet."""

    def __init__(self, group: KeyGroup) -> None:
        self.group = group
        self._packed = _packed_bytes(group)
        self._loose = 0

    @property
    def bytes(self) -> int:
        """What the group takes at the most."""
        return self._packed + longest(self._loose)

    def add(self, key: str) -> None:
        """Takes a key in."""
        self.group.keys.append(key)
        self._loose += json_bytes(key) + _SEPARATOR

    def pack(self) -> None:
        """Counts again, if that may change much."""
        if self._loose > _LOOSE_BYTES:
            self._packed, self._loose = _packed_bytes(self.group), 0


def _packed_bytes(group: KeyGroup) -> int:
    return json_bytes(group.to_json()) + _SEPARATOR


class RangeGroups:
    """Ranges that follow each other without a gap, over everything that is listed.

    Args:
        size: objects to send for in a range.
        limit: ranges in all.
        after: the key behind which the first one starts.
    """

    def __init__(self, *, size: int, limit: int, after: str) -> None:
        self._size = size
        self._limit = limit
        self._closed: list[RangeGroup] = []
        self._closed_bytes = _SEPARATOR
        self._after = self._last = after
        self._scanned = self._objects = 0

    def bytes_with(self, storage_class: str, key: str, *, to_send: bool) -> int | None:  # noqa: ARG002 - Groups
        """As :meth:`Groups.bytes_with`; None, too, where the object needs a range too many."""
        total, after = self._closed_bytes, self._after
        if self._is_full(to_send=to_send):
            if len(self._closed) + 2 > self._limit:
                return None
            boundary = separator(self._last, key)
            total += _range_bytes(RangeGroup(after, boundary, self._objects))
            after = boundary
        return total + _range_bytes(RangeGroup(after, key, self._size))

    def add(self, storage_class: str, key: str, *, to_send: bool) -> None:  # noqa: ARG002 - Groups
        """As :meth:`Groups.add`."""
        if self._is_full(to_send=to_send):
            closed = RangeGroup(self._after, separator(self._last, key), self._objects)
            self._closed.append(closed)
            self._closed_bytes += _range_bytes(closed)
            self._after = closed.until
            self._scanned = self._objects = 0
        self._scanned += 1
        self._objects += to_send
        self._last = key

    def _is_full(self, *, to_send: bool) -> bool:
        return self._scanned == RANGE_KEYS or (to_send and self._objects == self._size)

    def __len__(self) -> int:
        return len(self._closed) + (self._scanned > 0)

    def __iter__(self) -> Iterator[Group]:
        yield from self._closed
        if self._scanned:
            yield RangeGroup(self._after, self._last, self._objects)


def _range_bytes(group: RangeGroup) -> int:
    return json_bytes(group.to_json()) + _SEPARATOR


def separator(last: str, following: str) -> str:
    """The shortest text that parts two keys that follow each other: ``last <= it < following``.

    A key of a thousand bytes has a short one wherever the next key differs early.
    """
    for length in range(1, min(len(following), len(last) + 1)):
        if following[:length] > last:
            return following[:length]
    return last
