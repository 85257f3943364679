"""CloudMonitor's API, version 2019-01-01: alarm rules and contact groups.

Names of parameters and responses are from alibabacloud-cms20190101 4.0.10. Supported are the
operations that the Terraform provider was recorded to call, and their counterparts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from localcloud.cms.model import Alarm, CloudMonitor, ContactGroup, Escalation
from localcloud.cms.parameters import (
    DeleteMetricRules,
    DescribeContactGroupList,
    DescribeMetricRuleList,
    DescribeMetricRuleTargets,
    NamedContactGroup,
    PutContactGroup,
    PutResourceMetricRule,
    SwitchMetricRules,
)
from localcloud.core import Core
from localcloud.http import Handler
from localcloud.ram.credentials import CredentialStore, Principal
from localcloud.ram.model import Ram
from localcloud.rpc_operations import RpcOperation, RpcParameters, RpcResponse, serve_operations

VERSION: Final = "2019-01-01"
_DONE: Final[Mapping[str, object]] = {"Success": True, "Code": "200", "Message": "success"}


def _put_rule(monitor: CloudMonitor, parameters: PutResourceMetricRule) -> RpcResponse:
    before = monitor.alarms.get(parameters.rule_id)
    monitor.put_alarm(parameters.alarm(enabled=before is None or before.enabled))
    return _DONE


def _enable_rules(monitor: CloudMonitor, parameters: SwitchMetricRules) -> RpcResponse:
    for id_ in parameters.rule_id:
        monitor.switch_alarm(id_, enabled=True)
    return _DONE


def _disable_rules(monitor: CloudMonitor, parameters: SwitchMetricRules) -> RpcResponse:
    for id_ in parameters.rule_id:
        monitor.switch_alarm(id_, enabled=False)
    return _DONE


def _delete_rules(monitor: CloudMonitor, parameters: DeleteMetricRules) -> RpcResponse:
    for id_ in parameters.id:
        monitor.delete_alarm(id_)
    return _DONE


def _describe_rules(monitor: CloudMonitor, parameters: DescribeMetricRuleList) -> RpcResponse:
    ids = parameters.rule_ids.split(",") if parameters.rule_ids else None
    alarms = [
        alarm
        for alarm in monitor.alarms.values()
        if (ids is None or alarm.id in ids)
        and parameters.rule_name in ("", alarm.name)
        and parameters.namespace in ("", alarm.namespace)
        and parameters.metric_name in ("", alarm.metric)
    ]
    page = alarms[(parameters.page - 1) * parameters.page_size :][: parameters.page_size]
    return {
        **_DONE,
        "Total": str(len(alarms)),
        "Alarms": {"Alarm": [_alarm(alarm) for alarm in page]},
    }


def _describe_targets(_: CloudMonitor, __: DescribeMetricRuleTargets) -> RpcResponse:
    """Return no targets, since rules here notify only their contact groups."""
    return {**_DONE, "Targets": {"Target": []}}


def _put_group(monitor: CloudMonitor, parameters: PutContactGroup) -> RpcResponse:
    monitor.put_group(
        ContactGroup(
            parameters.contact_group_name,
            tuple(sorted(parameters.contact_names)),
            parameters.describe,
            subscribed=parameters.enable_subscribed,
        )
    )
    return _DONE


def _delete_group(monitor: CloudMonitor, parameters: NamedContactGroup) -> RpcResponse:
    monitor.delete_group(parameters.contact_group_name)
    return _DONE


def _describe_groups(monitor: CloudMonitor, parameters: DescribeContactGroupList) -> RpcResponse:
    groups = list(monitor.groups.values())
    page = groups[(parameters.page_number - 1) * parameters.page_size :][: parameters.page_size]
    return {
        **_DONE,
        "Total": len(groups),
        "ContactGroupList": {"ContactGroup": [group.name for group in page]},
        "ContactGroups": {"ContactGroup": [_group(group) for group in page]},
    }


def _alarm(alarm: Alarm) -> RpcResponse:
    labels = [{"Key": key, "Value": value} for key, value in alarm.labels.items()]
    critical = {"Critical": _escalation(alarm.critical)} if alarm.critical else {}
    return {
        "RuleId": alarm.id,
        "RuleName": alarm.name,
        "Namespace": alarm.namespace,
        "MetricName": alarm.metric,
        "ContactGroups": ",".join(alarm.contact_groups),
        "Resources": alarm.resources,
        "Period": str(alarm.period),
        "SilenceTime": alarm.silence,
        "EffectiveInterval": alarm.effective,
        "EnableState": alarm.enabled,
        "AlertState": "INSUFFICIENT_DATA",  # docs: DescribeMetricRuleList
        "SourceType": "METRIC",
        "Labels": {"Labels": labels},
        "Escalations": critical,
    }


def _escalation(escalation: Escalation) -> RpcResponse:
    return {
        "ComparisonOperator": escalation.operator,
        "Statistics": escalation.statistics,
        "Threshold": escalation.threshold,
        "Times": escalation.times,
    }


def _group(group: ContactGroup) -> RpcResponse:
    return {
        "Name": group.name,
        "Describe": group.description,
        "Contacts": {"Contact": list(group.contacts)},
        "EnableSubscribed": group.subscribed,
    }


OPERATIONS: Final[tuple[RpcOperation[CloudMonitor, Any], ...]] = (
    RpcOperation("PutResourceMetricRule", PutResourceMetricRule, _put_rule),
    RpcOperation("EnableMetricRules", SwitchMetricRules, _enable_rules),
    RpcOperation("DisableMetricRules", SwitchMetricRules, _disable_rules),
    RpcOperation("DeleteMetricRules", DeleteMetricRules, _delete_rules),
    RpcOperation("DescribeMetricRuleList", DescribeMetricRuleList, _describe_rules),
    RpcOperation("DescribeMetricRuleTargets", DescribeMetricRuleTargets, _describe_targets),
    RpcOperation("PutContactGroup", PutContactGroup, _put_group),
    RpcOperation("DeleteContactGroup", NamedContactGroup, _delete_group),
    RpcOperation("DescribeContactGroupList", DescribeContactGroupList, _describe_groups),
)


def cms_handler(
    core: Core,
    credentials: CredentialStore,
    account_lookup: Callable[[str], tuple[CloudMonitor, Ram]],
) -> Handler:
    """The HTTP handler of CloudMonitor, for every account.

    Args:
        core: the cloud's shared state, whose journal records changes.
        credentials: the keys that requests may be signed with.
        account_lookup: CloudMonitor and RAM of an account, by the account's id.
    """

    def enter(principal: Principal, operation: str, _: RpcParameters) -> CloudMonitor:
        monitor, ram = account_lookup(principal.account_id)
        # All permissions are granted on all resources (docs: authorization of CloudMonitor).
        ram.authorize(principal, f"cms:{operation}", "*")
        return monitor

    return serve_operations(
        OPERATIONS,
        credentials=credentials,
        version=VERSION,
        enter=enter,
        changed=partial(core.journal.touch, "cms"),
    )
