"""The routing table of API version 2023-03-30, and its unsupported operations."""

from __future__ import annotations

from typing import Final

from localcloud.fc import fc3_operations, routing
from localcloud.fc.routing import Unsupported

VERSION: Final = "2023-03-30"
ROUTES: Final = routing.routes_of(fc3_operations)
UNSUPPORTED: Final = (
    *routing.UNSUPPORTED,
    Unsupported("versions", r"/functions/[^/]+/versions(/.*)?", "a function has LATEST only"),
    Unsupported("aliases", r"/functions/[^/]+/aliases(/.*)?", "a function has LATEST only"),
    Unsupported(
        "asynchronous tasks", r".*/async-tasks(/.*)?", "call with x-fc-invocation-type: Async"
    ),
    Unsupported("sessions", r".*/sessions(/.*)?", "any instance may take any call"),
    Unsupported("snapshots", r".*/snapshots(/.*)?", "instances start from the code"),
    Unsupported("switches of functions", r".*/invoke/(disable|enable)", "delete the function"),
    Unsupported("resource groups", r"/resource-groups", "RAM decides by names alone here"),
    Unsupported("lists of regions", r"/regions", "a local cloud has one region"),
)
