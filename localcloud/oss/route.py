"""The route of an operation: how requests select it, and what it requires and supports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from localcloud.oss.call import Operation

SOURCE: Final = "x-oss-copy-source"  # the header that selects copies


class Level(StrEnum):
    """The resource in the path of a request."""

    SERVICE = "/"
    BUCKET = "/BUCKET"
    OBJECT = "/BUCKET/KEY"


@dataclass(frozen=True, slots=True)
class Route:
    """An operation.

    Attributes:
        name: the name in the API's spelling, also used by meters and fault rules.
        sub_resource: the query parameter that selects it; empty if there is none.
        action: the RAM action; empty if the operation authorizes by itself.
        version_action: the action for requests with a version id; empty if it has none.
        parameters: supported query parameters.
        headers: supported headers among those that change the meaning of a request.
        ignored: headers of that kind that the service also ignores; a ``*`` at the end of a name
            matches any text.
        copies: whether it is selected by the header ``x-oss-copy-source``.
        ignores_parameters: whether unknown parameters with a value are ignored, since links to
            objects may have some (oss2's test_anonymous).
    """

    name: str
    level: Level
    method: str
    sub_resource: str
    run: Operation
    action: str
    version_action: str = ""
    parameters: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    copies: bool = False
    ignores_parameters: bool = False


def names(text: str) -> frozenset[str]:
    """Split a text into words, for long lists of parameters and headers."""
    return frozenset(text.split())


def bucket_route(
    name: str,
    method: str,
    sub_resource: str = "",
    *,
    level: Level = Level.BUCKET,
    action: str | None = None,
    parameters: str = "",
    headers: str = "",
) -> Callable[[Operation], Route]:
    """Make a function an operation on buckets, or at another level.

    Its action by default has the operation's name.
    """

    def decorate(run: Operation) -> Route:
        return Route(
            *(name, level, method, sub_resource, run),
            f"oss:{name}" if action is None else action,
            parameters=names(parameters),
            headers=names(headers),
        )

    return decorate


def object_route(
    name: str,
    method: str,
    sub_resource: str = "",
    *,
    action: str | None = None,
    has_versions: bool = False,
    parameters: str = "",
    headers: str = "",
    ignored: str = "",
    copies: bool = False,
    ignores_parameters: bool = False,
) -> Callable[[Operation], Route]:
    """Make a function an operation on objects, whose action by default has the operation's name."""
    right = f"oss:{name}" if action is None else action

    def decorate(run: Operation) -> Route:
        return Route(
            *(name, Level.OBJECT, method, sub_resource, run, right),
            version_action=right.replace("Object", "ObjectVersion") if has_versions else "",
            parameters=names(parameters),
            headers=names(headers),
            ignored=names(ignored),
            copies=copies,
            ignores_parameters=ignores_parameters,
        )

    return decorate
