"""The provider as a whole: what it attaches to, and which resources it serves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import grpc
from tfplugin_proto import tfplugin5_5_pb2 as pb

from localcloud.ram.model import Ram
from localcloud.terraform.wire import encode
from tests.localcloud.terraform.conftest import ACCOUNT, AccountServices
from tests.localcloud.terraform.documents import FLOW
from tests.localcloud.terraform.terraform import Terraform

MakeTerraform = Callable[..., Terraform]


def test_terraform_and_opentofu_find_it_under_their_own_registries(reattach: str) -> None:
    found = json.loads(reattach)
    assert found.keys() == {
        "registry.terraform.io/aliyun/alicloud",
        "registry.opentofu.org/aliyun/alicloud",
    }
    for address in found.values():
        assert address["ProtocolVersion"] == 5
        assert address["Addr"]["Network"] == "unix"
        assert Path(address["Addr"]["String"]).is_socket()


def test_a_resource_that_is_not_supported_is_named(terraform: MakeTerraform) -> None:
    tf = terraform()
    tf.write(alicloud_fcv3_concurrency_config={"f": {"function_name": "f"}})
    assert "alicloud_fcv3_concurrency_config.f" in tf.plan()
    message = tf.apply().refused()
    assert "The local cloud does not support alicloud_fcv3_concurrency_config yet" in message


def test_data_sources_return_caller_and_region(terraform: MakeTerraform) -> None:
    tf = terraform()
    tf.write_document(
        {
            "data": {
                "alicloud_account": {"it": {}},
                "alicloud_caller_identity": {"it": {}},
                "alicloud_regions": {"it": {"current": True}},
            }
        }
    )
    tf.applied()
    assert tf.state("data.alicloud_account.it")["id"] == ACCOUNT
    identity = tf.state("data.alicloud_caller_identity.it")
    assert identity["arn"] == f"acs:ram::{ACCOUNT}:root"
    assert identity["identity_type"] == "Account"
    regions = tf.state("data.alicloud_regions.it")
    assert regions["ids"] == ["cn-hangzhou"]
    assert regions["regions"][0]["region_id"] == "cn-hangzhou"


def test_another_region_is_refused(terraform: MakeTerraform) -> None:
    tf = terraform()
    tf.write_document({"data": {"alicloud_regions": {"it": {"name": "cn-beijing"}}}})
    assert "The local cloud has only the region cn-hangzhou" in tf.apply().refused()


def test_a_data_source_that_is_not_supported_is_named(terraform: MakeTerraform) -> None:
    tf = terraform()
    source = {"filename": "code.zip"}
    tf.write_document({"data": {"alicloud_file_crc64_checksum": {"it": source}}})
    assert "does not support alicloud_file_crc64_checksum" in tf.apply().refused()


def test_messages_of_several_megabytes_pass(reattach: str) -> None:
    address = json.loads(reattach)["registry.terraform.io/aliyun/alicloud"]["Addr"]["String"]
    config = encode({"policy_document": "x" * (8 << 20)})
    with grpc.insecure_channel(f"unix:{address}") as channel:
        validate = channel.unary_unary(
            "/tfplugin5.Provider/ValidateResourceTypeConfig",
            request_serializer=pb.ValidateResourceTypeConfig.Request.SerializeToString,
            response_deserializer=pb.ValidateResourceTypeConfig.Response.FromString,
        )
        answer = validate(
            pb.ValidateResourceTypeConfig.Request(type_name="alicloud_ram_policy", config=config)
        )
    assert "invalid JSON" in answer.diagnostics[0].detail


def test_an_update_that_fails_leaves_the_state_as_it_was(
    terraform: MakeTerraform, account: AccountServices
) -> None:
    tf = terraform()
    flow = {"name": "kept", "type": "FDL", "definition": FLOW, "description": "a"}
    tf.write(alicloud_fnf_flow={"flow": flow})
    tf.applied()
    tf.write(alicloud_fnf_flow={"flow": {**flow, "definition": "no flow"}})
    assert "Cannot update alicloud_fnf_flow kept" in tf.apply().refused()
    assert tf.state("alicloud_fnf_flow.flow")["definition"] == FLOW
    tf.write(alicloud_fnf_flow={"flow": flow})
    assert tf.unchanged()
    tf.destroyed()
    assert not list(account.fnf.flows)


def test_timeouts_change_nothing(terraform: MakeTerraform, ram: Ram) -> None:
    tf = terraform()
    role = {
        "role_name": "patient",
        "assume_role_policy_document": '{"Version": "1", "Statement": []}',
    }
    tf.write(alicloud_ram_role={"role": {**role, "timeouts": {"create": "5m"}}})
    tf.applied()
    assert tf.unchanged()
    tf.write(alicloud_ram_role={"role": {**role, "timeouts": {"create": "6m"}}})
    tf.applied()
    assert tf.unchanged()
    tf.destroyed()
    assert "patient" not in ram.roles
