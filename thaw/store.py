"""The calls to OSS on one bucket, with typed results."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timezone
from email.utils import parsedate_to_datetime
from functools import partial
from typing import BinaryIO, TypeVar
from xml.etree import ElementTree as ET

import oss2
from oss2.models import (
    ObjectVersionInfo,
    RestoreConfiguration,
    RestoreJobParameters,
    SimplifiedObjectInfo,
)

from thaw.errors import InvalidDeployment
from thaw.limits import LIST_KEYS
from thaw.oss_errors import call
from thaw.retry import BrokenResponse, RetryPolicy

T = TypeVar("T")

NULL_VERSION = "null"
ByteRange = tuple[int | None, int]
_PIECE_BYTES = 256 * 1024

# The ledger is read soon, so it must not get the bucket's own class if that is an archive class.
_PUT_HEADERS = {"x-oss-storage-class": oss2.BUCKET_STORAGE_CLASS_STANDARD}


@dataclass(frozen=True)
class ListedObject:
    """One object in a listing.

    Attributes:
        size: its size in bytes.
        last_modified: when it was written, in seconds since 1970.
        kind: Normal, Multipart, Appendable or Symlink.
        restore_info: its RestoreInfo, such as ``ongoing-request="true"``; empty if absent.
        version_id: the version that calls have to name; empty for the current version.
        etag: its ETag without quotes: the MD5 of the data, in capital hex, if it was uploaded with
            one request.
    """

    key: str
    size: int
    storage_class: str
    last_modified: int
    kind: str = "Normal"
    restore_info: str = ""
    version_id: str = ""
    etag: str = ""


@dataclass(frozen=True)
class Listing:
    """One ListObjects response.

    Attributes:
        truncated: whether more keys follow.
        now: the time of the response by OSS's clock, in seconds since 1970. Expiries are compared
            with it, never with this machine's clock.
        deleted: keys that a delete marker hides; only in a listing of versions.
    """

    objects: tuple[ListedObject, ...]
    truncated: bool
    now: float
    deleted: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Found:
    """The result of reading a key.

    Attributes:
        body: the object's data; None if it does not exist.
        now: the time of the response by OSS's clock, in seconds since 1970.
    """

    body: bytes | None
    now: float


class Store:
    """One bucket.

    All calls but :meth:`restore` are retried, and raise RunError as :func:`thaw.oss_errors.call`.

    Args:
        bucket: an open oss2 bucket; may be shared by threads.
        retry: the policy for every call but :meth:`restore`.
    """

    def __init__(self, bucket: oss2.Bucket, retry: RetryPolicy) -> None:
        self._bucket = bucket
        self.retry = retry
        self.name: str = bucket.bucket_name

    @property
    def arn(self) -> str:
        """The bucket's ARN."""
        return f"acs:oss:*:*:{self.name}"

    def list_after(self, prefix: str, marker: str, max_keys: int = LIST_KEYS) -> Listing:
        """List up to 1,000 objects after a key."""

        def work() -> Listing:
            with _broken_if_unreadable("a listing"):
                result = self._bucket.list_objects(prefix, marker=marker, max_keys=max_keys)
                if result.is_truncated and not result.object_list:
                    raise BrokenResponse("a truncated listing without keys")
                return _listing(result, result.object_list)

        return call(work, retry=self.retry, action="oss:ListObjects", resource=self.arn)

    def version_listings(
        self, prefix: str, marker: str, first: int = LIST_KEYS
    ) -> Iterator[Listing]:
        """List all versions of all keys after a key, the newest version of each key first.

        Delete markers are left out, so a listing may be empty without being the last.

        Args:
            prefix: the prefix of the keys.
            marker: the key to start after.
            first: size of the first listing; the others have the maximum size.
        """
        max_keys, version = min(first, LIST_KEYS), ""
        while True:
            listing, marker, version = self._versions_after(prefix, marker, version, max_keys)
            max_keys = LIST_KEYS
            yield listing
            if not listing.truncated:
                return

    def _versions_after(
        self, prefix: str, marker: str, version: str, max_keys: int
    ) -> tuple[Listing, str, str]:
        """Return a listing, and the key and version after which the next one starts."""

        def work() -> tuple[Listing, str, str]:
            with _broken_if_unreadable("a listing"):
                result = self._bucket.list_object_versions(
                    prefix, key_marker=marker, versionid_marker=version, max_keys=max_keys
                )
                hidden = frozenset(
                    marker.key for marker in result.delete_marker if marker.is_latest
                )
                listing = replace(_listing(result, result.versions), deleted=hidden)
                return listing, result.next_key_marker, result.next_versionid_marker

        return call(work, retry=self.retry, action="oss:ListObjectVersions", resource=self.arn)

    def listings(self, prefix: str, marker: str) -> Iterator[Listing]:
        """List everything after a key; each listing is requested when it is needed."""
        while True:
            listing = self.list_after(prefix, marker)
            yield listing
            if not listing.truncated:
                return
            marker = listing.objects[-1].key

    def restore(self, key: str, days: int, tier: str | None, version_id: str = "") -> int:
        """Send one RestoreObject request, and return the status of the response.

        Args:
            key: the object's key.
            days: the days for which it stays readable.
            tier: the tier; None for the class's default, or if it has none.
            version_id: the version; empty for the current one.

        Raises:
            OssError: the response is not a 2xx.
        """
        parameters = RestoreJobParameters(tier) if tier else None
        result = self._bucket.restore_object(
            key,
            params={"versionId": version_id} if version_id else {},  # a new dict: oss2 adds to it
            input=RestoreConfiguration(days, parameters),
        )
        result.resp.read()  # the connection returns to the pool only after that
        return int(result.status)

    def exists(self, key: str) -> bool:
        """Return whether an object exists."""
        return call(
            lambda: bool(self._bucket.object_exists(key)),
            retry=self.retry,
            action="oss:GetObject",
            resource=f"{self.arn}/{key}",
        )

    def stream(self, key: str, use: Callable[[Iterator[bytes]], T]) -> T | None:
        """Use an object's data piece by piece, and start again if that fails midway.

        Args:
            key: the object's key.
            use: uses the data; may be called again.

        Returns:
            the result of ``use``; None if the object does not exist.
        """

        def work() -> T | None:
            try:
                response = self._bucket.get_object(key)
            except oss2.exceptions.NoSuchKey:
                return None
            return use(iter(lambda: response.read(_PIECE_BYTES), b""))

        return call(work, retry=self.retry, action="oss:GetObject", resource=f"{self.arn}/{key}")

    def put(self, key: str, body: bytes | BinaryIO) -> None:
        """Write an object, replacing an existing one."""
        headers = {**_PUT_HEADERS, "Content-MD5": _content_md5(body)}

        def work() -> None:
            if not isinstance(body, bytes):
                body.seek(0)
            self._write(key, body, headers)

        call(work, retry=self.retry, action="oss:PutObject", resource=f"{self.arn}/{key}")

    def create(self, key: str, body: bytes) -> bool:
        """Write an object unless the key exists, and return whether it did.

        Of several simultaneous calls, exactly one succeeds.

        Raises:
            InvalidDeployment: the bucket keeps versions, so a second call would succeed, too.
        """
        headers = {
            **_PUT_HEADERS,
            "Content-MD5": _content_md5(body),
            "x-oss-forbid-overwrite": "true",
        }

        def work() -> bool:
            try:
                self._write(key, body, headers)
            except oss2.exceptions.ServerError as error:
                if error.code == "FileAlreadyExists":
                    return False
                raise
            return True

        return call(work, retry=self.retry, action="oss:PutObject", resource=f"{self.arn}/{key}")

    def _write(self, key: str, body: bytes | BinaryIO, headers: Mapping[str, str]) -> None:
        written = self._bucket.put_object(key, body, headers=headers)
        if written.versionid:
            raise InvalidDeployment(
                f"the report bucket {self.name} keeps versions, where x-oss-forbid-overwrite has no"
                " effect (docs PutObject): a run's records could be replaced. Name one that never"
                " kept versions as report.bucket, and deploy"
            )

    def get(self, key: str) -> bytes | None:
        """Read an object; None if it does not exist."""
        return self.find(key).body

    def find(self, key: str, within: ByteRange | None = None) -> Found:
        """Read an object. If it does not exist, the request is not billed (docs: request fees).

        Args:
            key: the object's key.
            within: first and last byte of a range; without a first byte, the number of last bytes.
        """

        def work() -> Found:
            with _broken_if_unreadable("a response"):
                try:
                    response = self._bucket.get_object(key, byte_range=within)
                    return Found(bytes(response.read()), _moment(response.headers))
                except oss2.exceptions.NoSuchKey as error:
                    return Found(None, _moment(error.headers))

        return call(work, retry=self.retry, action="oss:GetObject", resource=f"{self.arn}/{key}")


def _content_md5(body: bytes | BinaryIO) -> str:
    """Return the value of Content-MD5, with which OSS refuses data that was damaged on the way."""
    digest = hashlib.md5(usedforsecurity=False)
    if isinstance(body, bytes):
        digest.update(body)
    else:
        body.seek(0)
        for piece in iter(partial(body.read, _PIECE_BYTES), b""):
            digest.update(piece)
    return base64.b64encode(digest.digest()).decode()


@contextmanager
def _broken_if_unreadable(subject: str) -> Iterator[None]:
    try:
        yield
    except (ET.ParseError, RuntimeError, ValueError, TypeError, KeyError) as error:
        raise BrokenResponse(f"{subject} that cannot be read: {error!r}") from error


def _listing(
    result: oss2.models.ListObjectsResult | oss2.models.ListObjectVersionsResult,
    objects: Iterable[SimplifiedObjectInfo | ObjectVersionInfo],
) -> Listing:
    return Listing(tuple(map(_listed, objects)), result.is_truncated, _moment(result.headers))


def _listed(info: SimplifiedObjectInfo | ObjectVersionInfo) -> ListedObject:
    version_id = getattr(info, "versionid", "")
    # A bucket that never kept versions has only null versions, which calls need not name.
    unnamed = version_id == NULL_VERSION and info.is_latest
    return ListedObject(
        key=info.key,
        size=info.size,
        storage_class=info.storage_class,
        last_modified=info.last_modified,
        kind=info.type,
        restore_info=info.restore_info or "",
        version_id="" if unnamed else version_id,
        etag=(info.etag or "").strip('"'),
    )


def _moment(headers: Mapping[str, str]) -> float:
    """Return the time of a response by OSS's clock, in seconds since 1970.

    Raises:
        KeyError, ValueError, TypeError: the response has no valid date.
    """
    return parsedate_to_datetime(headers["Date"]).replace(tzinfo=timezone.utc).timestamp()
