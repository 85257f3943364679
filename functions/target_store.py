"""The calls that check the destination of copies without changing anything there."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from itertools import chain
from typing import Final

from oss2.exceptions import ServerError
from oss2.models import PartInfo, Tagging

from functions.copy_store import CopyStore
from thaw.errors import AccessDenied, StorageRefused
from thaw.oss_errors import NOT_FOUND, call
from thaw.store import NULL_VERSION

_NO_UPLOAD: Final = "0" * 32  # an id that no upload has


class TargetStore(CopyStore):
    """A bucket that may be the destination of copies."""

    def missing_rights(self, prefix: str, *, key: str, versions: bool = False) -> list[str]:
        """Return the actions that copying needs and OSS refuses, by calls that change nothing.

        OSS checks permissions before it looks up the named object or upload, so that a permitted
        call fails because there is no such object or upload. ``oss:DeleteObject``, which copies of
        versions need, cannot be checked like that: deleting nothing adds a delete marker.

        Args:
            prefix: prefix of the copies.
            key: a key that no object has.
            versions: whether older versions are copied, too.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
        """
        oss, part = self._bucket, [PartInfo(1, _NO_UPLOAD)]
        of_version = {"versionId": NULL_VERSION}
        calls: dict[str, Callable[[], object]] = {
            "oss:ListObjects": lambda: oss.list_objects(prefix, max_keys=1),
            "oss:GetObject": lambda: oss.head_object(key),
            "oss:PutObject": lambda: oss.complete_multipart_upload(key, _NO_UPLOAD, part),
            "oss:PutObjectTagging": lambda: oss.put_object_tagging(key, Tagging()),
            "oss:AbortMultipartUpload": lambda: oss.abort_multipart_upload(key, _NO_UPLOAD),
            "oss:ListParts": lambda: oss.list_parts(key, _NO_UPLOAD),
            "oss:ListMultipartUploads": lambda: oss.list_multipart_uploads(prefix, max_uploads=1),
            "oss:GetBucketWorm": oss.get_bucket_worm,
        }
        if versions:
            calls |= {
                "oss:ListObjectVersions": lambda: oss.list_object_versions(prefix, max_keys=1),
                "oss:GetObjectVersion": lambda: oss.head_object(key, params={**of_version}),
                "oss:GetBucketVersioning": oss.get_bucket_versioning,
            }
        return [action for action, send in calls.items() if not self._may(action, send)]

    def old_uploads(self, prefix: str, *, older_than: int) -> tuple[int, int]:
        """Count the unfinished uploads that are older than some seconds, and their bytes.

        Only the first thousand uploads are counted, and the parts of the first hundred old ones.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
        """

        def work() -> tuple[int, int]:
            page = self._bucket.list_multipart_uploads(prefix, max_uploads=1000)
            now = parsedate_to_datetime(page.headers["Date"]).timestamp()
            oldest = now - older_than
            old = [upload for upload in page.upload_list if upload.initiation_date < oldest]
            parts = (self.parts(upload.key, upload.upload_id) or () for upload in old[:100])
            return len(old), sum(part.size for part in chain.from_iterable(parts))

        return call(work, retry=self.retry, action="oss:ListMultipartUploads", resource=self.arn)

    def _may(self, action: str, send: Callable[[], object]) -> bool:
        try:
            call(send, retry=self.retry, action=action, resource=self.arn)
        except AccessDenied:
            return False
        except StorageRefused as error:
            refusal = error.__cause__
            if not isinstance(refusal, ServerError) or refusal.status != NOT_FOUND:
                raise
        return True
