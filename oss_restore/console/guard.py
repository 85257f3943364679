"""Access control: only the browser that was opened with the console's address is admitted.

Other users of the machine, and other sites' pages in the same browser, can reach the port, too. So
a request must name this server as its host, come from one of its own pages, and have a cookie. The
token in the printed address can be exchanged for the cookie once.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from html import escape
from http.cookies import SimpleCookie
from typing import Final
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oss_restore.language import gettext as _

TOKEN: Final = "token"  # noqa: S105 - a parameter's name
_HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Admission:
    """The address that admits one browser, and the admitted browsers.

    Args:
        origin: the server's origin, such as ``http://127.0.0.1:40123``.
        announce: called with a new address when the previous one was used.
    """

    def __init__(self, origin: str, announce: Callable[[str], None] = lambda _: None) -> None:
        self.origin = origin
        self._announce = announce
        self._token = secrets.token_urlsafe(32)
        self._cookies: list[str] = []

    @property
    def host(self) -> str:
        """The value of the ``Host`` header in a browser's requests."""
        return self.origin.partition("://")[2]

    @property
    def cookie_name(self) -> str:
        """The cookie's name; a browser sends it to every port of the machine."""
        return f"oss-restore-{self.origin.rpartition(':')[2]}"

    def address(self, path: str = "/") -> str:
        """Return the address of a page, which admits one browser."""
        return f"{self.origin}{path}?{TOKEN}={self._token}"

    def admit(self, token: str) -> str | None:
        """Exchange the current token for a cookie; return None for any other token."""
        if not _same(token, self._token):
            return None
        self._token = secrets.token_urlsafe(32)
        self._cookies.append(secrets.token_urlsafe(32))
        self._announce(self.address())
        return self._cookies[-1]

    def knows(self, cookie: str) -> bool:
        """Return whether a browser with this cookie was admitted."""
        return any(_same(cookie, known) for known in self._cookies)


class Guard:
    """Checks every request before it reaches the application, and adds security headers.

    Args:
        app: the application.
        admission: the admitted browsers.
    """

    def __init__(self, app: ASGIApp, admission: Admission) -> None:
        self._app = app
        self._admission = admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        response = self._refusal(scope) or self._admitted(scope)
        await (response or self._app)(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if headers.getlist("host") != [self._admission.host]:
            return PlainTextResponse("Misdirected request", 421)
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin not in {None, self._admission.origin}:
            return PlainTextResponse("Forbidden: another site's page", 403)
        is_page = headers.get("sec-fetch-mode") == "navigate" and scope["method"] == "GET"
        if site not in {None, "same-origin", "none"} and not is_page:
            return PlainTextResponse("Forbidden: another site's page", 403)
        if scope["method"] not in {"GET", "HEAD"} and origin is None:
            return PlainTextResponse("Forbidden: no origin", 403)
        return None

    def _admitted(self, scope: Scope) -> Response | None:
        """Return the response to a request with a token or without a cookie; None to pass it on."""
        token = parse_qs(scope["query_string"].decode("latin-1")).get(TOKEN, [""])[0]
        if token and scope["method"] == "GET":
            cookie = self._admission.admit(token)
            if cookie is not None:
                return self._welcome(scope, cookie)
        cookies: SimpleCookie = SimpleCookie()
        for line in Headers(scope=scope).getlist("cookie"):
            cookies.load(line)
        morsel = cookies.get(self._admission.cookie_name)
        if morsel is not None and self._admission.knows(morsel.value):
            return None
        text = _("Open the address that `oss-restore console` has printed last.")
        return PlainTextResponse(text, 401)

    def _welcome(self, scope: Scope, cookie: str) -> Response:
        """Set the cookie, and redirect to the address without the token.

        The redirect is in the page and not in a header, so that the next request comes from a page
        of this site, with its cookie, even if the address was opened from another site.
        """
        # Two leading slashes would start the address of another host.
        path = escape("/" + scope["raw_path"].decode("latin-1").lstrip("/\\"), quote=True)
        response = HTMLResponse(
            "<!doctype html><title>oss-restore</title><link rel=icon href=/static/icon.svg>"
            f'<meta http-equiv="refresh" content="0;url={path}">'
        )
        response.set_cookie(self._admission.cookie_name, cookie, httponly=True, samesite="strict")
        return response


def _same(first: str, second: str) -> bool:
    return hmac.compare_digest(first.encode(), second.encode())
