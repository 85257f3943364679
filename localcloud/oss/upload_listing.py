"""Pages of a listing of multipart uploads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from localcloud.oss.listing import rolled_up
from localcloud.oss.uploads import Upload


@dataclass(slots=True)
class UploadPage:
    """A page.

    Attributes:
        prefixes: groups of keys rolled up at the delimiter, in order.
        last_key: key or group of the last entry, after which the next page starts.
        last_id: upload id of the last entry; empty for a group.
    """

    uploads: list[Upload] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    last_key: str = ""
    last_id: str = ""
    truncated: bool = False


def list_upload_page(
    uploads: Iterable[Upload],
    *,
    prefix: str,
    delimiter: str,
    after_key: str,
    after_id: str,
    max_uploads: int,
) -> UploadPage:
    """Return the uploads after a key, or after one of its uploads (docs listmultipartuploads)."""
    page = UploadPage()
    for upload in sorted(uploads, key=lambda upload: (upload.key, upload.id)):
        if not upload.key.startswith(prefix):
            continue
        group = rolled_up(upload.key, prefix, delimiter)
        position = (upload.key, upload.id) if group is None else (group, "")
        if position[0] < after_key or (
            position[0] == after_key and (not after_id or position[1] <= after_id)
        ):
            continue
        if page.prefixes and group == page.prefixes[-1]:
            continue
        if len(page.uploads) + len(page.prefixes) == max_uploads:
            page.truncated = True
            break
        if group is None:
            page.uploads.append(upload)
        else:
            page.prefixes.append(group)
        page.last_key, page.last_id = position
    return page
