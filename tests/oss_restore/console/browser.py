"""A browser, and consoles for it to open."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import cache
from threading import Thread
from typing import Final

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    ViewportSize,
    sync_playwright,
)

from oss_restore.cli.commands.console import views_of
from oss_restore.cli.rehearsal.cdktf import PROJECT
from oss_restore.clients.context import DeploymentContext
from oss_restore.console.app import Console, Views
from oss_restore.console.server import ConsoleServer
from tests.site import PATIENCE_SECONDS

PICTURES: Final = PROJECT / "build" / "console"
WIDE: Final[ViewportSize] = {"width": 1280, "height": 800}
_PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Find the machine's browser; skip the test if there is none."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip("needs a browser: apt-get install chromium")
    return found


@contextmanager
def launched() -> Iterator[Browser]:
    """Launch a browser without a window."""
    path = chromium()
    with sync_playwright() as playwright:
        # Its sandbox is not available to root, and containers have little shared memory.
        arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Tabs:
    """The tabs of one browser window; any error in one of them fails the test.

    Attributes:
        expected: parts of errors that a test provokes.
    """

    context: BrowserContext
    expected: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, address: str) -> Page:
        """Open an address in a new tab."""
        page = self.context.new_page()
        page.set_default_timeout(1000 * PATIENCE_SECONDS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._on_console_message)
        page.on("dialog", self._on_dialog)
        page.goto(address)
        page.wait_for_selector("main")
        return page

    def _on_console_message(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location['url']})")

    def _on_dialog(self, dialog: Dialog) -> None:
        if dialog.type == "alert":  # none of our scripts opens one
            self.errors.append(dialog.message)
            dialog.dismiss()

    def check(self) -> None:
        """Check that nothing unexpected has gone wrong."""
        odd = [one for one in self.errors if not any(part in one for part in self.expected)]
        assert not odd, odd


@contextmanager
def served(views: Views) -> Iterator[ConsoleServer]:
    """Serve a console while the block runs, in the language of the test."""
    server = ConsoleServer(Console(views))
    thread = Thread(target=copy_context().run, args=(server.run,))
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()
        if views.cloud is not None:
            views.cloud.close()


@contextmanager
def console_of(
    context: DeploymentContext, *, allow_actions: bool = False
) -> Iterator[ConsoleServer]:
    """Serve the console of a deployment."""
    with served(views_of(context, allow_actions=allow_actions)) as server:
        yield server


def cut(server: ConsoleServer) -> None:
    """Cut every connection to a server, as a network failure would."""
    for connection in list(server._server.server_state.connections):
        connection.loop.call_soon_threadsafe(connection.transport.abort)


def wait_until(page: Page, what: Callable[[], bool]) -> None:
    """Wait for something outside the page."""
    for _ in range(20 * PATIENCE_SECONDS):
        if what():
            return
        page.wait_for_timeout(50)
    pytest.fail("it has never come to that")


def take_pictures(page: Page, name: str) -> None:
    """Keep pictures of a page for people to look at, and check that all of them can use it.

    Wide and light, then narrow and dark, as on a phone.
    """
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    check_accessibility(page)
    page.set_viewport_size(_PHONE)
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=PICTURES / f"{name}-phone-dark.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390  # nothing overflows
    check_accessibility(page)
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")


def check_accessibility(page: Page) -> None:
    """Check names, roles, contrast and structure of what is on a page, by the rules of axe."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    problems = [
        f"{rule['id']}: {node['html']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
    assert problems == [], "\n".join(problems)
    assert len(found["passes"]) > 10


@cache
def _axe() -> str:
    return (PROJECT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
