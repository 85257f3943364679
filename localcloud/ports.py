"""Ports of clouds that are stopped and started again."""

from __future__ import annotations

import random
import socket
from contextlib import suppress
from typing import Final

ANY_FREE_PORT: Final = 0
# Below the default range of outgoing connections (Linux: ip_local_port_range), any of which could
# take the port of a service while its cloud is stopped.
_LASTING: Final = range(20_000, 32_768)
_ATTEMPTS: Final = 100


def lasting_port() -> int:
    """Return a free port that no outgoing connection takes; ``ANY_FREE_PORT`` if none was found."""
    for port in random.sample(_LASTING, _ATTEMPTS):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    return ANY_FREE_PORT
