"""A whole stack, deployed by a caller with only the permissions that a deployer needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from localcloud.ram.credentials import Principal
from localcloud.ram.model import Ram
from tests.localcloud.terraform.conftest import ACCOUNT, AccountServices, RunningCloud
from tests.localcloud.terraform.documents import FLOW, allow, bundle, policy, statement, trust
from tests.localcloud.terraform.terraform import Terraform

MakeTerraform = Callable[..., Terraform]

_FC = f"acs:fc:cn-hangzhou:{ACCOUNT}:services"
_LOG = f"acs:log:cn-hangzhou:{ACCOUNT}:project/whole"
RIGHTS = (
    statement("ram:PassRole", resource=f"acs:ram::{ACCOUNT}:role/whole-*"),
    statement(
        "ram:CreateRole",
        "ram:GetRole",
        "ram:UpdateRole",
        "ram:DeleteRole",
        "ram:ListPoliciesForRole",
        resource=f"acs:ram:*:{ACCOUNT}:role/*",
    ),
    statement(
        "ram:CreatePolicy",
        "ram:GetPolicy",
        "ram:DeletePolicy",
        "ram:CreatePolicyVersion",
        "ram:ListPolicyVersions",
        "ram:DeletePolicyVersion",
        resource=f"acs:ram:*:{ACCOUNT}:policy/*",
    ),
    statement(
        "ram:AttachPolicyToRole",
        "ram:DetachPolicyFromRole",
        "ram:ListTagResources",
        "ram:TagResources",
        "oss:ListBuckets",
    ),
    statement("fc:CreateService", resource=f"{_FC}/*"),
    statement(
        "fc:GetService",
        "fc:UpdateService",
        "fc:DeleteService",
        "fc:ListServiceVersions",
        resource=f"{_FC}/whole",
    ),
    statement(
        "fc:CreateFunction",
        "fc:GetFunction",
        "fc:UpdateFunction",
        "fc:DeleteFunction",
        resource=f"{_FC}/whole/functions/*",
    ),
    statement("fnf:CreateFlow", "fnf:DescribeFlow", "fnf:UpdateFlow", "fnf:DeleteFlow"),
    statement(
        "log:CreateProject",
        "log:GetProject",
        "log:GetProjectPolicy",
        "log:ListTagResources",
        "log:DeleteProject",
        resource=_LOG,
    ),
    statement(
        "log:CreateLogStore",
        "log:GetLogStore",
        "log:ListShards",
        "log:GetLogStoreMeteringMode",
        "log:UpdateLogStore",
        "log:DeleteLogStore",
        "log:CreateIndex",
        "log:GetIndex",
        "log:DeleteIndex",
        resource=f"{_LOG}/logstore/*",
    ),
    statement(
        "oss:PutBucket",
        "oss:GetBucket*",
        "oss:DeleteBucket",
        resource=f"acs:oss:*:{ACCOUNT}:whole",
    ),
)


class Deployer:
    """A RAM user of the first account, whose permissions the test sets."""

    def __init__(self, ram: Ram, reattach: str, arn: str) -> None:
        self._ram = ram
        self.reattach = reattach
        self.arn = arn

    def may(self, document: str) -> None:
        """Give the user this policy."""
        self._ram.create_policy("deployer", document, "", 0)
        self._ram.attach_to_user("deployer", "deployer")


@pytest.fixture
def deployer(cloud: RunningCloud, ram: Ram) -> Deployer:
    made = ram.create_user("deployer")
    principal = Principal(ACCOUNT, made.arn, user=made.name)
    return Deployer(ram, cloud.serve(principal), made.arn)


def stack(timeout: int = 60, days: int = 7) -> dict[str, Any]:
    """Everything in a deployment of functions and flows."""
    return {
        "alicloud_ram_role": {
            kind: {
                "role_name": f"whole-{kind}",
                "assume_role_policy_document": trust(host),
                "tags": {"part": kind},
            }
            for kind, host in (("functions", "fc.aliyuncs.com"), ("flows", "fnf.aliyuncs.com"))
        },
        "alicloud_ram_policy": {
            "functions": {
                "policy_name": "whole-functions",
                "policy_document": allow("oss:RestoreObject", f"oss:Days{days}"),
            }
        },
        "alicloud_ram_role_policy_attachment": {
            "functions": {
                "policy_name": "${alicloud_ram_policy.functions.policy_name}",
                "policy_type": "Custom",
                "role_name": "${alicloud_ram_role.functions.role_name}",
            }
        },
        "alicloud_log_project": {"logs": {"project_name": "whole"}},
        "alicloud_log_store": {
            "logs": {
                "project_name": "${alicloud_log_project.logs.project_name}",
                "logstore_name": "functions",
                "retention_period": days,
            }
        },
        "alicloud_log_store_index": {
            "logs": {
                "project": "whole",
                "logstore": "${alicloud_log_store.logs.logstore_name}",
                "full_text": {},
            }
        },
        "alicloud_oss_bucket": {"report": {"bucket": "whole"}},
        "alicloud_fc_service": {
            "service": {
                "name": "whole",
                "role": "${alicloud_ram_role.functions.arn}",
                "log_config": {
                    "project": "whole",
                    "logstore": "${alicloud_log_store.logs.logstore_name}",
                },
                "depends_on": ["alicloud_ram_role_policy_attachment.functions"],
            }
        },
        "alicloud_fc_function": {
            "function": {
                "service": "${alicloud_fc_service.service.name}",
                "name": "echo",
                "handler": "index.handler",
                "runtime": "python3.10",
                "filename": "code.zip",
                "timeout": timeout,
            }
        },
        "alicloud_fnf_flow": {
            "flow": {
                "name": "whole",
                "type": "FDL",
                "definition": FLOW,
                "description": "",
                "role_arn": "${alicloud_ram_role.flows.arn}",
            }
        },
    }


def test_the_permissions_of_a_deployer_suffice(
    terraform: MakeTerraform, cloud: RunningCloud, account: AccountServices, deployer: Deployer
) -> None:
    deployer.may(policy(*RIGHTS))
    tf = terraform(reattach=deployer.reattach)
    (tf.directory / "code.zip").write_bytes(bundle())
    tf.write(**stack())
    tf.applied()
    assert account.fc.services.function("whole", "echo").config.timeout == 60
    assert tf.unchanged()
    tf.write(**stack(timeout=90, days=30))
    assert tf.plan() == {
        address: ["update"]
        for address in (
            "alicloud_fc_function.function",
            "alicloud_log_store.logs",
            "alicloud_ram_policy.functions",
        )
    }
    tf.applied()
    assert tf.unchanged()
    tf.destroyed()
    assert not account.fc.services
    assert not list(account.fnf.flows)
    assert cloud.oss.find_bucket("whole") is None
    assert "whole" not in account.sls.projects
    assert not [name for name in account.ram.roles if name.startswith("whole")]


@pytest.mark.parametrize(
    ("denied", "resource"),
    [
        ("ram:CreateRole", f"acs:ram::{ACCOUNT}:role/whole-flows"),
        ("ram:AttachPolicyToRole", f"acs:ram::{ACCOUNT}:policy/whole-functions"),
        ("ram:PassRole", f"acs:ram::{ACCOUNT}:role/whole-functions"),
        ("fc:CreateService", f"{_FC}/*"),
        ("fc:CreateFunction", f"{_FC}/whole/functions/*"),
        ("fnf:CreateFlow", f"acs:fnf:cn-hangzhou:{ACCOUNT}:flow/*"),
        ("log:CreateProject", _LOG),
        ("log:CreateIndex", f"{_LOG}/logstore/functions"),
        ("oss:PutBucket", f"acs:oss:*:{ACCOUNT}:whole"),
    ],
)
def test_a_deployer_without_a_permission_is_refused_by_action_and_resource(
    terraform: MakeTerraform, deployer: Deployer, denied: str, resource: str
) -> None:
    deployer.may(policy(*RIGHTS, statement(denied, effect="Deny")))
    tf = terraform(reattach=deployer.reattach)
    (tf.directory / "code.zip").write_bytes(bundle())
    tf.write(**stack())
    assert f"{deployer.arn} is not allowed to {denied} on {resource}" in tf.apply().refused()
