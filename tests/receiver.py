"""A receiver of notices on this machine, over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from xml.etree import ElementTree as ET

Answer = tuple[int, str]
_ACCEPTED: Final = (200, '{"errcode":0}')


@dataclass(frozen=True)
class Received:
    """One POST."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def message(self) -> str:
        """Return the text of a message for Message Service."""
        found = ET.fromstring(self.body).find("{http://mns.aliyuncs.com/doc/v1/}MessageBody")
        assert found is not None
        return found.text or ""


@dataclass
class Receiver:
    """A server that records the requests that it receives.

    Attributes:
        url: its root.
        answers: status and body of its next responses; afterwards, ``usual``.
    """

    url: str
    answers: list[Answer] = field(default_factory=list)
    usual: Answer = _ACCEPTED
    received: list[Received] = field(default_factory=list)

    def forget(self) -> None:
        """Become as it was at first."""
        self.answers.clear()
        self.received.clear()
        self.usual = _ACCEPTED


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Run a receiver."""
    state = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.received.append(Received(self.path, dict(self.headers), body))
            status, text = state.answers.pop(0) if state.answers else state.usual
            self.send_response(status)
            if status in {301, 302, 307, 308}:
                self.send_header("Location", text)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
