"""The routing table of API version 2023-03-30, and its unsupported operations."""

from __future__ import annotations

from typing import Final

from localcloud.fc import fc3_operations as operations
from localcloud.fc import routing
from localcloud.fc.fc3_wire import Fc3CreateBody, Fc3FunctionBody, TagResourcesBody
from localcloud.fc.routing import FcRoute, Unsupported

VERSION: Final = "2023-03-30"

_FUNCTION: Final = "/functions/{function}"
_TAGS: Final = "/tags-v2"
_QUALIFIER: Final = frozenset({"qualifier"})
_UNCHANGED: Final = frozenset({"if-match"})

ROUTES: Final = (
    FcRoute(
        *("CreateFunction", "POST", "/functions", operations.create_function),
        body=Fc3CreateBody,
    ),
    FcRoute(
        *("ListFunctions", "GET", "/functions", operations.list_functions),
        query=frozenset({"limit", "nextToken", "prefix", "fcVersion"}),
    ),
    FcRoute("GetFunction", "GET", _FUNCTION, operations.get_function, query=_QUALIFIER),
    FcRoute(
        *("UpdateFunction", "PUT", _FUNCTION, operations.update_function),
        headers=_UNCHANGED,
        body=Fc3FunctionBody,
    ),
    FcRoute("DeleteFunction", "DELETE", _FUNCTION, operations.delete_function, headers=_UNCHANGED),
    FcRoute(
        *("GetFunctionCode", "GET", f"{_FUNCTION}/code", operations.get_function_code),
        query=_QUALIFIER,
    ),
    FcRoute(
        *("InvokeFunction", "POST", f"{_FUNCTION}/invocations", operations.invoke_function),
        query=_QUALIFIER,
        headers=frozenset({"x-fc-invocation-type", "x-fc-log-type"}),
    ),
    FcRoute("TagResources", "POST", _TAGS, operations.tag_resources, body=TagResourcesBody),
    FcRoute(
        *("UntagResources", "DELETE", _TAGS, operations.untag_resources),
        query=frozenset({"ResourceType", "ResourceId", "TagKey", "All"}),
    ),
    FcRoute(
        *("ListTagResources", "GET", _TAGS, operations.list_tag_resources),
        query=frozenset({"ResourceType", "ResourceId"}),
    ),
)

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
