"""Access to the console."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from oss_restore.console.guard import Admission, Guard

ORIGIN = "http://127.0.0.1:40123"


async def page(_: Request) -> Response:
    return PlainTextResponse("the page")


class Browser:
    """A browser, as far as cookies are concerned."""

    def __init__(self, guard: Guard) -> None:
        self._transport = httpx.ASGITransport(guard)
        self.cookies = httpx.Cookies()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return self.send("GET", path, headers)

    def send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        async def call() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=self._transport, base_url=ORIGIN, cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, headers=headers)
                self.cookies.update(client.cookies)
                return answer

        return asyncio.run(call())


@pytest.fixture
def announced() -> list[str]:
    return []


@pytest.fixture
def admission(announced: list[str]) -> Admission:
    return Admission(ORIGIN, announced.append)


@pytest.fixture
def browser(admission: Admission) -> Browser:
    app = Starlette(routes=[Route("/{path:path}", page, methods=["GET", "POST"])])
    return Browser(Guard(app, admission))


@pytest.fixture
def admitted(browser: Browser, admission: Admission) -> Browser:
    assert browser.get(admission.address().removeprefix(ORIGIN)).status_code == 200
    return browser


def test_a_browser_without_a_cookie_is_refused_with_how_to_get_one(browser: Browser) -> None:
    answer = browser.get("/")
    assert (answer.status_code, "oss-restore console" in answer.text) == (401, True)


def test_the_address_admits_one_browser_and_its_token_is_used_once(
    browser: Browser, admission: Admission, announced: list[str]
) -> None:
    address = admission.address("/runs/a%22b")
    welcome = browser.get(address.removeprefix(ORIGIN))
    assert 'content="0;url=/runs/a%22b"' in welcome.text
    assert "HttpOnly" in welcome.headers["set-cookie"]
    assert "SameSite=strict" in welcome.headers["set-cookie"]
    assert browser.get("/").text == "the page"
    browser.cookies.clear()
    assert browser.get(address.removeprefix(ORIGIN)).status_code == 401
    assert browser.get(announced[0].removeprefix(ORIGIN)).status_code == 200


def test_the_address_cannot_redirect_to_another_host(
    browser: Browser, admission: Admission
) -> None:
    path = admission.address("//evil.example/").removeprefix(ORIGIN)
    assert 'content="0;url=/evil.example/"' in browser.get(ORIGIN + path).text


@pytest.mark.parametrize("token", ["", "wrong", "%00", "\u00fc"])
def test_a_wrong_token_is_refused(browser: Browser, token: str) -> None:
    assert browser.get(f"/?token={token}").status_code == 401


@pytest.mark.parametrize("cookie", ["oss-restore-40123=guessed", "oss-restore-40123", ";;=~"])
def test_a_wrong_cookie_is_refused(browser: Browser, cookie: str) -> None:
    assert browser.get("/", headers={"cookie": cookie}).status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost:40123", "127.0.0.1:1"])
def test_a_foreign_host_name_for_this_machine_is_refused(admitted: Browser, host: str) -> None:
    assert admitted.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"},
    ],
)
def test_a_request_from_another_sites_page_is_refused(
    admitted: Browser, headers: dict[str, str]
) -> None:
    assert admitted.get("/api/page", headers=headers).status_code == 403


def test_an_action_needs_the_origin_of_the_page(admitted: Browser) -> None:
    assert admitted.send("POST", "/api/act").status_code == 403
    assert admitted.send("POST", "/api/act", {"origin": ORIGIN}).status_code == 200


def test_a_link_on_another_site_opens_the_page(admitted: Browser) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert admitted.get("/runs/a", headers=headers).status_code == 200


def test_responses_forbid_caching_framing_and_foreign_scripts(
    browser: Browser,
) -> None:
    headers = browser.get("/").headers
    assert headers["cache-control"] == "no-store"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
