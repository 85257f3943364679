"""What a fault rule makes of an object or part that a copy writes: other data, or no metadata."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from localcloud.faults import FaultRule
from localcloud.oss.content import Content, Literal, join
from localcloud.oss.model import StoredObject, etag_of


def damaged_data(fault: FaultRule | None, content: Content) -> Content:
    """The data as long as it is and with another first byte, if a rule says so.

    Of no data at all one byte is made.
    """
    if fault is None or fault.kind != "damage":
        return content
    if not content.size:
        return Literal(b"\xff")
    other = Literal(bytes([255 - content.read(0, 1)[0]]))
    return join([other, content.cut(1, content.size)])


def kept_headers(fault: FaultRule | None, headers: Mapping[str, str]) -> Mapping[str, str]:
    """What comes back with the object; nothing of it if a rule says so."""
    return {} if fault is not None and fault.kind == "drop_metadata" else headers


def damaged_copy(fault: FaultRule | None, copy: StoredObject) -> StoredObject:
    """A copy as a rule has it. An ETag that is no MD5 does not show that the data is another."""
    copy = dataclasses.replace(copy, headers=kept_headers(fault, copy.headers))
    data = damaged_data(fault, copy.data)
    if data is copy.data or fault is None or fault.kind != "damage":
        return copy
    return dataclasses.replace(
        copy,
        size=data.size,
        content=data,
        crc64=data.crc64(),
        written_etag=copy.written_etag if "-" in copy.written_etag else etag_of(data.md5()),
    )
