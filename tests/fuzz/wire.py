"""Requests as bytes, and a connection that returns the response to each."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from random import Random
from typing import Final
from urllib.parse import quote, urlsplit

from oss_restore.clients.target import LocalEndpoints

_PATIENCE: Final = 20  # seconds without a response that count as a hang


@dataclass(frozen=True)
class Attempt:
    """A request, with a path and a query that are not encoded yet."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def raw_path(self) -> str:
        return quote(self.path, safe="/-_.~", errors="surrogatepass")

    @property
    def raw_query(self) -> str:
        def encoded(word: str) -> str:
            return quote(word, safe="-_.~", errors="surrogatepass")

        return "&".join(f"{encoded(k)}={encoded(v)}" for k, v in self.query.items())

    def to_bytes(self, host: str) -> bytes:
        target = self.raw_path + (f"?{self.raw_query}" if self.query else "")
        lines = [f"{self.method} {target} HTTP/1.1"]
        headers = {"host": host, **self.headers, "content-length": str(len(self.body))}
        lines += [f"{name}: {_one_line(value)}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogatepass") + self.body


Maker = Callable[[Random, LocalEndpoints], Attempt]


def as_sent(attempt: Attempt) -> dict[str, str]:
    """Return the headers as a server reads them, by name."""
    lines = attempt.to_bytes("x").split(b"\r\n\r\n", 1)[0].decode("utf-8", "surrogatepass")
    pairs = (line.partition(": ") for line in lines.split("\r\n")[1:])
    return {name: value.strip() for name, _, value in pairs}


def with_header(attempt: Attempt, name: str, value: str) -> Attempt:
    """Copy the request with an added or changed header."""
    return Attempt(
        attempt.method,
        attempt.path,
        attempt.query,
        {**attempt.headers, name: value},
        attempt.body,
    )


def _one_line(value: str) -> str:
    return "".join(c for c in value if c >= " " and c != "\x7f").strip()[:4_000]


class Connection:
    """Sends requests one after the other, over the same connection while it lasts."""

    def __init__(self, url: str) -> None:
        self.host = urlsplit(url).netloc
        self._socket: socket.socket | None = None

    def send(self, request: bytes, method: str) -> tuple[int, bytes]:
        """Send a request; return status and body, or 0 if the connection was cut or timed out."""
        if self._socket is None:
            name, _, port = self.host.partition(":")
            self._socket = socket.create_connection((name, int(port)), timeout=_PATIENCE)
        try:
            self._socket.sendall(request)
            answer = HTTPResponse(self._socket, method=method)
            answer.begin()
            body = answer.read()
        except (OSError, HTTPException) as error:
            self.close()
            return 0, repr(error).encode()
        if answer.will_close:
            self.close()
        return answer.status, body

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
