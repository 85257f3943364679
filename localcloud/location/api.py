"""The Location service's API, version 2015-06-12, which returns a service's endpoint in a region.

Names, including a misspelling, are those of alibabacloud-location20150612 1.0.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from localcloud.hosts import endpoint_of
from localcloud.http import Handler
from localcloud.ram.credentials import CredentialStore, Principal
from localcloud.rpc_operations import RpcOperation, RpcParameters, RpcResponse, serve_operations

VERSION: Final = "2015-06-12"


class DescribeEndpoints(RpcParameters):
    id: str  # region id
    service_code: str
    type: Literal["openAPI", "innerAPI"] = "openAPI"


@dataclass(frozen=True)
class LocationCall:
    """The context of a request: the caller's account, and the cloud's region."""

    account_id: str
    region: str


def _describe_endpoints(call: LocationCall, parameters: DescribeEndpoints) -> RpcResponse:
    endpoints = []
    endpoint = endpoint_of(parameters.service_code, call.region, call.account_id)
    if endpoint is not None and parameters.id == call.region:
        endpoints.append(
            {
                "Endpoint": endpoint,
                "Id": parameters.id,
                "Namespace": "",
                "SerivceCode": parameters.service_code,
                "ServiceCode": parameters.service_code,
                "Type": parameters.type,
                "Protocols": {"Protocols": ["HTTPS"]},
            }
        )
    return {"Success": True, "Endpoints": {"Endpoint": endpoints}}


OPERATIONS: Final[tuple[RpcOperation[LocationCall, Any], ...]] = (
    RpcOperation("DescribeEndpoints", DescribeEndpoints, _describe_endpoints),
)


def location_handler(credentials: CredentialStore, region: str) -> Handler:
    """Return the HTTP handler of the service, which anyone may call (assumed).

    Args:
        credentials: the keys that requests may be signed with.
        region: the cloud's region.
    """

    def enter(principal: Principal, _: str, __: RpcParameters) -> LocationCall:
        return LocationCall(principal.account_id, region)

    return serve_operations(OPERATIONS, credentials=credentials, version=VERSION, enter=enter)
