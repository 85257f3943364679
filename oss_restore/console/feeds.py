"""Feeds, which send the results of one poller to all open pages.

A source is only read while it has followers, and as often for ten as for one, in any languages. A
page that was disconnected sends the mark of the last update that it has got, and gets newer ones.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, TypeAlias

from oss_restore.clients.workflow import UnreachableError
from oss_restore.errors import OperatorError
from oss_restore.language import LANGUAGES, Language, speaking

Document: TypeAlias = dict[str, object]
Documents: TypeAlias = Mapping[Language, Document]

_LONGEST_PAUSE: Final = 30.0


@dataclass(frozen=True)
class Reading:
    """The state of a source.

    Attributes:
        describe: makes its document in the current language.
        final: whether this is the last state.
    """

    describe: Callable[[], Document]
    final: bool = False

    def documents(self) -> Documents:
        """Make the documents in every language."""
        documents = {}
        for language in LANGUAGES:
            with speaking(language):
                documents[language] = self.describe()
        return documents


class FeedSource(Protocol):
    """The source of a feed.

    Attributes:
        pause_seconds: seconds between two reads.
    """

    @property
    def pause_seconds(self) -> float: ...

    def read(self) -> Reading:
        """Read the source, in a separate thread.

        Raises:
            OperatorError: it cannot be read now.
        """


@dataclass(frozen=True)
class Update:
    """A message to a page.

    Attributes:
        mark: identifies the update.
        documents: the documents by language.
        problem: why the documents may be out of date; empty if they are not.
        final: whether this is the last update.
    """

    mark: str
    documents: Documents
    problem: str = ""
    final: bool = False


@dataclass
class Feed:
    """Reads one source while it has followers.

    Args:
        source: the source.
        ended: called when the feed has ended.
        linger_seconds: seconds to wait for a page that is being reloaded.
    """

    source: FeedSource
    ended: Callable[[], None] = lambda: None
    linger_seconds: float = 15.0
    followers: int = 0
    readings: int = 0
    _latest: Update | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _followed: asyncio.Event = field(default_factory=asyncio.Event)
    _marks: str = field(default_factory=lambda: secrets.token_hex(4))
    _poller: asyncio.Task[None] | None = None
    _is_closed: bool = False

    async def updates(
        self, seen: str = "", *, patience: float | None = None
    ) -> AsyncGenerator[Update | None, None]:
        """Yield the latest update, unless the follower has it, and every later one.

        Args:
            seen: mark of the last update that the follower has got.
            patience: seconds without an update after which to yield None.
        """
        self.followers += 1
        self._followed.set()
        if self._poller is None:
            self._poller = asyncio.create_task(self._poll())
        try:
            while True:
                changed, latest = self._changed, self._latest
                if latest is not None and latest.mark != seen:
                    seen = latest.mark
                    yield latest
                    if latest.final:
                        return
                if self._is_closed:
                    return
                try:
                    await asyncio.wait_for(changed.wait(), patience)
                except TimeoutError:
                    yield None
        finally:
            self.followers -= 1

    def close(self) -> None:
        """End the feed for every follower."""
        self._is_closed = True
        self._changed.set()
        if self._poller is not None:
            self._poller.cancel()

    async def _poll(self) -> None:
        failures = 0
        try:
            while True:
                try:
                    reading, documents = await asyncio.to_thread(self._read)
                except OperatorError as error:
                    # A refusal usually lasts until the operator does something.
                    failures += 1 if isinstance(error, UnreachableError) else 3
                    self._publish(self._documents, problem=str(error))
                else:
                    failures = 0
                    self._publish(documents, final=reading.final)
                    if reading.final:
                        return
                await asyncio.sleep(min(self.source.pause_seconds * 2**failures, _LONGEST_PAUSE))
                if not self.followers and not await self._is_followed_again():
                    return
        finally:
            # Followers get the current state, and reconnect to a new feed.
            self._is_closed = True
            self._changed.set()
            self.ended()

    async def _is_followed_again(self) -> bool:
        self._followed.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._followed.wait(), self.linger_seconds)
        return self.followers > 0

    def _read(self) -> tuple[Reading, Documents]:
        reading = self.source.read()
        return reading, reading.documents()

    @property
    def _documents(self) -> Documents:
        return {} if self._latest is None else self._latest.documents

    def _publish(self, documents: Documents, *, problem: str = "", final: bool = False) -> None:
        self.readings += 1
        update = Update(f"{self._marks}-{self.readings}", documents, problem, final)
        if self._latest is not None and replace(update, mark=self._latest.mark) == self._latest:
            return
        self._latest = update
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


class Feeds:
    """The open feeds, by name."""

    def __init__(self) -> None:
        self.open: dict[str, Feed] = {}

    def feed(self, name: str, source: Callable[[], FeedSource]) -> Feed:
        """Return the feed of this name, opened with this source if it is not open yet."""
        feed = self.open.get(name)
        if feed is None:
            feed = self.open[name] = Feed(source(), lambda: self._close(name))
        return feed

    def close(self) -> None:
        """End all feeds, since a server waits for its streams to end."""
        for feed in list(self.open.values()):
            feed.close()

    def _close(self, name: str) -> None:
        self.open.pop(name, None)
