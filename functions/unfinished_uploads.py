"""Records of unfinished uploads, so that a later call or run continues them.

``{prefix}uploads/{hash}.json`` in the report bucket describes the upload of one key of one bucket.
It is written before the upload is started, so that an upload whose id was never recorded is found
by its key. A file of the same name in ``uploads/`` of the run's ledger names the key, so that the
uploads of a run that is stopped or dies are aborted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from thaw.ledger import Ledger

_OF_RUN: Final = "uploads/"


@dataclass(frozen=True)
class UnfinishedUpload:
    """An upload that was started, or is about to be.

    Attributes:
        key: key of the copy.
        etag: ETag of the source.
        storage_class: storage class of the copy.
        started: a moment before its start, by OSS's clock, in seconds since 1970.
        upload_id: empty if it is about to be started.
        crc64: CRC64 of the source; empty if it is not known yet.
        tries: earlier uploads of the copy whose results differed.
        replaces: whether one of these was completed, so that this one has to replace its object.
    """

    key: str
    etag: str
    storage_class: str
    started: int
    upload_id: str = ""
    crc64: str = ""
    tries: int = 0
    replaces: bool = False

    def is_same_copy(self, other: UnfinishedUpload) -> bool:
        """Whether another upload makes the same copy."""
        mine, theirs = (self.key, self.etag), (other.key, other.etag)
        return mine == theirs and self.storage_class == other.storage_class


@dataclass(frozen=True)
class UnfinishedUploads:
    """The uploads to one bucket.

    Attributes:
        ledger: the run's ledger; the records lie beside all ledgers.
        prefix: prefix of the reports' keys: empty, or ends with a slash.
        bucket: name of the bucket that is uploaded to.
    """

    ledger: Ledger
    prefix: str
    bucket: str

    def find(self, key: str) -> UnfinishedUpload | None:
        """Return the unfinished upload of a key.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`, as every method.
        """
        record = json.loads(self.ledger.store.get(self._name(key)) or b"{}")
        return UnfinishedUpload(**record) if record else None

    def announce(self, upload: UnfinishedUpload) -> None:
        """Record an upload that is about to be started, or was just started.

        Raises:
            RunStopped: the run was stopped.
        """
        self.ledger.write_json(f"{_OF_RUN}{_hash(self.bucket, upload.key)}", {"key": upload.key})
        self.keep(upload)
        self.ledger.check_stop()

    def keep(self, upload: UnfinishedUpload) -> None:
        """Record an upload."""
        self._write(upload.key, vars(upload))

    def of_run(self) -> Iterator[str]:
        """Return the keys that the run has started uploads of, finished or not."""
        for listing in self.ledger.store.listings(f"{self.ledger.root}{_OF_RUN}", ""):
            for listed in listing.objects:
                record = self.ledger.store.get(listed.key)
                yield str(json.loads(record or b"{}").get("key", ""))

    def forget(self, key: str) -> None:
        """Record that a key has no unfinished upload."""
        self._write(key, {})

    def _write(self, key: str, record: object) -> None:
        self.ledger.store.put(self._name(key), json.dumps(record).encode() + b"\n")

    def _name(self, key: str) -> str:
        return f"{self.prefix}uploads/{_hash(self.bucket, key)}.json"


def _hash(bucket: str, key: str) -> str:
    return hashlib.sha256(f"{bucket}/{key}".encode()).hexdigest()
