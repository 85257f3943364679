"""Translates a deployment's resources for Resource Orchestration Service (ROS).

Types and properties follow the ROS reference (help.aliyun.com, "ALIYUN::FC::Function" and so on)
and ROS CDK 1.15.0, Alibaba Cloud's own template generator.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import Final

from infra.blueprint.compute.fc2 import FcFunction, FcService
from infra.blueprint.resources import (
    Body,
    FieldSearch,
    FnfFlow,
    LogProject,
    LogStore,
    LogStoreIndex,
    OssBucket,
    RamPolicy,
    RamRole,
    RamRolePolicyAttachment,
    Tags,
)
from infra.model.terraform_text import Variable

CODE_BUCKET: Final = "CodeBucket"
CODE_OBJECT: Final = "CodeObject"

Properties = Mapping[str, object]


class NotInRosError(Exception):
    """A resource that has no counterpart in ROS."""


@dataclass(frozen=True)
class RosResource:
    """A resource of a template, without its dependencies."""

    type: str
    properties: Properties


def ref(parameter: str) -> Mapping[str, str]:
    """Return a reference to a parameter, either the template's or a pseudo parameter."""
    return {"Ref": parameter}


@singledispatch
def ros_resource(body: Body) -> RosResource:
    """Return a resource's counterpart in ROS.

    Raises:
        NotInRosError: it has no counterpart.
    """
    raise NotInRosError(
        f"the ROS template has no counterpart of {body.TYPE}: deploy it with Terraform"
    )


@ros_resource.register
def _(body: OssBucket) -> RosResource:
    return RosResource("ALIYUN::OSS::Bucket", {"BucketName": body.bucket, "Tags": dict(body.tags)})


@ros_resource.register
def _(body: LogProject) -> RosResource:
    return RosResource(
        "ALIYUN::SLS::Project",
        {"Name": body.project_name, "Description": body.description, "Tags": _tags(body.tags)},
    )


@ros_resource.register
def _(body: LogStore) -> RosResource:
    return RosResource(
        "ALIYUN::SLS::Logstore",
        {
            "ProjectName": body.project_name,
            "LogstoreName": body.logstore_name,
            "TTL": body.retention_period,
        },
    )


@ros_resource.register
def _(body: LogStoreIndex) -> RosResource:
    return RosResource(
        "ALIYUN::SLS::Index",
        {
            "ProjectName": body.project,
            "LogstoreName": body.logstore,
            "FullTextIndex": {"Enable": True, "Delimiter": body.full_text.token},
            "KeyIndices": [_key_index(field) for field in body.field_search],
        },
    )


@ros_resource.register
def _(body: RamRole) -> RosResource:
    return RosResource(
        "ALIYUN::RAM::Role",
        {
            "RoleName": body.role_name,
            "Description": body.description,
            "AssumeRolePolicyDocument": json.loads(body.assume_role_policy_document),
            "Tags": _tags(body.tags),
        },
    )


@ros_resource.register
def _(body: RamPolicy) -> RosResource:
    return RosResource(
        "ALIYUN::RAM::ManagedPolicy",  # does not support tags
        {
            "PolicyName": body.policy_name,
            "Description": body.description,
            "PolicyDocument": json.loads(body.policy_document),
        },
    )


@ros_resource.register
def _(body: RamRolePolicyAttachment) -> RosResource:
    return RosResource(
        "ALIYUN::RAM::AttachPolicyToRole",
        {
            "RoleName": body.role_name,
            "PolicyName": body.policy_name,
            "PolicyType": body.policy_type,
        },
    )


@ros_resource.register
def _(body: FcService) -> RosResource:
    log = body.log_config
    return RosResource(
        "ALIYUN::FC::Service",
        {
            "ServiceName": body.name,
            "Description": body.description,
            "Role": body.role,
            "LogConfig": {"Project": log.project, "Logstore": log.logstore},
            "Tags": _tags(body.tags),
        },
    )


@ros_resource.register
def _(body: FcFunction) -> RosResource:
    return RosResource(
        "ALIYUN::FC::Function",
        {
            "ServiceName": body.service,
            "FunctionName": body.name,
            "Description": body.description,
            "Runtime": body.runtime,
            "Handler": body.handler,
            "MemorySize": body.memory_size,
            "Timeout": body.timeout,
            "EnvironmentVariables": {
                name: ref(value.name) if isinstance(value, Variable) else value
                for name, value in body.environment_variables.items()
            },
            "Code": {"OssBucketName": ref(CODE_BUCKET), "OssObjectName": ref(CODE_OBJECT)},
        },
    )


@ros_resource.register
def _(body: FnfFlow) -> RosResource:
    return RosResource(
        "ALIYUN::FNF::Flow",
        {
            "Name": body.name,
            "Description": body.description,
            "Definition": body.definition,
            "RoleArn": body.role_arn,
        },
    )


def _key_index(field: FieldSearch) -> Properties:
    index: dict[str, object] = {"Name": field.name, "Type": field.type}
    if field.token is not None:
        index["Delimiter"] = field.token
    if field.json_keys is not None:
        index["JsonKeyIndices"] = [{"Name": k.name, "Type": k.type} for k in field.json_keys]
    return index


def _tags(tags: Tags) -> Sequence[Mapping[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
