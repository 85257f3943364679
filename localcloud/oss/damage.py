"""Applies a fault rule to an object or part that a copy writes: other data, or no metadata."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from localcloud.faults import FaultRule
from localcloud.oss.content import Content, Literal, join
from localcloud.oss.model import StoredObject, etag_of


def damage_data(fault: FaultRule | None, content: Content) -> Content:
    """Return the data with another first byte if a rule applies; empty data becomes one byte."""
    if fault is None or fault.kind != "damage":
        return content
    if not content.size:
        return Literal(b"\xff")
    changed = Literal(bytes([255 - content.read(0, 1)[0]]))
    return join([changed, content.slice(1, content.size)])


def remaining_headers(fault: FaultRule | None, headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return the object's headers, or none if a rule drops them."""
    return {} if fault is not None and fault.kind == "drop_metadata" else headers


def damage_copy(fault: FaultRule | None, copy: StoredObject) -> StoredObject:
    """Apply a rule to a copy. An ETag that is not an MD5 does not reveal changed data."""
    copy = dataclasses.replace(copy, headers=remaining_headers(fault, copy.headers))
    data = damage_data(fault, copy.data)
    if data is copy.data or fault is None or fault.kind != "damage":
        return copy
    return dataclasses.replace(
        copy,
        size=data.size,
        content=data,
        crc64=data.crc64(),
        written_etag=copy.written_etag if "-" in copy.written_etag else etag_of(data.md5()),
    )
