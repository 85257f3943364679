"""A receiver for the notifications of a rehearsal, in place of the real ones."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

_MOST_BYTES: Final = 1024 * 1024
_RESPONSE: Final = b'{"errcode": 0}'  # that of a DingTalk robot; for others, the status is enough


class NotificationReceiver:
    """An HTTP endpoint on this machine that accepts everything.

    Args:
        names: names of the real receivers, by the paths of their notifications.

    Attributes:
        received: number of notifications by name.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self.received: Counter[str] = Counter(dict.fromkeys(names.values(), 0))
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                self.rfile.read(min(size, _MOST_BYTES))
                path = self.path.partition("?")[0]
                received[names.get(path, path)] += 1
                self.send_response(200)
                self.send_header("Content-Length", str(len(_RESPONSE)))
                self.end_headers()
                self.wfile.write(_RESPONSE)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """The receiver's URL, without a path."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """Start to serve until the process ends or :meth:`stop` is called."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
