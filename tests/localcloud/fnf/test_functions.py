"""Tasks that call functions of Function Compute itself, of either generation."""

from __future__ import annotations

import json

import pytest

from localcloud.fnf.executions import Execution
from localcloud.fnf.model import Workflow
from tests.localcloud.fc.support import ACCOUNT, Account, an_account, policy

TRUST = json.dumps(
    {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": ["fnf.aliyuncs.com"]},
            }
        ],
    }
)
PLACE = f"cn-hangzhou:{ACCOUNT}"
FC3_ARN = f"acs:fc:{PLACE}:functions/f"
FORMS = (FC3_ARN, f"{FC3_ARN}/LATEST", "acs:fc:::functions/f")


async def run(account: Account, arn: str, allowed: str) -> Execution:
    """Run a flow of one task, whose role may invoke the given resource."""
    account.deploy("def handler(event, context):\n    return {'generation': 2}\n")
    account.deploy_fc3("def handler(event, context):\n    return {'generation': 3}\n")
    role = account.ram.create_role("flows", TRUST, "", 0)
    account.ram.create_policy("call", policy("fc:InvokeFunction", allowed), "", 0)
    account.ram.attach("call", "flows")
    workflow = Workflow(account.core, account.ram, account.fc)
    task = {"type": "task", "name": "t", "resourceArn": arn}
    mapping = {"target": "generation", "source": "$local.generation"}
    steps = [{**task, "outputMappings": [mapping]}]
    flow = json.dumps({"version": "v1", "type": "flow", "steps": steps})
    workflow.flows.create("flow", flow, role_arn=role.arn)
    execution = workflow.start_execution("flow")
    await execution.poll(30)
    return execution


@pytest.mark.parametrize("arn", FORMS)
async def test_an_fc3_function_is_called_by_every_form_of_its_name(arn: str) -> None:
    async with an_account() as account:
        execution = await run(account, arn, FC3_ARN)
        assert (execution.status, execution.output) == ("Succeeded", '{"generation":3}')


async def test_a_functions_name_with_its_service_calls_fc_2() -> None:
    async with an_account() as account:
        services = f"acs:fc:{PLACE}:services/s/functions/f"
        execution = await run(account, "acs:fc:::services/s/functions/f", services)
        assert execution.output == '{"generation":2}'


@pytest.mark.parametrize("arn", FORMS)
async def test_permission_on_another_function_does_not_suffice(arn: str) -> None:
    async with an_account() as account:
        execution = await run(account, arn, f"{FC3_ARN}x")
        assert execution.error == "FC.AccessDenied"
        assert f"fc:InvokeFunction on {FC3_ARN}" in execution.cause


async def test_a_missing_fc3_function_is_reported() -> None:
    async with an_account() as account:
        execution = await run(account, "acs:fc:::functions/none", f"acs:fc:{PLACE}:functions/*")
        assert execution.error == "FC.FunctionNotFound"
