"""Finds a request's operation, and checks that everything in the request is supported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from localcloud.oss.errors import invalid_argument, not_implemented
from localcloud.oss.route import SOURCE, Level, Route, names

_VERSION: Final = "versionId"
# Parameters of signatures, from the SDKs' signers.
_SIGNING_PARAMETERS: Final = names(
    """
    Expires OSSAccessKeyId Signature security-token
    x-oss-signature-version x-oss-expires x-oss-access-key-id x-oss-additional-headers
    x-oss-signature x-oss-date x-oss-credential x-oss-security-token
    """
)
# Headers without effect: the payer of requests is always the bucket's owner.
_COMMON_HEADERS: Final = names(
    """
    x-oss-date x-oss-content-sha256 x-oss-security-token x-oss-user-agent x-oss-request-payer
    """
)
# Only headers with these prefixes change the meaning of a request.
_MEANINGFUL: Final = ("x-oss-", "x-amz-", "if-", "range")


class Router:
    """Finds a request's operation.

    Args:
        routes: every operation.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = {(r.level, r.method, r.sub_resource, r.copies): r for r in routes}
        self._sub_resources = frozenset(
            route.sub_resource for route in self._routes.values() if route.sub_resource
        )
        self._parameters = self._sub_resources.union(
            *(route.parameters for route in self._routes.values())
        )

    def find(
        self, level: Level, method: str, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> Route:
        """Return a request's operation.

        Raises:
            CloudError: ``NotImplemented`` if it is not supported; ``InvalidArgument`` if the
                request selects two operations.
        """
        selected = [name for name in query if name in self._sub_resources]
        if len(selected) > 1:
            raise invalid_argument(f"{' and '.join(selected)} select two operations at once.")
        sub_resource = selected[0] if selected else ""
        route = self._routes.get(
            (level, method, sub_resource, SOURCE in headers)
        ) or self._routes.get((level, method, sub_resource, False))
        if route is None:
            request = f"{method} {level.value}" + (f"?{sub_resource}" if sub_resource else "")
            raise not_implemented(f"the operation {request}")
        return route

    def check(self, route: Route, query: Mapping[str, str], headers: Mapping[str, str]) -> None:
        """Refuse parameters and headers that the operation does not support.

        Raises:
            CloudError: ``NotImplemented``, which names the parameter or header.
        """
        for name, value in query.items():
            if not self._understands_parameter(route, name, value):
                raise not_implemented(f"the parameter {name!r} of {route.name}")
        for name in headers:
            if name.startswith(_MEANINGFUL) and not _understands_header(route, name):
                raise not_implemented(f"the header {name!r} of {route.name}")

    def _understands_parameter(self, route: Route, name: str, value: str) -> bool:
        if name == route.sub_resource or name in route.parameters or name in _SIGNING_PARAMETERS:
            return True
        if name == _VERSION:
            return bool(route.version_action)
        foreign = name not in self._parameters and not name.startswith("x-oss-")
        return route.ignores_parameters and foreign and bool(value)


def _understands_header(route: Route, name: str) -> bool:
    if name in route.headers or name in route.ignored or name in _COMMON_HEADERS:
        return True
    # As in the service, operations that do not write an object ignore metadata.
    prefixes = (ignored[:-1] for ignored in route.ignored if ignored.endswith("*"))
    return name.startswith(("x-oss-meta-", *prefixes))
