"""Hostile requests in the RPC style: Serverless Workflow, RAM, STS, CloudMonitor, Location."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from random import Random
from typing import Final

from localcloud.rpc import signature
from oss_restore.clients.target import LocalEndpoints
from tests.fuzz.hostile import spoiled, spoiled_bytes, text, value
from tests.fuzz.wire import Attempt, Maker

_FLOW: Final = (
    "version: v1\ntype: flow\nsteps:\n  - {type: pass, name: a,"
    " outputMappings: [{target: n, source: 12}]}\n"
)
_DOCUMENT: Final = json.dumps(
    {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["oss:Get*"],
                "Resource": ["acs:oss:*:*:x/*"],
                "Condition": {"StringEquals": {"oss:Prefix": ["a"]}},
            }
        ],
    }
)
FNF: Final[Mapping[str, Mapping[str, str]]] = {
    "CreateFlow": {"Name": "one", "Definition": _FLOW, "Description": "", "Type": "FDL"},
    "UpdateFlow": {"Name": "one", "Definition": _FLOW, "RoleArn": ""},
    "DescribeFlow": {"Name": "one"},
    "DeleteFlow": {"Name": "two"},
    "ListFlows": {"Limit": "10", "NextToken": ""},
    "StartExecution": {"FlowName": "one", "ExecutionName": "", "Input": '{"a": 1}'},
    "DescribeExecution": {"FlowName": "one", "ExecutionName": "one", "WaitTimeSeconds": "0"},
    "StopExecution": {"FlowName": "one", "ExecutionName": "one", "Error": "", "Cause": ""},
    "ListExecutions": {"FlowName": "one", "Status": "Running", "StartedTimeBegin": ""},
    "GetExecutionHistory": {"FlowName": "one", "ExecutionName": "one", "NextToken": "0"},
    "ReportTaskSucceeded": {"TaskToken": "x", "Output": "{}"},
    "ReportTaskFailed": {"TaskToken": "x", "Error": "e", "Cause": "c"},
    "Nothing": {},
}
RAM: Final[Mapping[str, Mapping[str, str]]] = {
    "CreateRole": {"RoleName": "one", "AssumeRolePolicyDocument": _DOCUMENT},
    "UpdateRole": {"RoleName": "one", "NewAssumeRolePolicyDocument": _DOCUMENT},
    "GetRole": {"RoleName": "one"},
    "DeleteRole": {"RoleName": "two"},
    "ListRoles": {},
    "CreatePolicy": {"PolicyName": "one", "PolicyDocument": _DOCUMENT},
    "GetPolicy": {"PolicyName": "one", "PolicyType": "Custom"},
    "CreatePolicyVersion": {"PolicyName": "one", "PolicyDocument": _DOCUMENT},
    "DeletePolicyVersion": {"PolicyName": "one", "VersionId": "v1"},
    "DeletePolicy": {"PolicyName": "two"},
    "AttachPolicyToRole": {"PolicyName": "one", "PolicyType": "Custom", "RoleName": "one"},
    "DetachPolicyFromRole": {"PolicyName": "one", "PolicyType": "Custom", "RoleName": "one"},
    "CreateUser": {"UserName": "one"},
    "CreateAccessKey": {"UserName": "one"},
    "AttachPolicyToUser": {"PolicyName": "one", "PolicyType": "Custom", "UserName": "one"},
    "DeleteUser": {"UserName": "two"},
    "TagResources": {
        "ResourceType": "role",
        "ResourceNames": '["one"]',
        "Tag.1.Key": "a",
        "Tag.1.Value": "b",
    },
    "UntagResources": {"ResourceType": "policy", "ResourceNames.1": "one", "TagKeys": '["a"]'},
    "ListTagResources": {"ResourceType": "role", "ResourceNames": '["one"]', "PageSize": "20"},
    "Nothing": {},
}
STS: Final[Mapping[str, Mapping[str, str]]] = {
    "GetCallerIdentity": {},
    "AssumeRole": {
        "RoleArn": "acs:ram::1234567890123456:role/one",
        "RoleSessionName": "session",
        "DurationSeconds": "900",
    },
}


CMS: Final[Mapping[str, Mapping[str, str]]] = {
    "PutContactGroup": {"ContactGroupName": "one", "ContactNames.1": "ann", "Describe": ""},
    "DeleteContactGroup": {"ContactGroupName": "two"},
    "DescribeContactGroupList": {"PageNumber": "1", "PageSize": "10"},
    "PutResourceMetricRule": {
        "RuleId": "one",
        "RuleName": "one",
        "Namespace": "acs_fnf",
        "MetricName": "ExecutionsFailed",
        "ContactGroups": "one",
        "Resources": '[{"flowName": "one"}]',
        "Period": "60",
        "SilenceTime": "300",
        "Escalations.Critical.Times": "1",
        "Labels.1.Key": "a",
    },
    "EnableMetricRules": {"RuleId.1": "one"},
    "DeleteMetricRules": {"Id.1": "two"},
    "DescribeMetricRuleList": {"RuleIds": "one", "Page": "1"},
    "DescribeMetricRuleTargets": {"RuleId": "one"},
    "Nothing": {},
}
LOCATION: Final = {"DescribeEndpoints": {"Id": "cn-hangzhou", "ServiceCode": "fnf"}}


def rpc(version: str, actions: Mapping[str, Mapping[str, str]]) -> Maker:
    """Return a generator of requests for a version of a service's API."""

    def make(random: Random, endpoints: LocalEndpoints) -> Attempt:
        action = random.choice(list(actions))
        given = spoiled(random, dict(actions[action]))
        parameters = {str(k): str(v) for k, v in given.items()} if isinstance(given, dict) else {}
        for name in ("Definition", "PolicyDocument", "AssumeRolePolicyDocument"):
            if name in parameters and random.random() < 0.5:
                parameters[name] = _spoiled_document(random, parameters[name])
        parameters |= {
            "Action": action,
            "Version": version,
            "Format": "JSON",
            "AccessKeyId": endpoints.access_key_id,
            "SignatureMethod": "HMAC-SHA1",
            "SignatureVersion": "1.0",
            "SignatureNonce": secrets.token_hex(8),
        }
        method = random.choice(("POST", "GET"))
        signed = signature(method, parameters, endpoints.access_key_secret)
        parameters["Signature"] = signed if random.random() < 0.97 else text(random)
        if method == "GET":
            return Attempt(method, "/", parameters)
        form = Attempt(method, "/", parameters).raw_query.encode()
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return Attempt(method, "/", {}, kind, spoiled_bytes(random, form))

    return make


def _spoiled_document(random: Random, document: str) -> str:
    if document == _FLOW:
        word = random.choice(("pass", "12", "a", "flow", "v1", "n", "source", "steps"))
        new = random.choice(
            (text(random), json.dumps(value(random)), str(2**70), "$.a", "*x", "&x")
        )
        return document.replace(word, new, 1)
    return json.dumps(spoiled(random, json.loads(_DOCUMENT)))
