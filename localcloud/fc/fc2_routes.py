"""The routing table of API version 2016-08-15, and its unsupported operations."""

from __future__ import annotations

from typing import Final

from localcloud.fc import fc2_operations as operations
from localcloud.fc import routing
from localcloud.fc.fc2_wire import Fc2FunctionBody, ServiceBody, TagBody, UntagBody
from localcloud.fc.routing import FcRoute, Unsupported

VERSION: Final = "2016-08-15"

_SERVICE: Final = "/services/{service}"
_QUALIFIED: Final = "/services/{service}[.{qualifier}]"
_FUNCTION: Final = "/functions/{function}"
_PAGE: Final = frozenset({"limit", "nextToken", "prefix", "startKey"})
_UNCHANGED: Final = frozenset({"if-match"})
_CHECKSUM: Final = frozenset({"x-fc-code-checksum"})
_CALL: Final = frozenset({"x-fc-invocation-type", "x-fc-log-type"})

ROUTES: Final = (
    FcRoute("GetAccountSettings", "GET", "/account-settings", operations.get_account_settings),
    FcRoute("CreateService", "POST", "/services", operations.create_service, body=ServiceBody),
    FcRoute("ListServices", "GET", "/services", operations.list_services, query=_PAGE),
    FcRoute("GetService", "GET", _QUALIFIED, operations.get_service),
    FcRoute(
        *("UpdateService", "PUT", _SERVICE, operations.update_service),
        headers=_UNCHANGED,
        body=ServiceBody,
    ),
    FcRoute("DeleteService", "DELETE", _SERVICE, operations.delete_service, headers=_UNCHANGED),
    FcRoute(
        *("ListServiceVersions", "GET", f"{_SERVICE}/versions", operations.list_versions),
        query=frozenset({"limit", "nextToken", "startKey", "direction"}),
    ),
    FcRoute("ListAliases", "GET", f"{_SERVICE}/aliases", operations.list_aliases, query=_PAGE),
    FcRoute(
        *("CreateFunction", "POST", f"{_SERVICE}/functions", operations.create_function),
        headers=_CHECKSUM,
        body=Fc2FunctionBody,
    ),
    FcRoute(
        *("ListFunctions", "GET", f"{_QUALIFIED}/functions", operations.list_functions),
        query=_PAGE,
    ),
    FcRoute("GetFunction", "GET", _QUALIFIED + _FUNCTION, operations.get_function),
    FcRoute(
        *("UpdateFunction", "PUT", _SERVICE + _FUNCTION, operations.update_function),
        headers=_UNCHANGED | _CHECKSUM,
        body=Fc2FunctionBody,
    ),
    FcRoute(
        *("DeleteFunction", "DELETE", _SERVICE + _FUNCTION, operations.delete_function),
        headers=_UNCHANGED,
    ),
    FcRoute(
        *("GetFunctionCode", "GET", f"{_QUALIFIED}{_FUNCTION}/code", operations.get_function_code),
    ),
    FcRoute(
        *("InvokeFunction", "POST", f"{_QUALIFIED}{_FUNCTION}/invocations"),
        operations.invoke_function,
        headers=_CALL,
    ),
    FcRoute("TagResource", "POST", "/tag", operations.tag_resource, body=TagBody),
    FcRoute("UntagResource", "DELETE", "/tag", operations.untag_resource, body=UntagBody),
    FcRoute(
        *("GetResourceTags", "GET", "/tag", operations.get_resource_tags),
        query=frozenset({"resourceArn"}),
    ),
)

UNSUPPORTED: Final = (
    *routing.UNSUPPORTED,
    Unsupported("HTTP triggers", r"/proxy/.*", "invoke the function"),
    Unsupported("versions", r"/services/[^/]+/versions(/.*)?", "a service has LATEST only"),
    Unsupported("aliases", r"/services/[^/]+/aliases(/.*)?", "a service has LATEST only"),
    Unsupported("stateful calls", r".*/stateful-async-invocations(/.*)?", "invoke the function"),
    Unsupported("reserved capacities", r"/reservedCapacities", "nothing is paid for here"),
)
