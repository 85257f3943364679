"""The calls to OSS on one bucket, as typed data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timezone
from email.utils import parsedate_to_datetime
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
from thaw.retry import BrokenAnswer, RetryPolicy

T = TypeVar("T")

NULL_VERSION = "null"
ByteRange = tuple[int | None, int]
_PIECE_BYTES = 256 * 1024

# The ledger is read soon: it must not fall into a bucket's own archive class.
_PUT_HEADERS = {"x-oss-storage-class": oss2.BUCKET_STORAGE_CLASS_STANDARD}


@dataclass(frozen=True)
class ListedObject:
    """One object in a listing.

    Attributes:
        size: bytes.
        last_modified: seconds since 1970.
        kind: Normal, Multipart, Appendable or Symlink.
        restore_info: as OSS writes it, such as ``ongoing-request="true"``; empty if absent.
        version_id: the version that calls have to name; empty for the current version.
        etag: without quotes; the MD5 of the data, in capital hex, if it was written in one piece.
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
        truncated: whether there are more keys after the last one.
        now: the time of the response by OSS's clock, seconds since 1970. Expiries are compared with
            it, never with this machine's clock.
        deleted: of a listing of versions: keys that a delete marker hides.
    """

    objects: tuple[ListedObject, ...]
    truncated: bool
    now: float
    deleted: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Found:
    """The result of reading a key.

    Attributes:
        body: None if there is no object.
        now: the time of the response by OSS's clock, seconds since 1970.
    """

    body: bytes | None
    now: float


class Store:
    """One bucket.

    All calls but :meth:`restore` are retried, and raise RunError as :func:`thaw.oss_errors.call`.

    Args:
        bucket: an open oss2 bucket; may be shared by threads.
        retry: for every call but :meth:`restore`.
    """

    def __init__(self, bucket: oss2.Bucket, retry: RetryPolicy) -> None:
        self._bucket = bucket
        self.retry = retry
        self.name: str = bucket.bucket_name

    @property
    def arn(self) -> str:
        """The bucket, as RAM names it."""
        return f"acs:oss:*:*:{self.name}"

    def list_after(self, prefix: str, marker: str, max_keys: int = LIST_KEYS) -> Listing:
        """List up to 1,000 objects after a key."""

        def work() -> Listing:
            with _broken_if_unreadable("a listing"):
                result = self._bucket.list_objects(prefix, marker=marker, max_keys=max_keys)
                if result.is_truncated and not result.object_list:
                    raise BrokenAnswer("a truncated listing without keys")
                return _listing(result, result.object_list)

        return call(work, retry=self.retry, action="oss:ListObjects", resource=self.arn)

    def version_listings(
        self, prefix: str, marker: str, first: int = LIST_KEYS
    ) -> Iterator[Listing]:
        """List all versions of all keys after a key, the newest version of each key first.

        Delete markers are left out, so a listing may be empty without being the last.

        Args:
            prefix: of the keys.
            marker: the key to start after.
            first: size of the first listing; the others are as long as they can be.
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
        """A listing, and the key and version after which the next one starts."""

        def work() -> tuple[Listing, str, str]:
            with _broken_if_unreadable("a listing"):
                result = self._bucket.list_object_versions(
                    prefix, key_marker=marker, versionid_marker=version, max_keys=max_keys
                )
                hidden = frozenset(one.key for one in result.delete_marker if one.is_latest)
                listing = replace(_listing(result, result.versions), deleted=hidden)
                return listing, result.next_key_marker, result.next_versionid_marker

        return call(work, retry=self.retry, action="oss:ListObjectVersions", resource=self.arn)

    def listings(self, prefix: str, marker: str) -> Iterator[Listing]:
        """List everything after a key; each listing is fetched when it is needed."""
        while True:
            listing = self.list_after(prefix, marker)
            yield listing
            if not listing.truncated:
                return
            marker = listing.objects[-1].key

    def restore(self, key: str, days: int, tier: str | None, version_id: str = "") -> int:
        """Send one RestoreObject, and return the status of the answer.

        Args:
            key: of the object.
            days: how long it stays readable.
            tier: None where the class has none, or its default will do.
            version_id: empty for the current version.

        Raises:
            OssError: any answer but a 2xx.
        """
        parameters = RestoreJobParameters(tier) if tier else None
        result = self._bucket.restore_object(
            key,
            params={"versionId": version_id} if version_id else {},  # oss2 adds to what it is given
            input=RestoreConfiguration(days, parameters),
        )
        result.resp.read()  # a connection goes back to the pool only once its answer is read
        return int(result.status)

    def exists(self, key: str) -> bool:
        """Whether there is an object with that key."""
        return call(
            lambda: bool(self._bucket.object_exists(key)),
            retry=self.retry,
            action="oss:GetObject",
            resource=f"{self.arn}/{key}",
        )

    def stream(self, key: str, use: Callable[[Iterator[bytes]], T]) -> T | None:
        """Use an object's data piece by piece, from the start again if that fails midway.

        Args:
            key: of the object.
            use: takes the data; may be called again.

        Returns:
            what ``use`` returned; None if there is no such object.
        """

        def work() -> T | None:
            try:
                answer = self._bucket.get_object(key)
            except oss2.exceptions.NoSuchKey:
                return None
            return use(iter(lambda: answer.read(_PIECE_BYTES), b""))

        return call(work, retry=self.retry, action="oss:GetObject", resource=f"{self.arn}/{key}")

    def put(self, key: str, body: bytes | BinaryIO) -> None:
        """Write an object, replacing an existing one."""

        def work() -> None:
            if not isinstance(body, bytes):
                body.seek(0)
            self._write(key, body, _PUT_HEADERS)

        call(work, retry=self.retry, action="oss:PutObject", resource=f"{self.arn}/{key}")

    def create(self, key: str, body: bytes) -> bool:
        """Write an object unless the key exists, and return whether it did.

        Of several calls at the same time exactly one succeeds.

        Raises:
            InvalidDeployment: the bucket keeps versions, where a second call would succeed, too.
        """
        headers = {**_PUT_HEADERS, "x-oss-forbid-overwrite": "true"}

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
        """Read an object; None if there is none."""
        return self.find(key).body

    def find(self, key: str, within: ByteRange | None = None) -> Found:
        """Read an object. If there is none, the request is not billed (docs: request fees).

        Args:
            key: of the object.
            within: first and last byte, both read; without a first one, the last so many bytes.
        """

        def work() -> Found:
            with _broken_if_unreadable("an answer"):
                try:
                    answer = self._bucket.get_object(key, byte_range=within)
                    return Found(bytes(answer.read()), _moment(answer.headers))
                except oss2.exceptions.NoSuchKey as error:
                    return Found(None, _moment(error.headers))

        return call(work, retry=self.retry, action="oss:GetObject", resource=f"{self.arn}/{key}")


@contextmanager
def _broken_if_unreadable(what: str) -> Iterator[None]:
    try:
        yield
    except (ET.ParseError, RuntimeError, ValueError, TypeError, KeyError) as error:
        raise BrokenAnswer(f"{what} that cannot be read: {error!r}") from error


def _listing(
    result: oss2.models.ListObjectsResult | oss2.models.ListObjectVersionsResult,
    objects: Iterable[SimplifiedObjectInfo | ObjectVersionInfo],
) -> Listing:
    return Listing(tuple(map(_listed, objects)), result.is_truncated, _moment(result.headers))


def _listed(found: SimplifiedObjectInfo | ObjectVersionInfo) -> ListedObject:
    version_id = getattr(found, "versionid", "")
    # A bucket that never kept versions has only these, and nobody needs to name them.
    unnamed = version_id == NULL_VERSION and found.is_latest
    return ListedObject(
        key=found.key,
        size=found.size,
        storage_class=found.storage_class,
        last_modified=found.last_modified,
        kind=found.type,
        restore_info=found.restore_info or "",
        version_id="" if unnamed else version_id,
        etag=(found.etag or "").strip('"'),
    )


def _moment(headers: Mapping[str, str]) -> float:
    """When OSS answered, by its own clock.

    Raises:
        KeyError, ValueError, TypeError: the answer does not say.
    """
    return parsedate_to_datetime(headers["Date"]).replace(tzinfo=timezone.utc).timestamp()
