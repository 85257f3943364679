"""Records changes and commits them in groups; a response is sent once its group is on disk.

Services record the names of changed records, not their values. A commit reads all of these values
at the same instant, so the saved state is that of the cloud at that instant.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from localcloud.errors import CloudError
from localcloud.persistence.database import Database, Record

Source = Callable[[Record], bytes | None]

_LATEST_COMMIT: Final = 0.1  # seconds after a change that no response waits for
_log = logging.getLogger(__name__)


class Journal:
    """The changes of one cloud. It records nothing until it is opened."""

    def __init__(self) -> None:
        self._database: Database | None = None
        self._sources: Mapping[str, Source] = {}
        self._always: tuple[Record, ...] = ()
        self._touched: dict[Record, None] = {}
        self._changes = 0  # number of changes so far
        self._saved = 0  # number of changes that are on disk
        self._writing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._failing = False
        self._thread: ThreadPoolExecutor | None = None

    def open(
        self, database: Database, sources: Mapping[str, Source], *, always: tuple[Record, ...]
    ) -> None:
        """Start recording changes.

        Args:
            database: where to write changes.
            sources: functions, by kind, that return a record's value; None if it no longer exists.
            always: records to write with every commit.
        """
        self._database, self._sources, self._always = database, sources, always
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")

    def touch(self, *record: str) -> None:
        """Mark a record as changed, given its kind and the parts of its name."""
        if self._closed:
            self._changes += 1
        elif self._database is not None:
            self._touched[record] = None
            self._changes += 1
            self._arm()

    def count(self) -> None:
        """Record a change that no response waits for, such as a meter's."""
        if self._database is not None and not self._closed:
            self._arm()

    async def settle(self) -> None:
        """Wait until every change so far is on disk.

        Raises:
            CloudError: ``ServiceUnavailable``, the changes cannot be written; the next call tries
                again. After :meth:`close` nothing more is saved, so this is always raised.
        """
        target = self._changes
        while self._saved < target:
            if self._closed and not self._under_way:
                raise CloudError("ServiceUnavailable", "the local cloud is stopping", 503)
            await asyncio.shield(self._commit())

    async def close(self) -> None:
        """Commit the remaining changes, and stop recording.

        Raises:
            CloudError: like :meth:`settle`.
        """
        if self._database is None or self._thread is None:
            return
        self._closed = True
        try:
            while self._touched or self._under_way:
                await asyncio.shield(self._commit())
        finally:
            if self._timer is not None:
                self._timer.cancel()
            self._thread.shutdown()

    @property
    def _under_way(self) -> bool:
        return self._writing is not None and not self._writing.done()

    def _arm(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_LATEST_COMMIT, self._commit)

    def _commit(self) -> asyncio.Task[None]:
        """Return the commit in progress, or start one."""
        if self._writing is None or self._writing.done():  # its callback may not have run yet
            self._writing = asyncio.create_task(self._write())
            self._writing.add_done_callback(self._written)
        return self._writing

    async def _write(self) -> None:
        assert self._database is not None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        changes, touched = self._changes, self._touched
        self._touched = {}
        try:
            records = [(record, self._sources[record[0]](record)) for record in touched]
            records += [(record, self._sources[record[0]](record)) for record in self._always]
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._thread, self._database.write, records)
        except sqlite3.Error as error:
            self._touched = touched | self._touched
            raise CloudError(
                "ServiceUnavailable",
                f"the local cloud cannot save its state in {self._database.path}: {error}",
                503,
            ) from error
        self._saved = changes

    def _written(self, writing: asyncio.Task[None]) -> None:
        if writing.cancelled():
            return
        error = writing.exception()
        if error is not None and not self._failing:
            _log.error("%s", error)
        elif error is None and self._failing:
            _log.error("the local cloud's state is being saved again")
        self._failing = error is not None
        if self._failing and self._touched and not self._closed:
            self._arm()  # tries again on its own
