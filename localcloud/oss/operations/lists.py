"""ListObjects, versions 1 and 2."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from xml.etree.ElementTree import Element

from localcloud.http import Response
from localcloud.oss.call import Call, xml_response
from localcloud.oss.errors import invalid_argument
from localcloud.oss.httptime import iso_date
from localcloud.oss.listing import DEFAULT_KEYS, MAX_KEYS, Page, list_page
from localcloud.oss.model import StoredObject
from localcloud.oss.operations.buckets import write_owner
from localcloud.oss.restore import restore_info
from localcloud.oss.route import bucket_route
from localcloud.oss.xml import child, element, text, url_encode

Write = Callable[[str], str]


def _as_it_is(key: str) -> str:
    return key


def encoding_of(call: Call) -> Write:
    """Return how to encode keys in the response; raise ``InvalidArgument`` if unknown."""
    encoding = call.query.get("encoding-type", "")
    if encoding not in {"", "url"}:
        raise invalid_argument(f"encoding-type can only be 'url', not {encoding!r}.")
    return url_encode if encoding else _as_it_is


def _page(call: Call, after: str, max_keys: int) -> Page:
    return list_page(
        call.bucket.objects,
        prefix=call.name("prefix"),
        delimiter=call.name("delimiter"),
        after=after,
        max_keys=max_keys,
    )


def write_head(root: Element, call: Call, max_keys: int, write: Write, *, truncated: bool) -> None:
    """Write what a listing repeats of its request, and whether it has a next page."""
    text(root, "Name", call.bucket_name)
    text(root, "Prefix", write(call.name("prefix")))
    text(root, "MaxKeys", str(max_keys))
    text(root, "Delimiter", write(call.name("delimiter")))
    text(root, "IsTruncated", "true" if truncated else "false")
    if write is url_encode:  # tells clients that keys are encoded
        text(root, "EncodingType", "url")


def _write_entries(root: Element, call: Call, page: Page, write: Write, owner: str) -> None:
    now = call.store.now()
    for key, stored in page.objects:
        node = child(root, "Contents")
        text(node, "Key", write(key))
        text(node, "LastModified", iso_date(stored.modified))
        write_stored(node, stored, now)
        if owner:
            write_owner(node, owner)
    write_prefixes(root, page.prefixes, write)


def write_stored(node: Element, stored: StoredObject, now: float) -> None:
    """Write an object's properties into its entry of a listing."""
    text(node, "ETag", stored.etag())
    text(node, "Type", stored.type)
    text(node, "Size", str(stored.size))
    text(node, "StorageClass", stored.storage_class)
    info = restore_info(stored, now)
    if info:
        text(node, "RestoreInfo", info)


def write_prefixes(root: Element, prefixes: Iterable[str], write: Write) -> None:
    """Write the groups of keys that a listing with a delimiter has."""
    for prefix in prefixes:
        text(child(root, "CommonPrefixes"), "Prefix", write(prefix))


@bucket_route("ListObjects", "GET", parameters="prefix delimiter marker max-keys encoding-type")
def list_objects(call: Call) -> Response:
    """ListObjects: pages by ``marker``."""
    write = encoding_of(call)
    marker = call.name("marker")
    max_keys = call.number("max-keys", default=DEFAULT_KEYS, most=MAX_KEYS)
    page = _page(call, marker, max_keys)
    root = element("ListBucketResult")
    write_head(root, call, max_keys, write, truncated=page.truncated)
    text(root, "Marker", write(marker))
    if page.truncated:
        text(root, "NextMarker", write(page.last))
    _write_entries(root, call, page, write, call.bucket.owner)
    return xml_response(root)


def _write_token(key: str) -> str:
    # Clients URL-decode the token in url mode, so it uses the URL-safe alphabet.
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _read_token(token: str) -> str:
    try:
        padded = token + "=" * (-len(token) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except ValueError:
        raise invalid_argument("The continuation token provided is incorrect.") from None


@bucket_route(
    "ListObjectsV2",
    "GET",
    "list-type",
    action="oss:ListObjects",
    parameters="prefix delimiter continuation-token start-after max-keys fetch-owner encoding-type",
)
def list_objects_v2(call: Call) -> Response:
    """ListObjectsV2: pages by continuation token; owners are listed on request."""
    write = encoding_of(call)
    query = call.query
    token, start_after = query.get("continuation-token", ""), call.name("start-after")
    max_keys = call.number("max-keys", default=DEFAULT_KEYS, most=MAX_KEYS)
    page = _page(call, _read_token(token) if token else start_after, max_keys)
    root = element("ListBucketResult")
    write_head(root, call, max_keys, write, truncated=page.truncated)
    text(root, "StartAfter", write(start_after))
    text(root, "KeyCount", str(len(page)))
    if token:
        text(root, "ContinuationToken", token)
    if page.truncated:
        text(root, "NextContinuationToken", _write_token(page.last))
    owner = call.bucket.owner if query.get("fetch-owner") == "true" else ""
    _write_entries(root, call, page, write, owner)
    return xml_response(root)
