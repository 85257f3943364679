"""CloudMonitor over HTTP: what is stored, and what is refused."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from localcloud.cms import CloudMonitor
from localcloud.cms.api import VERSION, cms_handler
from localcloud.core import Core
from localcloud.ram.credentials import CredentialStore, root_principal
from localcloud.ram.model import Ram
from localcloud.settings import Settings
from tests.localcloud.rpc_client import RpcClient, RpcError, served

ACCOUNT = "1234567890123456"
RULE = {
    "RuleId": "r1",
    "RuleName": "failed runs",
    "Namespace": "acs_fnf",
    "MetricName": "ExecutionsFailed",
    "ContactGroups": "ops",
    "Resources": '[{"flowName": "main"}]',
    "Period": "60",
    "SilenceTime": "3600",
    "Escalations.Critical.ComparisonOperator": "GreaterThanThreshold",
    "Escalations.Critical.Statistics": "Value",
    "Escalations.Critical.Threshold": "0",
    "Escalations.Critical.Times": "2",
    "Labels.1.Key": "team",
    "Labels.1.Value": "storage",
}


@asynccontextmanager
async def a_service() -> AsyncIterator[tuple[RpcClient, CloudMonitor, Ram]]:
    credentials = CredentialStore()
    monitor, ram = CloudMonitor(), Ram(ACCOUNT, credentials)
    handler = cms_handler(Core(Settings()), credentials, lambda _: (monitor, ram))
    async with served(handler) as url:
        root = credentials.issue(root_principal(ACCOUNT))
        client = RpcClient(url, VERSION, root)
        await client("PutContactGroup", **{"ContactGroupName": "ops", "ContactNames.1": "ann"})
        yield client, monitor, ram


async def test_a_rule_is_returned_as_it_was_put() -> None:
    async with a_service() as (call, _, _):
        await call("PutResourceMetricRule", **RULE)
        answer = await call("DescribeMetricRuleList", RuleIds="r1")
        assert (answer["Success"], answer["Code"], answer["Total"]) == (True, "200", "1")
        (alarm,) = answer["Alarms"]["Alarm"]  # type: ignore[index]
        assert alarm["Escalations"]["Critical"]["Times"] == 2
        assert alarm["Labels"]["Labels"] == [{"Key": "team", "Value": "storage"}]
        assert {name: alarm[name] for name in ("ContactGroups", "Period", "EnableState")} == {
            "ContactGroups": "ops",
            "Period": "60",
            "EnableState": True,
        }


async def test_a_disabled_rule_stays_disabled_when_it_is_put_again() -> None:
    async with a_service() as (call, monitor, _):
        await call("PutResourceMetricRule", **RULE)
        await call("DisableMetricRules", **{"RuleId.1": "r1"})
        await call("PutResourceMetricRule", **{**RULE, "Period": "120"})
        assert [(alarm.enabled, alarm.period) for alarm in monitor.alarms.values()] == [
            (False, 120)
        ]
        await call("EnableMetricRules", **{"RuleId.1": "r1"})
        assert monitor.alarms["r1"].enabled


async def test_putting_a_group_again_drops_the_fields_that_are_not_sent() -> None:
    async with a_service() as (call, monitor, _):
        await call("PutContactGroup", ContactGroupName="ops", Describe="on call")
        assert monitor.groups["ops"].contacts == ()
        answer = await call("DescribeContactGroupList")
        (group,) = answer["ContactGroups"]["ContactGroup"]  # type: ignore[index]
        assert (group["Name"], group["Describe"]) == ("ops", "on call")


@pytest.mark.parametrize(
    ("action", "changes", "code"),
    [
        ("PutResourceMetricRule", {"Webhook": "http://x"}, "InvalidParameter.Webhook"),
        ("PutResourceMetricRule", {"Escalations.Warn.Times": "1"}, "InvalidParameter.Escalations"),
        ("PutResourceMetricRule", {"Period": "often"}, "InvalidParameter.Period"),
        ("PutResourceMetricRule", {"RuleId.1": "x"}, "InvalidParameter"),
        (
            "PutResourceMetricRule",
            {"Labels.1.Key": "a", "Labels.x": "b"},
            "InvalidParameter.Labels",
        ),
        ("PutResourceMetricRule", {".".join("a" * 3_000): "b"}, "InvalidParameter"),
        ("PutResourceMetricRule", {"ContactGroups": ""}, "ParameterInvalid"),
        ("PutResourceMetricRule", {"ContactGroups": "nobody"}, "ResourceNotFound"),
        ("EnableMetricRules", {"RuleId.1": "none"}, "ResourceNotFound"),
        ("PutMetricAlarm", {}, "InvalidAction.NotFound"),
    ],
)
async def test_an_impossible_request_is_refused_by_name(
    action: str, changes: dict[str, str], code: str
) -> None:
    async with a_service() as (call, _, _):
        rule = RULE if action == "PutResourceMetricRule" else {}
        with pytest.raises(RpcError) as refused:
            await call(action, **{**rule, **changes})
        assert refused.value.code.startswith(code)
        assert 400 <= refused.value.status < 500


async def test_each_call_needs_its_permission() -> None:
    async with a_service() as (root, _, ram):
        ram.create_user("reader")
        may = {"Effect": "Allow", "Action": "cms:DescribeMetricRuleList", "Resource": "*"}
        ram.create_policy("read", json.dumps({"Version": "1", "Statement": [may]}), "", 0)
        ram.attach_to_user("read", "reader")
        call = RpcClient(root.url, VERSION, ram.create_access_key("reader"))
        await call("DescribeMetricRuleList")
        with pytest.raises(RpcError, match="cms:PutContactGroup"):
            await call("PutContactGroup", ContactGroupName="ops")
