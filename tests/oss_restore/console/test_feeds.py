"""Feeds: one poller for any number of followers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from threading import Event

import pytest

from oss_restore.clients.workflow import UnreachableError
from oss_restore.console.feeds import Documents, Feed, Feeds, Reading, Update
from oss_restore.errors import OperatorError
from oss_restore.language import gettext


class Scripted:
    """A source that returns one value after another, each once it may continue."""

    pause_seconds = 0.0

    def __init__(self, steps: Iterable[int | OperatorError]) -> None:
        self._steps = list(steps)
        self.may_read = Event()
        self.reads = 0

    def read(self) -> Reading:
        self.may_read.wait()
        self.reads += 1
        if self.reads > len(self._steps):
            raise AssertionError("read once more after the end")
        step = self._steps[min(self.reads, len(self._steps)) - 1]
        if isinstance(step, OperatorError):
            raise step
        final = self.reads >= len(self._steps)
        return Reading(lambda: {"step": gettext("Runs"), "number": step}, final)


def both(number: int) -> Documents:
    """Return the document in both languages, as sent to pages."""
    return {
        "en": {"step": "Runs", "number": number},
        "zh": {"step": "运行", "number": number},
    }


async def all_of(updates: AsyncIterator[Update | None]) -> list[Update]:
    return [update async for update in updates if update is not None]


def follow(source: Scripted, followers: int) -> list[list[Update]]:
    async def run() -> list[list[Update]]:
        feed = Feed(source)
        following = [asyncio.create_task(all_of(feed.updates())) for _ in range(followers)]
        await asyncio.sleep(0)
        assert feed.followers == followers
        source.may_read.set()
        return await asyncio.gather(*following)

    return asyncio.run(run())


def test_followers_share_one_poller() -> None:
    source = Scripted([1, 1, 2])
    first, *others = follow(source, followers=5)
    assert source.reads == 3
    assert first[-1].documents == both(2)
    assert first[-1].final
    assert all(seen[-1] == first[-1] for seen in others)


def test_unchanged_documents_are_not_sent_again() -> None:
    (seen,) = follow(Scripted([1, 1, 1, 1]), followers=1)
    assert [update.documents for update in seen] == [both(1)] * len(seen)
    assert len(seen) <= 2  # the last one says that nothing follows


def test_an_unreachable_source_is_reported_and_read_again() -> None:
    (seen,) = follow(Scripted([1, UnreachableError("cut off"), 2]), followers=1)
    assert seen[-1].documents == both(2)
    assert seen[-1].problem == ""


def test_a_reconnected_follower_continues_after_the_last_update_it_has_seen() -> None:
    async def run() -> None:
        source = Scripted([1, 2])
        source.pause_seconds = 3600.0  # it is not read again in this test
        source.may_read.set()
        feed = Feed(source)
        first = await anext(feed.updates())
        assert first is not None
        assert await anext(feed.updates(first.mark, patience=0)) is None
        assert await anext(feed.updates("of a server before")) == first
        feed.close()

    asyncio.run(run())


def test_a_reloaded_page_receives_new_documents_at_once() -> None:
    async def run() -> None:
        source = Scripted([1, 2, 3])
        source.may_read.set()
        feed = Feed(source, linger_seconds=3600.0)
        page = feed.updates()
        seen = await anext(page)
        await page.aclose()
        for _ in range(9):
            await asyncio.sleep(0)  # the poller notices that nobody follows
        assert seen is not None
        assert (await all_of(feed.updates(seen.mark)))[-1].documents == both(3)

    asyncio.run(run())


def test_a_feed_is_closed_once_it_is_final() -> None:
    async def run() -> None:
        source = Scripted([1])
        source.may_read.set()
        feeds = Feeds()
        feed = feeds.feed("a", lambda: source)
        assert feeds.feed("a", lambda: Scripted([2])) is feed
        await all_of(feed.updates())
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
        assert feeds.open == {}

    asyncio.run(run())


def test_an_internal_error_ends_the_feed_and_the_next_follower_begins_a_new_one() -> None:
    class Broken:
        pause_seconds = 0.0

        def read(self) -> Reading:
            raise ZeroDivisionError

    async def run() -> None:
        feeds = Feeds()
        feed = feeds.feed("a", Broken)
        follower = asyncio.create_task(all_of(feed.updates()))
        await asyncio.sleep(0)
        assert feed._poller is not None
        with pytest.raises(ZeroDivisionError):
            await feed._poller
        assert await follower == []
        assert feeds.open == {}

    asyncio.run(run())
