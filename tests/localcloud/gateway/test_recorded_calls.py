"""The recorded calls of a real Terraform provider are served under the real host names."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.infra import policies
from tests.infra.hosted import HostedCloud
from tests.localcloud.gateway.clients import RealNames
from tests.localcloud.gateway.recorded_calls import CALLS

RECORDING = Path(str(policies.__file__)).with_name("provider_calls.yaml")


def test_every_recorded_call_is_served_and_nothing_is_left(
    clients: RealNames, hosted: HostedCloud
) -> None:
    recorded = yaml.safe_load(RECORDING.read_text())["recorded"]
    assert {(resource, call) for resource, call, _ in CALLS} == {
        (resource, call) for resource, calls in recorded.items() for call in calls
    }
    for _, _, call in CALLS:
        call(clients)
    assert hosted.cloud.resources() == {}


@pytest.mark.parametrize("code", ["oss", "sls", "fc", "fnf", "ram", "cms", "sts"])
def test_the_location_service_names_hosts_that_are_served(clients: RealNames, code: str) -> None:
    answer = clients.rpc("location", "DescribeEndpoints", Id="cn-hangzhou", ServiceCode=code)
    (endpoint,) = answer["Endpoints"]["Endpoint"]
    assert endpoint["SerivceCode"] == code
    assert endpoint["Endpoint"].endswith(".aliyuncs.com")


def test_the_location_service_knows_no_other_service_or_region(clients: RealNames) -> None:
    for region, code in (("cn-hangzhou", "ecs"), ("cn-beijing", "fnf")):
        answer = clients.rpc("location", "DescribeEndpoints", Id=region, ServiceCode=code)
        assert answer["Endpoints"]["Endpoint"] == []


def test_temporary_keys_come_from_sts_at_its_own_host(clients: RealNames) -> None:
    assert clients.rpc("sts", "GetCallerIdentity")["IdentityType"] == "Account"
