"""The routing table of API version 2016-08-15, and its unsupported operations."""

from __future__ import annotations

from typing import Final

from localcloud.fc import fc2_operations, routing
from localcloud.fc.routing import FcRoute, Unsupported

VERSION: Final = "2016-08-15"
ROUTES: Final = tuple(
    operation for operation in vars(fc2_operations).values() if isinstance(operation, FcRoute)
)
UNSUPPORTED: Final = (
    *routing.UNSUPPORTED,
    Unsupported("HTTP triggers", r"/proxy/.*", "invoke the function"),
    Unsupported("versions", r"/services/[^/]+/versions(/.*)?", "a service has LATEST only"),
    Unsupported("aliases", r"/services/[^/]+/aliases(/.*)?", "a service has LATEST only"),
    Unsupported("stateful calls", r".*/stateful-async-invocations(/.*)?", "invoke the function"),
    Unsupported("reserved capacities", r"/reservedCapacities", "nothing is paid for here"),
)
