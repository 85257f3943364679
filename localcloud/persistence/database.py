"""The database of a cloud's state: records by kind and name, in SQLite.

A commit is on disk when it returns: ``synchronous=FULL`` with a write-ahead log does one fsync per
commit (sqlite.org/pragma.html). Changes that were not committed when the process was killed are
lost.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

import orjson

from localcloud.errors import CloudError

Record: TypeAlias = tuple[str, ...]  # kind, and the parts of the name

_FILE: Final = "state.sqlite3"
_FORMER_FILE: Final = "state.json"
_LOCK: Final = "lock"
_VERSION: Final = 1  # version of the records' layout; any other is refused
_SCHEMA: Final = f"""
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (kind, name)
) WITHOUT ROWID;
PRAGMA user_version = {_VERSION};
"""


class Database:
    """The records in a folder, which one process uses at a time.

    Args:
        folder: created if it does not exist.

    Raises:
        CloudError: ``InvalidState``, the folder is in use, or its state has another version.
        OSError: the folder or file cannot be created or written.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        path = folder / _FILE
        if (folder / _FORMER_FILE).exists() and not path.exists():
            raise invalid_state(folder / _FORMER_FILE, "it was saved by an earlier version")
        self._lock = _lock(folder / _LOCK)
        os.close(
            os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        )  # SQLite would make it world-readable
        # Used by one thread at a time: the loop's during startup, the journal's after that.
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            if version not in (0, _VERSION) or (not version and any(self._tables())):
                raise invalid_state(path, "it was saved by another version")
            self._connection.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            self.close()
            raise invalid_state(path, str(error)) from error
        except CloudError:
            self.close()
            raise

    @property
    def path(self) -> Path:
        """The file."""
        return self._folder / _FILE

    def read(self, kind: str) -> Iterator[tuple[Record, bytes]]:
        """Yield every record of a kind, sorted by name."""
        query = "SELECT name, value FROM records WHERE kind = ? ORDER BY name"
        try:
            for name, value in self._connection.execute(query, (kind,)):
                yield (kind, *orjson.loads(name)), value
        except sqlite3.DatabaseError as error:
            raise invalid_state(self.path, str(error)) from error

    def get(self, *record: str) -> bytes:
        """Return a record's value; raise ``KeyError`` if it does not exist."""
        kind, *name = record
        query = "SELECT value FROM records WHERE kind = ? AND name = ?"
        row = self._connection.execute(query, (kind, orjson.dumps(name).decode())).fetchone()
        if row is None:
            raise KeyError(f"no {kind} {name}")
        value: bytes = row[0]
        return value

    def write(self, records: Iterable[tuple[Record, bytes | None]]) -> None:
        """Commit all changes or none; a value of None removes the record.

        Raises:
            sqlite3.Error: the changes cannot be written; nothing has changed.
        """
        changed, removed = [], []
        for (kind, *name), value in records:
            key = (kind, orjson.dumps(name).decode())
            if value is None:
                removed.append(key)
            else:
                changed.append((*key, value))
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", changed)
            connection.executemany("DELETE FROM records WHERE kind = ? AND name = ?", removed)
            connection.execute("COMMIT")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Release the folder."""
        self._connection.close()
        os.close(self._lock)

    def _tables(self) -> Iterator[str]:
        for (name,) in self._connection.execute("SELECT name FROM sqlite_master"):
            yield name


def invalid_state(path: Path, reason: str) -> CloudError:
    """Return the error for a saved state that cannot be used."""
    return CloudError("InvalidState", f"{path} cannot be used: {reason}; remove it to start afresh")


def _lock(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 32).decode(errors="replace").strip()
        os.close(descriptor)
        raise CloudError(
            "InvalidState", f"{path.parent} is in use by the local cloud with process id {holder}"
        ) from None
    os.truncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor
