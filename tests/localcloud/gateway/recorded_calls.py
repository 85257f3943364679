"""The recorded calls of a real Terraform provider, made by official clients.

They follow a life cycle: each resource is created, read, changed and removed. Each call has the
name that the recording (``tests/infra/policies/provider_calls.yaml``) has for it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import oss2
from alibabacloud_cms20190101 import models as cms
from alibabacloud_fc20230330 import models as fc3
from alibabacloud_fnf20190315 import models as fnf
from alibabacloud_sls20201230 import models as sls

from tests.localcloud.fc.support import ECHO, zipped
from tests.localcloud.gateway.clients import RealNames

Call = tuple[str, str, Callable[[RealNames], object]]

PROJECT, LOGSTORE, BUCKET = "recorded", "functions", "recorded-bucket"
FLOW = "version: v1\ntype: flow\nsteps:\n  - {type: pass, name: a}\n"
TRUST = json.dumps(
    {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": ["fc.aliyuncs.com"]},
            }
        ],
    }
)
POLICY = json.dumps(
    {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "oss:Get*", "Resource": "*"}]}
)
ZIP = base64.b64encode(zipped(ECHO)).decode()


def _ram(resource: str, action: str, label: str = "", **query: str) -> Call:
    def call(clients: RealNames) -> object:
        return clients.rpc("ram", action, **query)

    return (resource, label or action, call)


def _tags(kind: str, resource: str) -> list[Call]:
    named = {"ResourceType": kind, "ResourceNames": '["recorded"]'}
    return [
        _ram(resource, "TagResources", **named, **{"Tag.1.Key": "team", "Tag.1.Value": "storage"}),
        _ram(resource, "ListTagResources", **named),
        _ram(resource, "UntagResources", **named, TagKeys='["team"]'),
    ]


_ROLE, _POLICY, _ATTACHED = (
    *("alicloud_ram_role", "alicloud_ram_policy"),
    "alicloud_ram_role_policy_attachment",
)
_ATTACHMENT = {"PolicyName": "recorded", "PolicyType": "Custom", "RoleName": "recorded"}

MADE_RAM: list[Call] = [
    _ram(_ROLE, "CreateRole", RoleName="recorded", AssumeRolePolicyDocument=TRUST),
    _ram(_ROLE, "GetRole", RoleName="recorded"),
    *_tags("role", _ROLE),
    _ram(_POLICY, "CreatePolicy", PolicyName="recorded", PolicyDocument=POLICY),
    _ram(
        *(_POLICY, "CreatePolicyVersion"),
        PolicyName="recorded",
        PolicyDocument=POLICY,
        SetAsDefault="true",
    ),
    _ram(_POLICY, "GetPolicy", PolicyName="recorded", PolicyType="Custom"),
    *_tags("policy", _POLICY),
    _ram(_ATTACHED, "AttachPolicyToRole", **_ATTACHMENT),
    _ram(_ATTACHED, "ListPoliciesForRole", RoleName="recorded"),
]
GONE_RAM: list[Call] = [
    _ram(_ATTACHED, "DetachPolicyFromRole", **_ATTACHMENT),
    _ram(
        *(_POLICY, "DeletePolicy", "DeletePolicy (CascadingDelete)"),
        PolicyName="recorded",
        CascadingDelete="true",
    ),
    _ram(_ROLE, "DeleteRole", RoleName="recorded"),
]

INDEX = sls.Index(
    line=sls.IndexLine(token=[","], case_sensitive=False, chn=False),
    keys={"runId": sls.IndexKey(type="text", token=[","], case_sensitive=False, doc_value=True)},
)
BOARD = sls.Dashboard(dashboard_name="runs", display_name="Runs", attribute={}, charts=[])
TAGGED = {"resource_id": [PROJECT], "resource_type": "PROJECT"}

MADE_LOGS: list[Call] = [
    (
        *("alicloud_log_project", "POST /"),
        lambda c: c.sls.create_project(
            sls.CreateProjectRequest(project_name=PROJECT, description="d")
        ),
    ),
    (
        "alicloud_log_project",
        "GET /",
        lambda c: c.sls.get_project(PROJECT, sls.GetProjectRequest()),
    ),
    (
        *("alicloud_log_project", "POST /tag"),
        lambda c: c.sls.tag_resources(
            sls.TagResourcesRequest(
                **TAGGED, tags=[sls.TagResourcesRequestTags(key="team", value="storage")]
            )
        ),
    ),
    (
        *("alicloud_log_project", "GET /tags"),
        lambda c: c.sls.list_tag_resources(sls.ListTagResourcesRequest(**TAGGED)),
    ),
    (
        *("alicloud_log_project", "POST /untag"),
        lambda c: c.sls.untag_resources(sls.UntagResourcesRequest(**TAGGED, tags=["team"])),
    ),
    ("alicloud_log_project", "GET /policy", lambda c: c.sls.get_project_policy(PROJECT)),
    (
        *("alicloud_log_store", "POST /logstores"),
        lambda c: c.sls.create_log_store(
            PROJECT,
            sls.CreateLogStoreRequest(
                logstore_name=LOGSTORE,
                ttl=30,
                shard_count=2,
                auto_split=True,
                max_split_shard=64,
                append_meta=True,
                mode="standard",
            ),
        ),
    ),
    (
        *("alicloud_log_store", "GET /logstores/X"),
        lambda c: c.sls.get_log_store(PROJECT, LOGSTORE),
    ),
    (
        *("alicloud_log_store", "PUT /logstores/X"),
        lambda c: c.sls.update_log_store(
            PROJECT, LOGSTORE, sls.UpdateLogStoreRequest(logstore_name=LOGSTORE, ttl=60)
        ),
    ),
    (
        *("alicloud_log_store", "GET /logstores/X/shards"),
        lambda c: c.sls.list_shards(PROJECT, LOGSTORE),
    ),
    (
        *("alicloud_log_store", "GET /logstores/X/meteringmode"),
        lambda c: c.sls.get_log_store_metering_mode(PROJECT, LOGSTORE),
    ),
    (
        *("alicloud_log_store_index", "GET /logstores/X"),
        lambda c: c.sls.get_log_store(PROJECT, LOGSTORE),
    ),
    (
        *("alicloud_log_store_index", "POST /logstores/X/index"),
        lambda c: c.sls.create_index(PROJECT, LOGSTORE, sls.CreateIndexRequest(body=INDEX)),
    ),
    (
        *("alicloud_log_store_index", "GET /logstores/X/index"),
        lambda c: c.sls.get_index(PROJECT, LOGSTORE),
    ),
    (
        *("alicloud_log_dashboard", "POST /dashboards"),
        lambda c: c.sls.create_dashboard(PROJECT, sls.CreateDashboardRequest(body=BOARD)),
    ),
    (
        *("alicloud_log_dashboard", "GET /dashboards/X"),
        lambda c: c.sls.get_dashboard(PROJECT, "runs"),
    ),
    (
        *("alicloud_log_dashboard", "PUT /dashboards/X"),
        lambda c: c.sls.update_dashboard(
            PROJECT,
            "runs",
            sls.UpdateDashboardRequest(dashboard_name="runs", display_name="All runs", charts=[]),
        ),
    ),
]
GONE_LOGS: list[Call] = [
    (
        *("alicloud_log_dashboard", "DELETE /dashboards/X"),
        lambda c: c.sls.delete_dashboard(PROJECT, "runs"),
    ),
    (
        *("alicloud_log_store_index", "DELETE /logstores/X/index"),
        lambda c: c.sls.delete_index(PROJECT, LOGSTORE),
    ),
    (
        *("alicloud_log_store", "DELETE /logstores/X"),
        lambda c: c.sls.delete_log_store(PROJECT, LOGSTORE),
    ),
    (
        "alicloud_log_project",
        "DELETE /",
        lambda c: c.sls.delete_project(PROJECT, sls.DeleteProjectRequest()),
    ),
]


def _tag_bucket(clients: RealNames) -> object:
    rule = oss2.models.TaggingRule()
    rule.add("team", "storage")
    return clients.bucket(BUCKET).put_bucket_tagging(oss2.models.Tagging(rule))


def _or_absent(read: Callable[[oss2.Bucket], object]) -> Callable[[RealNames], object]:
    """Read a setting that was never made: an empty response, or the service's own error code."""

    def call(clients: RealNames) -> object:
        try:
            return read(clients.bucket(BUCKET))
        except oss2.exceptions.ServerError as error:
            if error.status != HTTPStatus.NOT_FOUND or not error.code.startswith("NoSuch"):
                raise
            return error.code

    return call


_OSS = "alicloud_oss_bucket"
MADE_OBJECTS: list[Call] = [
    (_OSS, "GET service?prefix", lambda c: c.oss.list_buckets(prefix=BUCKET)),
    (_OSS, "PUT bucket", lambda c: c.bucket(BUCKET).create_bucket()),
    (_OSS, "GET bucket?bucketInfo", lambda c: c.bucket(BUCKET).get_bucket_info()),
    (_OSS, "GET bucket?cors", _or_absent(lambda b: b.get_bucket_cors())),
    (_OSS, "GET bucket?website", _or_absent(lambda b: b.get_bucket_website())),
    (_OSS, "GET bucket?logging", _or_absent(lambda b: b.get_bucket_logging())),
    (_OSS, "GET bucket?referer", _or_absent(lambda b: b.get_bucket_referer())),
    (_OSS, "GET bucket?lifecycle", _or_absent(lambda b: b.get_bucket_lifecycle())),
    (_OSS, "GET bucket?policy", _or_absent(lambda b: b.get_bucket_policy())),
    (_OSS, "PUT bucket?tagging", _tag_bucket),
    (_OSS, "GET bucket?tagging", lambda c: c.bucket(BUCKET).get_bucket_tagging()),
    (
        *(_OSS, "GET bucket?transferAcceleration"),
        _or_absent(lambda b: b.get_bucket_transfer_acceleration()),
    ),
    (
        *(_OSS, "GET bucket?resourceGroup"),
        _or_absent(lambda b: b.get_bucket_resource_group()),
    ),
    (
        *("alicloud_oss_bucket_object", "PUT object"),
        lambda c: c.bucket(BUCKET).put_object("bundle.zip", zipped(ECHO)),
    ),
    (
        *("alicloud_oss_bucket_object", "HEAD object"),
        lambda c: c.bucket(BUCKET).head_object("bundle.zip"),
    ),
    (
        *("alicloud_oss_bucket_object", "HEAD object?objectMeta"),
        lambda c: c.bucket(BUCKET).get_object_meta("bundle.zip"),
    ),
]
GONE_OBJECTS: list[Call] = [
    (
        *("alicloud_oss_bucket_object", "DELETE object"),
        lambda c: c.bucket(BUCKET).delete_object("bundle.zip"),
    ),
    (_OSS, "DELETE bucket", lambda c: c.bucket(BUCKET).delete_bucket()),
]

_LOGS = {
    "project": PROJECT,
    "logstore": LOGSTORE,
    "enableRequestMetrics": False,
    "enableInstanceMetrics": False,
}
_ARN = "services/recorded"


def _function(**more: Any) -> dict[str, Any]:
    return {"handler": "index.handler", "memorySize": 512, "timeout": 3, **more}


MADE_FUNCTIONS: list[Call] = [
    (
        "alicloud_fc_service",
        "GET project",
        lambda c: c.sls.get_project(PROJECT, sls.GetProjectRequest()),
    ),
    ("alicloud_fc_service", "GET logstore", lambda c: c.sls.get_log_store(PROJECT, LOGSTORE)),
    (
        *("alicloud_fc_service", "POST /services"),
        lambda c: c.fc2.create_service("recorded", logConfig=_LOGS),
    ),
    ("alicloud_fc_service", "GET /services/X", lambda c: c.fc2.get_service("recorded")),
    (
        *("alicloud_fc_service", "PUT /services/X"),
        lambda c: c.fc2.update_service("recorded", description="changed"),
    ),
    (
        *("alicloud_fc_service", "GET /services/X/versions"),
        lambda c: c.fc2.list_versions("recorded"),
    ),
    (
        *("alicloud_fc_service", "POST /tag"),
        lambda c: c.fc2.tag_resource(_ARN, {"team": "storage"}),
    ),
    ("alicloud_fc_service", "DELETE /tag", lambda c: c.fc2.untag_resource(_ARN, ["team"])),
    (
        *("alicloud_fc_function", "POST /functions"),
        lambda c: c.fc2.create_function(
            "recorded",
            "echo",
            runtime="python3.10",
            codeZipFile=None,
            codeOSSBucket=BUCKET,
            codeOSSObject="bundle.zip",
            **_function(),
        ),
    ),
    (
        *("alicloud_fc_function", "GET /functions/X"),
        lambda c: c.fc2.get_function("recorded", "echo"),
    ),
    (
        *("alicloud_fc_function", "PUT /functions/X"),
        lambda c: c.fc2.update_function("recorded", "echo", **_function(description="changed")),
    ),
    (
        *("alicloud_fcv3_function", "POST /functions"),
        lambda c: c.fc3.create_function(
            fc3.CreateFunctionRequest(
                body=fc3.CreateFunctionInput(
                    function_name="recorded",
                    runtime="python3.12",
                    handler="index.handler",
                    memory_size=512,
                    cpu=0.35,
                    disk_size=512,
                    code=fc3.InputCodeLocation(zip_file=ZIP),
                )
            )
        ),
    ),
    (
        *("alicloud_fcv3_function", "GET /functions/X"),
        lambda c: c.fc3.get_function("recorded", fc3.GetFunctionRequest()),
    ),
    (
        *("alicloud_fcv3_function", "PUT /functions/X"),
        lambda c: c.fc3.update_function(
            "recorded",
            fc3.UpdateFunctionRequest(body=fc3.UpdateFunctionInput(description="changed")),
        ),
    ),
    (
        *("alicloud_fcv3_function", "POST /tags-v2"),
        lambda c: c.fc3.tag_resources(
            fc3.TagResourcesRequest(
                body=fc3.TagResourcesInput(
                    resource_id=[_arn_of(c)],
                    resource_type="function",
                    tag=[fc3.Tag(key="team", value="storage")],
                )
            )
        ),
    ),
    (
        *("alicloud_fcv3_function", "DELETE /tags-v2"),
        lambda c: c.fc3.untag_resources(
            fc3.UntagResourcesRequest(
                resource_id=[_arn_of(c)], resource_type="function", tag_key=["team"]
            )
        ),
    ),
]


def _arn_of(clients: RealNames) -> str:
    return f"acs:fc:cn-hangzhou:{clients.endpoints.account_id}:functions/recorded"


GONE_FUNCTIONS: list[Call] = [
    (
        *("alicloud_fcv3_function", "DELETE /functions/X"),
        lambda c: c.fc3.delete_function("recorded"),
    ),
    (
        *("alicloud_fc_function", "DELETE /functions/X"),
        lambda c: c.fc2.delete_function("recorded", "echo"),
    ),
    ("alicloud_fc_service", "DELETE /services/X", lambda c: c.fc2.delete_service("recorded")),
]

FLOWS: list[Call] = [
    (
        *("alicloud_fnf_flow", "CreateFlow"),
        lambda c: c.fnf.create_flow(
            fnf.CreateFlowRequest(name="recorded", definition=FLOW, description="d", type="FDL")
        ),
    ),
    (
        *("alicloud_fnf_flow", "DescribeFlow"),
        lambda c: c.fnf.describe_flow(fnf.DescribeFlowRequest(name="recorded")),
    ),
    (
        *("alicloud_fnf_flow", "UpdateFlow"),
        lambda c: c.fnf.update_flow(fnf.UpdateFlowRequest(name="recorded", description="changed")),
    ),
    (
        *("alicloud_fnf_flow", "DeleteFlow"),
        lambda c: c.fnf.delete_flow(fnf.DeleteFlowRequest(name="recorded")),
    ),
]

_GROUP, _ALARM = "alicloud_cms_alarm_contact_group", "alicloud_cms_alarm"
_RULE = "terraform-recorded"
ALARMS: list[Call] = [
    (
        *(_GROUP, "PutContactGroup"),
        lambda c: c.cms.put_contact_group(
            cms.PutContactGroupRequest(contact_group_name="ops", contact_names=["ann", "bob"])
        ),
    ),
    (
        *(_GROUP, "DescribeContactGroupList"),
        lambda c: c.cms.describe_contact_group_list(cms.DescribeContactGroupListRequest()),
    ),
    (
        *(_ALARM, "PutResourceMetricRule"),
        lambda c: c.cms.put_resource_metric_rule(
            cms.PutResourceMetricRuleRequest(
                rule_id=_RULE,
                rule_name="failed runs",
                namespace="acs_fnf",
                metric_name="ExecutionsFailed",
                contact_groups="ops",
                resources='[{"flowName": "main"}]',
                effective_interval="00:00-23:59",
                period="60",
                silence_time=3_600,
                escalations=cms.PutResourceMetricRuleRequestEscalations(
                    critical=cms.PutResourceMetricRuleRequestEscalationsCritical(
                        comparison_operator="GreaterThanOrEqualToThreshold",
                        statistics="Value",
                        threshold="1",
                        times=1,
                    )
                ),
                labels=[cms.PutResourceMetricRuleRequestLabels(key="team", value="storage")],
            )
        ),
    ),
    (
        *(_ALARM, "EnableMetricRules"),
        lambda c: c.cms.enable_metric_rules(cms.EnableMetricRulesRequest(rule_id=[_RULE])),
    ),
    (
        *(_ALARM, "DescribeMetricRuleList"),
        lambda c: c.cms.describe_metric_rule_list(
            cms.DescribeMetricRuleListRequest(rule_ids=_RULE)
        ),
    ),
    (
        *(_ALARM, "DescribeMetricRuleTargets"),
        lambda c: c.cms.describe_metric_rule_targets(
            cms.DescribeMetricRuleTargetsRequest(rule_id=_RULE)
        ),
    ),
    (
        *(_ALARM, "DeleteMetricRules"),
        lambda c: c.cms.delete_metric_rules(cms.DeleteMetricRulesRequest(id=[_RULE])),
    ),
    (
        *(_GROUP, "DeleteContactGroup"),
        lambda c: c.cms.delete_contact_group(
            cms.DeleteContactGroupRequest(contact_group_name="ops")
        ),
    ),
]

CALLS: list[Call] = [
    *(*MADE_RAM, *MADE_LOGS, *MADE_OBJECTS, *MADE_FUNCTIONS, *FLOWS, *ALARMS),
    *(*GONE_FUNCTIONS, *GONE_OBJECTS, *GONE_LOGS, *GONE_RAM),
]
