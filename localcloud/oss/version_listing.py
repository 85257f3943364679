"""Pages of a listing of versions: keys in order, the newest version of each key first."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import dropwhile
from typing import NamedTuple

from localcloud.oss.bucket import Bucket, Version
from localcloud.oss.listing import prefix_end, rolled_up, start_of


class ListedVersion(NamedTuple):
    """A version, and whether it is the key's current version."""

    key: str
    version: Version
    is_latest: bool


@dataclass(slots=True)
class VersionPage:
    """A page.

    Attributes:
        prefixes: groups of keys rolled up at the delimiter, in order.
        last_key: key or group of the last entry, after which the next page starts.
        last_version: version of the last entry; empty for a group.
    """

    versions: list[ListedVersion] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    last_key: str = ""
    last_version: str = ""
    truncated: bool = False

    def __len__(self) -> int:
        return len(self.versions) + len(self.prefixes)


def list_version_page(
    bucket: Bucket,
    *,
    prefix: str,
    delimiter: str,
    after_key: str,
    after_version: str,
    max_keys: int,
) -> VersionPage:
    """Return the versions after one version of a key, or after all of its versions.

    Assumed: if that version no longer exists, all versions of its key are listed.
    """
    page = VersionPage()
    start, inclusive = start_of(prefix, delimiter, after_key)
    if after_version and start == after_key:
        inclusive = True
    while start is not None:
        for key in bucket.keys_with_versions(start, inclusive=inclusive):
            if not key.startswith(prefix):
                return page
            group = rolled_up(key, prefix, delimiter)
            if group is None:
                seen = after_version if key == after_key else ""
                if not _add_versions(page, bucket, key, seen, max_keys):
                    return page
            elif len(page) == max_keys:
                page.truncated = True
                return page
            else:
                page.prefixes.append(group)
                page.last_key, page.last_version = group, ""
                start, inclusive = prefix_end(group), True
                break
        else:
            return page
    return page


def _add_versions(
    page: VersionPage, bucket: Bucket, key: str, after_version: str, max_keys: int
) -> bool:
    """Add a key's versions; return False if the page is full and there are more."""
    versions = bucket.versions_of(key)
    remaining = list(versions)
    if any(version.id == after_version for version in versions):
        remaining = list(dropwhile(lambda version: version.id != after_version, versions))[1:]
    for version in remaining:
        if len(page) == max_keys:
            page.truncated = True
            return False
        page.versions.append(ListedVersion(key, version, version is versions[0]))
        page.last_key, page.last_version = key, version.id
    return True
