"""Request bodies as the Terraform provider and the SDKs send them."""

from __future__ import annotations

import base64

import pytest

from localcloud.errors import CloudError
from localcloud.fc.bodies import read_body
from localcloud.fc.fc2_wire import Fc2FunctionBody, ServiceBody
from localcloud.fc.fc3_wire import Fc3CreateBody, Fc3FunctionBody
from localcloud.fc.model import Fc3Config, FunctionSettings, LogConfig, ServiceConfig
from localcloud.request_body import RequestBody

# As recorded from the provider: nulls for what is not set.
PROVIDERS_SERVICE = b"""{"serviceName": "s", "description": "", "role": "", "internetAccess": true,
 "logConfig": {"project": null, "logstore": null, "enableRequestMetrics": null},
 "vpcConfig": {"vpcId": null, "vSwitchIds": [], "securityGroupId": ""},
 "nasConfig": null, "tracingConfig": {"type": null, "params": null}}"""
PROVIDERS_FUNCTION = b"""{"functionName": "f", "handler": "h.h", "runtime": "python3.10",
 "code": {"zipFile": "eg==", "ossBucketName": null, "ossObjectName": null},
 "instanceType": "e1", "layers": [], "caPort": null, "customContainerConfig": null}"""


def test_empty_fields_of_the_provider_change_nothing() -> None:
    service = read_body(ServiceBody, PROVIDERS_SERVICE)
    assert service.applied_to(ServiceConfig()) == ServiceConfig()
    function = read_body(Fc2FunctionBody, PROVIDERS_FUNCTION)
    assert function.code is not None
    assert function.code.decoded() == base64.b64decode("eg==")
    config = FunctionSettings(handler="h.h", runtime="python3.10")
    assert function.applied_to(FunctionSettings(handler="", runtime="")) == config


def test_a_function_of_the_newer_version_is_read_as_the_provider_sends_it() -> None:
    """The provider sends empty blocks too, and one field with a capital letter of its own."""
    body = read_body(
        Fc3CreateBody,
        b"""{"functionName": "f", "handler": "h.h", "runtime": "python3.10", "cpu": 0.5,
        "Tags": [{"Key": "team", "Value": "storage"}], "gpuConfig": {}, "vpcConfig": {},
        "instanceLifecycleConfig": {"preStop": {}, "initializer": {}}, "internetAccess": true,
        "customContainerConfig": {"healthCheckConfig": {}}, "ossMountConfig": {"mountPoints": []},
        "logConfig": {"logBeginRule": "None", "project": "p", "logstore": "l"}}""",
    )
    assert [(tag.key, tag.value) for tag in body.tags or ()] == [("team", "storage")]
    config = body.applied_to(Fc3Config(handler="", runtime=""))
    assert (config.cpu, config.initializer) == (0.5, "")
    assert config.log_config == LogConfig("p", "l")


def test_code_whose_fields_are_null_is_no_code() -> None:
    body = read_body(Fc3FunctionBody, b'{"code": {"zipFile": null, "checksum": null}}')
    assert body.code is not None
    assert body.code.empty


def test_a_lifecycle_without_an_initializer_has_none() -> None:
    body = read_body(Fc3FunctionBody, b'{"instanceLifecycleConfig": {"initializer": null}}')
    before = Fc3Config(handler="h.h", runtime="python3.10", initializer="h.i")
    assert body.applied_to(before).initializer == ""


@pytest.mark.parametrize(
    ("kind", "text", "named"),
    [
        (ServiceBody, b'{"vpcConfig": {"vpcId": "vpc-1"}}', "vpcConfig is not supported"),
        (ServiceBody, b'{"logConfig": {"logBeginRule": "DefaultRegex"}}', "logConfig.logBeginRule"),
        (Fc2FunctionBody, b'{"layers": ["l"]}', "layers is not supported"),
        (Fc2FunctionBody, b'{"instanceType": "g1"}', "instanceType"),
        (Fc3FunctionBody, b'{"instanceLifecycleConfig": {"preStop": {"handler": "h.h"}}}', "preSt"),
        (Fc3FunctionBody, b'{"colour": "red"}', "colour is not supported by the local cloud"),
        (Fc3FunctionBody, b"[]", "body: "),
        (Fc3FunctionBody, b"no JSON", "body: "),
    ],
)
def test_an_unsupported_field_is_refused_by_its_name(
    kind: type[RequestBody], text: bytes, named: str
) -> None:
    with pytest.raises(CloudError) as refused:
        read_body(kind, text)
    assert refused.value.code == "InvalidArgument"
    assert named in refused.value.message
