"""The README's picture of the console: ``python -m tests.oss_restore.console.picture`` takes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import tzset
from typing import Final

import pytest
from playwright.sync_api import Page, ViewportSize

from oss_restore.cli.rehearsal.cdktf import PROJECT
from tests.oss_restore.console.browser import Tabs, launched, served
from tests.oss_restore.console.made_up import RUN, views

PICTURE: Final = PROJECT / "docs" / "images" / "console.png"
_VIEWPORT: Final[ViewportSize] = {"width": 1200, "height": 940}  # down to the last class
WORDS: Final = PICTURE.with_suffix(".txt")  # the words in it, for a test to compare


@contextmanager
def utc() -> Iterator[None]:
    """Set the time zone of the picture, wherever it is taken."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        tzset()
        yield
    tzset()


def words_of(page: Page) -> str:
    """Return the words on the page."""
    page.wait_for_selector(".figures")
    return page.inner_text("body") + "\n"


def main() -> None:
    """Take the picture."""
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    with utc(), launched() as browser, served(views()) as server:
        tabs = Tabs(browser.new_context(viewport=_VIEWPORT))
        page = tabs.open(server.admission.address(f"/runs/{RUN}"))
        WORDS.write_text(words_of(page), encoding="utf-8")
        page.screenshot(path=PICTURE)
        tabs.context.close()


if __name__ == "__main__":
    main()
