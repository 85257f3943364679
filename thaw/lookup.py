"""Find objects by their keys, by listing.

A listing shows class, size and state; HeadObject does, too, but needs the permission to read the
objects' data. If the keys are close together, one listing finds a thousand of them; if they are far
apart, listings are short.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from thaw.json_reader import MAX_KEY_BYTES
from thaw.limits import LIST_KEYS
from thaw.store import NULL_VERSION, ListedObject, Store

_FEWEST_KEYS: Final = 16  # listed as fast as a single key
FIRST_KEYS: Final = 64  # size of the first listing for keys that may be far apart
_SURROGATES: Final = range(0xD800, 0xE000)


ObjectName = tuple[str, str]  # key and version id; the id is empty for the current version


@dataclass(frozen=True)
class FoundObject:
    """An object in a listing.

    Attributes:
        now: the time of the listing by OSS's clock, in seconds since 1970.
    """

    listed: ListedObject
    now: float


def find(
    store: Store, prefix: str, names: Collection[ObjectName], *, first: int | None = None
) -> dict[ObjectName, FoundObject]:
    """Find the objects and versions with these names; the result lacks those that do not exist.

    Args:
        store: the bucket.
        prefix: a common prefix of the keys.
        names: the names, in any order.
        first: as for :func:`find_objects`; by default, all keys are taken to be close together, as
            on a page.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    keys = [key for key, version_id in names if not version_id]
    objects = find_objects(store, prefix, keys, first=first or len(keys))
    found = {(key, ""): obj for key, obj in objects.items()}
    named = [name for name in names if name[1]]
    versions = versions_of(store, prefix, {key for key, _ in named}) if named else {}
    for key, version_id in named:
        version = versions[key].versions.get(version_id) if key in versions else None
        if version is not None:
            found[key, version_id] = version
    return found


def find_objects(
    store: Store, prefix: str, keys: Iterable[str], *, first: int = FIRST_KEYS
) -> dict[str, FoundObject]:
    """Find the current objects with these keys; the result lacks those that do not exist.

    Args:
        store: the bucket.
        prefix: a common prefix of the keys, which the functions are allowed to list.
        keys: the keys, in any order.
        first: size of the first listing: the number of keys that are known to be close together.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    sorted_keys = sorted(set(keys))
    found: dict[str, FoundObject] = {}
    index, last, size = 0, "", min(first, LIST_KEYS)
    while index < len(sorted_keys):
        listing = store.list_after(prefix, max(last, just_before(sorted_keys[index])), size)
        found.update(
            (listed.key, FoundObject(listed, listing.now))
            for listed in listing.objects
            if _contains(sorted_keys, listed.key)
        )
        if not listing.truncated:
            break
        last = listing.objects[-1].key
        passed = bisect_right(sorted_keys, last, index) - index
        index += passed
        # Longer listings pay off if this one found several keys, or did not reach the next key.
        size = max(_FEWEST_KEYS, size // 4) if passed == 1 else min(LIST_KEYS, size * 4)
    return found


@dataclass(frozen=True)
class KeyVersions:
    """The versions of a key.

    Attributes:
        versions: the versions by id, newest first, without delete markers.
        is_deleted: whether a delete marker hides them.
    """

    versions: Mapping[str, FoundObject]
    is_deleted: bool


def versions_of(store: Store, prefix: str, keys: Iterable[str]) -> dict[str, KeyVersions]:
    """Find all versions of these keys; the result lacks keys that have none.

    Args:
        store: the bucket.
        prefix: a common prefix of the keys.
        keys: the keys, in any order.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    keys = set(keys)
    found = defaultdict[str, dict[str, FoundObject]](dict)
    deleted: set[str] = set()
    end, size = "", FIRST_KEYS  # all versions of keys before `end` have been listed
    for key in sorted(keys):
        if key < end:
            continue
        for listing in store.version_listings(prefix, just_before(key), size):
            deleted |= listing.deleted & keys
            for listed in listing.objects:
                if listed.key in keys:
                    id_ = listed.version_id or NULL_VERSION
                    found[listed.key][id_] = FoundObject(listed, listing.now)
            end = listing.objects[-1].key if listing.objects else end
            if end > key or not listing.truncated:
                break
        if not listing.truncated:
            break
        size = LIST_KEYS
    return {key: KeyVersions(versions, key in deleted) for key, versions in found.items()}


def _contains(sorted_keys: Sequence[str], key: str) -> bool:
    index = bisect_left(sorted_keys, key)
    return index < len(sorted_keys) and sorted_keys[index] == key


def just_before(key: str) -> str:
    """Return a text that sorts just before a key, so that hardly any other key is in between."""
    head, last = key[:-1], ord(key[-1]) - 1
    if last in _SURROGATES:
        last = _SURROGATES.start - 1
    # That text has more bytes than the key, and a marker must not be longer than a key may be.
    marker = f"{head}{chr(last)}\U0010ffff" if last > 0 else head
    return marker if len(marker.encode()) <= MAX_KEY_BYTES else head
