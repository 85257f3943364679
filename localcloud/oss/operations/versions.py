"""ListObjectVersions."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from localcloud.http import Response
from localcloud.oss.call import Call, xml_response
from localcloud.oss.errors import invalid_argument
from localcloud.oss.httptime import iso_date
from localcloud.oss.listing import DEFAULT_KEYS, MAX_KEYS
from localcloud.oss.operations.buckets import write_owner
from localcloud.oss.operations.lists import (
    Write,
    encoding_of,
    write_head,
    write_prefixes,
    write_stored,
)
from localcloud.oss.route import bucket_route
from localcloud.oss.store import check_version_id
from localcloud.oss.version_listing import ListedVersion, list_version_page
from localcloud.oss.xml import child, element, text


@bucket_route(
    "ListObjectVersions",
    "GET",
    "versions",
    parameters="prefix delimiter key-marker version-id-marker max-keys encoding-type",
)
def list_object_versions(call: Call) -> Response:
    """ListObjectVersions: pages by key and version, including delete markers."""
    write = encoding_of(call)
    key_marker, version_marker = call.name("key-marker"), call.query.get("version-id-marker", "")
    if version_marker:
        check_version_id(version_marker)
        if not key_marker:
            raise invalid_argument("version-id-marker requires key-marker.")
    max_keys = call.number("max-keys", default=DEFAULT_KEYS, most=MAX_KEYS)
    page = list_version_page(
        call.bucket,
        prefix=call.name("prefix"),
        delimiter=call.name("delimiter"),
        after_key=key_marker,
        after_version=version_marker,
        max_keys=max_keys,
    )
    root = element("ListVersionsResult")
    write_head(root, call, max_keys, write, truncated=page.truncated)
    text(root, "KeyMarker", write(key_marker))
    text(root, "VersionIdMarker", version_marker)
    if page.truncated:
        text(root, "NextKeyMarker", write(page.last_key))
        text(root, "NextVersionIdMarker", page.last_version)
    owner = call.bucket.owner
    for listed in page.versions:
        _write_version(root, listed, call.store.now(), write, owner)
    write_prefixes(root, page.prefixes, write)
    return xml_response(root)


def _write_version(
    root: Element, listed: ListedVersion, now: float, write: Write, owner: str
) -> None:
    stored = listed.version.stored
    node = child(root, "DeleteMarker" if stored is None else "Version")
    text(node, "Key", write(listed.key))
    text(node, "VersionId", listed.version.id)
    text(node, "IsLatest", "true" if listed.is_latest else "false")
    text(node, "LastModified", iso_date(listed.version.modified))
    if stored is not None:
        write_stored(node, stored, now)
    write_owner(node, owner)
