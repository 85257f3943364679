"""The Location service's API, version 2015-06-12: where a service of a region is reached.

Names of parameters and answers, their misspelling included: alibabacloud-location20150612 1.0.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from localcloud.hosts import endpoint_of
from localcloud.http import Handler
from localcloud.ram.credentials import CredentialStore, Principal
from localcloud.rpc_operations import RpcAnswer, RpcOperation, RpcParameters, serve_operations

VERSION: Final = "2015-06-12"


class DescribeEndpoints(RpcParameters):
    id: str  # of a region
    service_code: str
    type: Literal["openAPI", "innerAPI"] = "openAPI"


@dataclass(frozen=True)
class LocationCall:
    """A call: the caller's account, and the cloud's region."""

    account_id: str
    region: str


def _describe_endpoints(call: LocationCall, given: DescribeEndpoints) -> RpcAnswer:
    found = []
    endpoint = endpoint_of(given.service_code, call.region, call.account_id)
    if endpoint is not None and given.id == call.region:
        found.append(
            {
                "Endpoint": endpoint,
                "Id": given.id,
                "Namespace": "",
                "SerivceCode": given.service_code,
                "ServiceCode": given.service_code,
                "Type": given.type,
                "Protocols": {"Protocols": ["HTTPS"]},
            }
        )
    return {"Success": True, "Endpoints": {"Endpoint": found}}


OPERATIONS: Final[tuple[RpcOperation[LocationCall, Any], ...]] = (
    RpcOperation("DescribeEndpoints", DescribeEndpoints, _describe_endpoints),
)


def location_handler(credentials: CredentialStore, region: str) -> Handler:
    """The HTTP handler of the service, which everyone may call (assumed).

    Args:
        credentials: whose signatures count.
        region: the cloud's.
    """

    def enter(principal: Principal, _: str, __: RpcParameters) -> LocationCall:
        return LocationCall(principal.account_id, region)

    return serve_operations(OPERATIONS, credentials=credentials, version=VERSION, enter=enter)
