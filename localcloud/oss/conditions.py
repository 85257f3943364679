"""Conditions on an object's ETag and age (docs getobject, headobject, copyobject).

Assumed: conditions are independent of each other, and an invalid date is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

from localcloud.oss.errors import NotModifiedError, invalid_argument, precondition_failed
from localcloud.oss.httptime import http_date
from localcloud.oss.model import StoredObject

CONDITIONS: Final = "if-match if-none-match if-modified-since if-unmodified-since"  # the headers


def check_conditions(headers: Mapping[str, str], stored: StoredObject, prefix: str = "") -> None:
    """Refuse a request whose conditions the object does not meet.

    Args:
        headers: the request headers, by lower-case name.
        stored: the object.
        prefix: prefix of the header names: ``x-oss-copy-source-`` for a copy's source.

    Raises:
        CloudError: ``PreconditionFailed``, ``NotModified``, ``InvalidArgument`` for a bad date.
    """
    match = headers.get(f"{prefix}if-match")
    if match is not None and not _matches(match, stored):
        raise precondition_failed(f"{prefix}if-match")
    unmodified = headers.get(f"{prefix}if-unmodified-since")
    if unmodified is not None and stored.modified > _seconds(unmodified, "if-unmodified-since"):
        raise precondition_failed(f"{prefix}if-unmodified-since")
    none_match = headers.get(f"{prefix}if-none-match")
    modified = headers.get(f"{prefix}if-modified-since")
    if (none_match is not None and _matches(none_match, stored)) or (
        modified is not None and stored.modified <= _seconds(modified, "if-modified-since")
    ):
        raise NotModifiedError(stored.etag(), http_date(stored.modified))


def _matches(etags: str, stored: StoredObject) -> bool:
    own = stored.etag().strip('"')
    return any(etag.strip().strip('"') in {own, "*"} for etag in etags.split(","))


def _seconds(date: str, name: str) -> float:
    try:
        return parsedate_to_datetime(date).timestamp()
    except ValueError as error:
        raise invalid_argument(f"{name} is not a date: {date!r}.") from error
