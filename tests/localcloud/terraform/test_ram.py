"""RAM resources through real Terraform."""

from __future__ import annotations

import json
from collections.abc import Callable

from localcloud.ram.model import Ram
from tests.localcloud.terraform.conftest import ACCOUNT
from tests.localcloud.terraform.documents import allow, trust
from tests.localcloud.terraform.terraform import REPLACED, Resources, Terraform

MakeTerraform = Callable[..., Terraform]


def stack(name: str, actions: tuple[str, ...] = ("oss:ListObjects",)) -> Resources:
    """A role with a policy."""
    return {
        "alicloud_ram_role": {
            "role": {
                "role_name": f"{name}-role",
                "assume_role_policy_document": trust("fc.aliyuncs.com"),
            }
        },
        "alicloud_ram_policy": {
            "policy": {"policy_name": f"{name}-policy", "policy_document": allow(*actions)}
        },
        "alicloud_ram_role_policy_attachment": {
            "attachment": {
                "policy_name": "${alicloud_ram_policy.policy.policy_name}",
                "policy_type": "Custom",
                "role_name": "${alicloud_ram_role.role.id}",
            }
        },
    }


def test_a_role_with_a_policy_is_created_kept_changed_and_removed(
    terraform: MakeTerraform, ram: Ram
) -> None:
    tf = terraform()
    tf.write(**stack("life"))
    tf.applied()
    assert ram.role("life-role").policies == ["life-policy"]
    role = tf.state("alicloud_ram_role.role")
    assert role["arn"] == f"acs:ram::{ACCOUNT}:role/life-role"
    assert role["create_time"].endswith("Z")
    assert role["id"] == role["name"] == "life-role"
    attachment = tf.state("alicloud_ram_role_policy_attachment.attachment")
    assert attachment["id"] == "role:life-policy:Custom:life-role"
    assert tf.unchanged()

    tf.write(**stack("life", actions=("oss:ListObjects", "oss:RestoreObject")))
    tf.applied()
    assert "oss:RestoreObject" in ram.policy("life-policy").text
    assert tf.state("alicloud_ram_policy.policy")["default_version"] == "v2"

    tf.destroyed()
    assert "life-role" not in ram.roles
    assert "life-policy" not in ram.policies


def test_a_new_name_replaces_a_role_and_a_new_trust_policy_updates_it(
    terraform: MakeTerraform, ram: Ram
) -> None:
    tf = terraform()
    role = {"role_name": "old", "assume_role_policy_document": trust("fc.aliyuncs.com")}
    tf.write(alicloud_ram_role={"role": role})
    tf.applied()
    role["assume_role_policy_document"] = trust("fnf.aliyuncs.com")
    tf.write(alicloud_ram_role={"role": role})
    assert tf.plan() == {"alicloud_ram_role.role": ["update"]}
    tf.applied()
    assert ram.role("old").trust_text == trust("fnf.aliyuncs.com")
    role["role_name"] = "new"
    tf.write(alicloud_ram_role={"role": role})
    assert tf.plan() == {"alicloud_ram_role.role": REPLACED}
    tf.applied()
    assert "old" not in ram.roles
    assert "new" in ram.roles


def test_drift_is_detected_and_corrected(terraform: MakeTerraform, ram: Ram) -> None:
    tf = terraform()
    tf.write(**stack("drift"))
    tf.applied()
    ram.create_policy_version("drift-policy", allow("oss:*"), 0, set_default=True, rotate=True)
    ram.detach("drift-policy", "drift-role")
    assert tf.plan() == {
        "alicloud_ram_policy.policy": ["update"],
        "alicloud_ram_role_policy_attachment.attachment": ["create"],
    }
    ram.delete_role("drift-role")
    assert tf.plan()["alicloud_ram_role.role"] == ["create"]
    tf.applied()
    assert ram.role("drift-role").policies == ["drift-policy"]
    assert ram.policy("drift-policy").text == allow("oss:ListObjects")


def test_equivalent_json_is_no_change(terraform: MakeTerraform, ram: Ram) -> None:
    tf = terraform()
    document = allow("oss:ListObjects")
    policy = {"policy_name": "layout", "policy_document": document}
    tf.write(alicloud_ram_policy={"policy": policy})
    tf.applied()
    policy["policy_document"] = json.dumps(json.loads(document), indent=2)
    tf.write(alicloud_ram_policy={"policy": policy})
    assert tf.unchanged()
    tf.destroyed()
    assert "layout" not in ram.policies


def test_a_sixth_version_of_a_policy_needs_the_rotate_strategy(
    terraform: MakeTerraform, ram: Ram
) -> None:
    tf = terraform()
    policy = {"policy_name": "versions", "policy_document": allow("oss:Version1")}
    tf.write(alicloud_ram_policy={"policy": policy})
    tf.applied()
    for number in range(2, 6):
        ram.create_policy_version(
            "versions", allow(f"oss:Version{number}"), 0, set_default=True, rotate=True
        )
    assert "LimitExceeded.Policy.Version" in tf.apply().refused()
    policy["rotate_strategy"] = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
    tf.write(alicloud_ram_policy={"policy": policy})
    tf.applied()
    assert [v.number for v in ram.policy("versions").versions] == [2, 3, 4, 5, 6]


def test_force_detaches_policies_that_terraform_did_not_attach(
    terraform: MakeTerraform, ram: Ram
) -> None:
    tf = terraform()
    role: dict[str, object] = {
        "role_name": "forced",
        "assume_role_policy_document": trust("fc.aliyuncs.com"),
    }
    tf.write(alicloud_ram_role={"role": role})
    tf.applied()
    ram.create_policy("by-hand", allow("oss:*"), "", 0)
    ram.attach("by-hand", "forced")
    assert "DeleteConflict.Role.Policy" in tf.destroy().refused()
    tf.write(alicloud_ram_role={"role": {**role, "force": True}})
    tf.applied()
    tf.destroyed()
    assert "forced" not in ram.roles


def test_force_detaches_a_policy_from_whoever_has_it(terraform: MakeTerraform, ram: Ram) -> None:
    tf = terraform()
    policy: dict[str, object] = {"policy_name": "forced", "policy_document": allow("oss:*")}
    tf.write(alicloud_ram_policy={"policy": policy})
    tf.applied()
    ram.create_role("by-hand", trust("fc.aliyuncs.com"), "", 0)
    ram.attach("forced", "by-hand")
    ram.create_user("operator")
    ram.attach_to_user("forced", "operator")
    assert "DeleteConflict.Policy" in tf.destroy().refused()
    tf.write(alicloud_ram_policy={"policy": {**policy, "force": True}})
    tf.applied()
    tf.destroyed()
    assert "forced" not in ram.policies


def test_what_ram_does_not_accept_is_named(terraform: MakeTerraform) -> None:
    tf = terraform()
    tf.write(
        alicloud_ram_role={"nameless": {"assume_role_policy_document": trust("fc.aliyuncs.com")}},
        alicloud_ram_policy={
            "bad": {"policy_name": "bad", "policy_document": json.dumps({"Version": "2"})},
            "no_document": {"policy_name": "nothing"},
        },
        alicloud_ram_role_policy_attachment={
            "system": {
                "policy_name": "AliyunOSSFullAccess",
                "policy_type": "System",
                "role_name": "nobody",
            },
            "nobody": {"policy_name": "p", "policy_type": "Custom", "role_name": "nobody"},
        },
    )
    message = tf.apply().refused()
    assert "A role needs a name" in message
    assert "MalformedPolicyDocument" in message
    assert "A policy needs a document" in message
    assert "no system policies" in message
    assert "EntityNotExist.Role" in message


def test_a_role_can_be_imported(terraform: MakeTerraform, ram: Ram) -> None:
    ram.create_role("here-already", trust("fc.aliyuncs.com"), "by hand", 0)
    tf = terraform()
    role = {
        "role_name": "here-already",
        "assume_role_policy_document": trust("fc.aliyuncs.com"),
        "description": "by hand",
    }
    tf.write(alicloud_ram_role={"role": role})
    assert tf.run("import", "-no-color", "alicloud_ram_role.role", "here-already").code == 0
    tf.applied()
    missing = tf.run("import", "-no-color", "alicloud_ram_role.role2", "nobody")
    assert missing.code == 1
    tf.destroyed()
    assert "here-already" not in ram.roles
