"""Flows through real Terraform."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from localcloud.errors import CloudError
from tests.localcloud.terraform.conftest import ACCOUNT, AccountServices
from tests.localcloud.terraform.documents import FLOW, trust
from tests.localcloud.terraform.terraform import REPLACED, Terraform

MakeTerraform = Callable[..., Terraform]
LONGER = FLOW + "  - type: succeed\n    name: done\n"


@pytest.fixture
def role(account: AccountServices) -> str:
    """ARN of a role that trusts Serverless Workflow."""
    return account.ram.create_role("fnf-role", trust("fnf.aliyuncs.com"), "", 0).arn


def flow(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "type": "FDL", "definition": FLOW, "description": "a test", **more}


def test_a_flow_is_created_changed_renamed_and_removed(
    terraform: MakeTerraform, account: AccountServices, role: str
) -> None:
    tf = terraform()
    tf.write(alicloud_fnf_flow={"flow": flow("first", role_arn=role)})
    tf.applied()
    made = account.fnf.flows.find("first")
    assert made.definition == FLOW
    assert made.role_arn == role
    state = tf.state("alicloud_fnf_flow.flow")
    assert (state["id"], state["flow_id"]) == ("first", made.id)
    assert tf.unchanged()

    tf.write(alicloud_fnf_flow={"flow": flow("first", role_arn=role, definition=LONGER)})
    assert tf.plan() == {"alicloud_fnf_flow.flow": ["update"]}
    tf.applied()
    assert account.fnf.flows.find("first").definition == LONGER

    tf.write(alicloud_fnf_flow={"flow": flow("second", role_arn=role, definition=LONGER)})
    assert tf.plan() == {"alicloud_fnf_flow.flow": REPLACED}
    tf.applied()
    with pytest.raises(CloudError, match="FlowNotExists"):
        account.fnf.flows.find("first")
    tf.destroyed()
    assert not list(account.fnf.flows)


def test_drift_of_a_flow_is_detected(terraform: MakeTerraform, account: AccountServices) -> None:
    tf = terraform()
    tf.write(alicloud_fnf_flow={"flow": flow("drift")})
    tf.applied()
    account.fnf.flows.update("drift", definition=LONGER)
    assert tf.plan() == {"alicloud_fnf_flow.flow": ["update"]}
    account.fnf.delete_flow("drift")
    assert tf.plan() == {"alicloud_fnf_flow.flow": ["create"]}


def test_a_flow_can_be_imported(terraform: MakeTerraform, account: AccountServices) -> None:
    account.fnf.flows.create("by-hand", FLOW, description="a test")
    tf = terraform()
    tf.write(alicloud_fnf_flow={"flow": flow("by-hand")})
    assert tf.run("import", "alicloud_fnf_flow.flow", "by-hand").code == 0
    assert tf.unchanged()


def test_what_the_service_refuses_is_named(terraform: MakeTerraform) -> None:
    tf = terraform()
    tf.write(
        alicloud_fnf_flow={
            "broken": flow("broken", definition="version: v1\ntype: flow\nsteps: 7\n"),
            "nobody": flow("nobody", role_arn=f"acs:ram::{ACCOUNT}:role/nobody"),
            "name": flow("a name"),
        }
    )
    message = tf.apply().refused()
    assert "InvalidArgument: The definition is not a valid flow" in message
    assert "There is no role" in message
    assert "is not a valid name for a flow" in message
