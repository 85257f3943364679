"""The amount of data that is copied or promoted after a thaw."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from thaw.copy_parts import MAX_WHOLE_BYTES, is_copied_in_parts, part_requests
from thaw.storage_classes import SMALLEST_BILLED_BYTES, minimum_days_left

if TYPE_CHECKING:  # the command line counts without oss2
    from thaw.store import ListedObject


@dataclass
class CopyLoad:
    """The objects of one storage class that are copied.

    Attributes:
        objects: number of objects.
        bytes: their total size.
        billed_bytes: bytes that archived storage bills for them.
        requests: Put requests that copy them: one each, or one for each part.
        large: number of objects that are copied in parts.
        young: number of objects younger than their class's minimum storage time, counted from
            their last modification; None if unknown.
        young_byte_days: for each of these, the rest of that time in days, times its billed bytes.
    """

    objects: float = 0
    bytes: float = 0
    billed_bytes: float = 0
    requests: float = 0
    large: float = 0
    young: int | None = 0
    young_byte_days: float = 0

    def add(self, listed: ListedObject, now: float, *, promotes: bool) -> None:
        """Add an object.

        Args:
            listed: the object.
            now: OSS's clock, in seconds since 1970.
            promotes: whether it is copied onto itself.
        """
        size, billed = listed.size, max(listed.size, SMALLEST_BILLED_BYTES)
        in_parts = is_copied_in_parts(size, kind=listed.kind, etag=listed.etag, promotes=promotes)
        self.objects += 1
        self.bytes += size
        self.billed_bytes += billed
        self.requests += part_requests(size) if in_parts else 1
        self.large += in_parts
        days = minimum_days_left(listed.storage_class, now - listed.last_modified)
        if days:
            self.young = (self.young or 0) + 1
            self.young_byte_days += days * billed

    def share(self, parts: int) -> CopyLoad:
        """Return one of several equal parts of the load; ages are not divided."""
        return replace(
            self,
            objects=self.objects / parts,
            bytes=self.bytes / parts,
            billed_bytes=self.billed_bytes / parts,
            requests=self.requests / parts,
            large=self.large / parts,
        )

    @classmethod
    def of_any_age(cls, objects: int, object_bytes: float) -> CopyLoad:
        """Return the load of objects of one size and unknown age."""
        size = int(object_bytes)
        return cls(
            objects=objects,
            bytes=objects * object_bytes,
            billed_bytes=objects * max(object_bytes, SMALLEST_BILLED_BYTES),
            requests=objects * (part_requests(size) if size > MAX_WHOLE_BYTES else 1),
            large=objects * (size > MAX_WHOLE_BYTES),
            young=None,
        )
