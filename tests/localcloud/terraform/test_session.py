"""The provider's callers: keys, roles and accounts on one server."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from localcloud.ram.credentials import root_principal
from localcloud.ram.model import Ram
from tests.localcloud.terraform.conftest import ACCOUNT, OTHER_ACCOUNT, RunningCloud
from tests.localcloud.terraform.terraform import Config, Terraform

MakeTerraform = Callable[..., Terraform]
TRUST = json.dumps({"Version": "1", "Statement": []})


@dataclass(frozen=True)
class Deployer:
    """A role in the other account that the first account's root may assume."""

    ram: Ram
    arn: str


@pytest.fixture
def other(cloud: RunningCloud) -> Ram:
    return cloud.accounts[OTHER_ACCOUNT].ram


@pytest.fixture
def deployer(other: Ram) -> Deployer:
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"RAM": [f"acs:ram::{ACCOUNT}:root"]},
    }
    trust = json.dumps({"Version": "1", "Statement": [statement]})
    role = other.create_role("Deployer", trust, "", 0)
    allow = {"Effect": "Allow", "Action": "ram:*", "Resource": "*"}
    other.create_policy("deploy", json.dumps({"Version": "1", "Statement": [allow]}), "", 0)
    other.attach("deploy", "Deployer")
    return Deployer(other, role.arn)


def role_document(provider: Config | list[Config], name: str = "r", **meta: object) -> Config:
    role = {"role_name": name, "assume_role_policy_document": TRUST, **meta}
    return {
        "provider": {"alicloud": provider},
        "resource": {"alicloud_ram_role": {"role": role}},
    }


def test_without_keys_the_caller_is_that_of_the_address(
    terraform: MakeTerraform, cloud: RunningCloud, ram: Ram, other: Ram
) -> None:
    tf = terraform(reattach=cloud.serve(root_principal(OTHER_ACCOUNT)))
    tf.write_document(role_document({"region": "cn-hangzhou"}, name="here"))
    tf.applied()
    assert "here" in other.roles
    assert "here" not in ram.roles
    tf.destroyed()
    assert "here" not in other.roles


def test_keys_in_the_configuration_determine_the_caller(
    terraform: MakeTerraform, cloud: RunningCloud, other: Ram
) -> None:
    key = cloud.credentials.issue(root_principal(OTHER_ACCOUNT))
    tf = terraform()
    provider = {"access_key": key.access_key_id, "secret_key": key.secret}
    tf.write_document(role_document(provider, name="keyed"))
    tf.applied()
    assert "keyed" in other.roles
    tf.destroyed()
    tf.write_document(role_document({**provider, "secret_key": "wrong"}))
    assert "SignatureDoesNotMatch" in tf.apply().refused()
    tf.write_document(role_document({**provider, "access_key": "LTAInobody"}))
    assert "InvalidAccessKeyId" in tf.apply().refused()


def test_a_role_of_another_account_is_assumed(
    terraform: MakeTerraform, deployer: Deployer, ram: Ram
) -> None:
    tf = terraform()
    provider = {"account_id": OTHER_ACCOUNT, "assume_role": {"role_arn": deployer.arn}}
    tf.write_document(role_document(provider, name="assumed"))
    tf.applied()
    assert "assumed" in deployer.ram.roles
    assert "assumed" not in ram.roles
    tf.destroyed()


def test_a_role_may_require_an_external_id(terraform: MakeTerraform, other: Ram) -> None:
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"RAM": [f"acs:ram::{ACCOUNT}:root"]},
        "Condition": {"StringEquals": {"sts:ExternalId": "secret"}},
    }
    trust = json.dumps({"Version": "1", "Statement": [statement]})
    role = other.create_role("guarded", trust, "", 0)
    document: dict[str, object] = {"data": {"alicloud_caller_identity": {"it": {}}}}
    tf = terraform()
    for external_id, outcome in (("secret", 0), ("guess", 1)):
        assume = {"role_arn": role.arn, "external_id": external_id, "session_name": "guest"}
        tf.write_document({"provider": {"alicloud": {"assume_role": assume}}, **document})
        assert tf.apply().code == outcome
    identity = tf.state("data.alicloud_caller_identity.it")
    assert identity["arn"] == f"acs:ram::{OTHER_ACCOUNT}:assumed-role/guarded/guest"
    assert identity["identity_type"] == "AssumedRoleUser"


def test_aliases_of_one_process_reach_their_own_accounts(
    terraform: MakeTerraform, deployer: Deployer, ram: Ram
) -> None:
    tf = terraform()
    providers: list[Config] = [
        {"account_id": ACCOUNT},
        {"alias": "other", "assume_role": {"role_arn": deployer.arn}},
    ]
    document = {
        "provider": {"alicloud": providers},
        "resource": {
            "alicloud_ram_role": {
                f"{account}{number}": {
                    "role_name": f"{account}-{number}",
                    "assume_role_policy_document": TRUST,
                    **({"provider": "alicloud.other"} if account == "theirs" else {}),
                }
                for account in ("mine", "theirs")
                for number in range(5)
            }
        },
    }
    tf.write_document(document)
    tf.applied()
    assert {name for name in ram.roles if name.startswith("mine")} == {
        f"mine-{number}" for number in range(5)
    }
    assert {name for name in deployer.ram.roles if name.startswith("theirs")} == {
        f"theirs-{number}" for number in range(5)
    }
    assert tf.unchanged()


def test_processes_running_in_parallel_reach_their_own_accounts(
    terraform: MakeTerraform, deployer: Deployer, ram: Ram
) -> None:
    providers = [{}, {"assume_role": {"role_arn": deployer.arn}}] * 2
    stacks = []
    for number, provider in enumerate(providers):
        tf = terraform(f"stack{number}")
        tf.write_document(role_document(provider, name=f"parallel-{number}"))
        stacks.append(tf)
    with ThreadPoolExecutor() as pool:
        list(pool.map(Terraform.applied, stacks))
        assert {n for n in ram.roles if n.startswith("parallel")} == {"parallel-0", "parallel-2"}
        assert {n for n in deployer.ram.roles if n.startswith("parallel")} == {
            "parallel-1",
            "parallel-3",
        }
        list(pool.map(Terraform.destroyed, stacks))


@pytest.mark.parametrize(
    ("provider", "message"),
    [
        ({"region": "cn-shanghai"}, "This local cloud is cn-hangzhou, not cn-shanghai"),
        ({"account_id": OTHER_ACCOUNT}, f"does not belong to account {OTHER_ACCOUNT}"),
        ({"assume_role": {"role_arn": "nonsense"}}, "is not the ARN of a RAM role"),
        (
            {"assume_role": {"role_arn": f"acs:ram::{OTHER_ACCOUNT}:role/nobody"}},
            "EntityNotExist.Role",
        ),
        (
            {"assume_role": {"role_arn": "acs:ram::99:role/r"}},
            "has no account '99'",
        ),
    ],
)
def test_a_configuration_for_another_cloud_is_refused(
    terraform: MakeTerraform, provider: Config, message: str
) -> None:
    tf = terraform()
    tf.write_document(role_document(provider))
    assert message in tf.apply().refused()


def test_a_role_that_does_not_trust_the_caller_is_not_assumed(
    terraform: MakeTerraform, other: Ram
) -> None:
    role = other.create_role("closed", TRUST, "", 0)
    tf = terraform()
    tf.write_document(role_document({"assume_role": {"role_arn": role.arn}}))
    assert "is not allowed to sts:AssumeRole" in tf.apply().refused()
