"""The routing table of API version 2016-08-15, and its unsupported operations."""

from __future__ import annotations

from typing import Final

from localcloud.fc import fc2_operations, routing
from localcloud.fc.routing import Unsupported

VERSION: Final = "2016-08-15"
ROUTES: Final = routing.routes_of(fc2_operations)
UNSUPPORTED: Final = (
    *routing.UNSUPPORTED,
    Unsupported("HTTP triggers", r"/proxy/.*", "invoke the function"),
    Unsupported("versions", r"/services/[^/]+/versions(/.*)?", "a service has LATEST only"),
    Unsupported("aliases", r"/services/[^/]+/aliases(/.*)?", "a service has LATEST only"),
    Unsupported("stateful calls", r".*/stateful-async-invocations(/.*)?", "invoke the function"),
    Unsupported("reserved capacities", r"/reservedCapacities", "nothing is paid for here"),
)
