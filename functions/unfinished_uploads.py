"""Remembers uploads in parts that are under way, so that a later call, or run, goes on with them.

``{prefix}uploads/{hash}.json`` in the report bucket is about one key of one bucket. It is written
before an upload is begun, too: what a call began without living to record it is found by its key.
A file of that name in ``uploads/`` of the run's ledger says which key it is: what a run has left
unfinished when it is stopped, or dies, is given up.
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
    """An upload of ours.

    Attributes:
        key: of the copy.
        etag: of the source.
        storage_class: of the copy.
        started: before it was begun, by OSS's clock, seconds since 1970.
        upload_id: empty where it was about to be begun.
        crc64: of the source; empty where it is not known yet.
        tries: uploads before it that came out wrong.
        replaces: whether one of them has become an object, which this one is to replace.
    """

    key: str
    etag: str
    storage_class: str
    started: int
    upload_id: str = ""
    crc64: str = ""
    tries: int = 0
    replaces: bool = False

    def goes_on_with(self, other: UnfinishedUpload) -> bool:
        """Whether another one makes the same object."""
        mine, theirs = (self.key, self.etag), (other.key, other.etag)
        return mine == theirs and self.storage_class == other.storage_class


@dataclass(frozen=True)
class UnfinishedUploads:
    """The uploads to one bucket.

    Attributes:
        ledger: of the run; what is about one key lies beside all ledgers.
        prefix: start of the reports' keys: empty, or ends with a slash.
        bucket: that the uploads go to.
    """

    ledger: Ledger
    prefix: str
    bucket: str

    def known(self, key: str) -> UnfinishedUpload | None:
        """The upload of a key that is under way.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`; so do the others.
        """
        found = json.loads(self.ledger.store.get(self._name(key)) or b"{}")
        return UnfinishedUpload(**found) if found else None

    def announce(self, upload: UnfinishedUpload) -> None:
        """Records an upload that is about to be begun.

        Raises:
            RunStopped: the run was stopped.
        """
        self.ledger.write_json(f"{_OF_RUN}{_hash(self.bucket, upload.key)}", {"key": upload.key})
        self.keep(upload)
        self.ledger.check_stop()

    def keep(self, upload: UnfinishedUpload) -> None:
        """Records an upload."""
        self._write(upload.key, vars(upload))

    def of_run(self) -> Iterator[str]:
        """Keys that the run has begun uploads of, finished or not."""
        for listing in self.ledger.store.listings(f"{self.ledger.root}{_OF_RUN}", ""):
            for one in listing.objects:
                mark = self.ledger.store.get(one.key)
                yield str(json.loads(mark or b"{}").get("key", ""))

    def forget(self, key: str) -> None:
        """Records that none is under way."""
        self._write(key, {})

    def _write(self, key: str, record: object) -> None:
        self.ledger.store.put(self._name(key), json.dumps(record).encode() + b"\n")

    def _name(self, key: str) -> str:
        return f"{self.prefix}uploads/{_hash(self.bucket, key)}.json"


def _hash(bucket: str, key: str) -> str:
    return hashlib.sha256(f"{bucket}/{key}".encode()).hexdigest()
