"""A deployment as a template for Resource Orchestration Service, to be deployed from its console.

It is made of the same resources as the Terraform stack; the functions' code is an object in OSS.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from infra.blueprint.deployment import Blueprint, blueprint
from infra.blueprint.flows import render_flows
from infra.blueprint.resources import Resource
from infra.bundle.build import Bundle
from infra.model.environment import Environment
from infra.synthesis.ros_resources import CODE_BUCKET, CODE_OBJECT, Properties, ref, ros_resource
from infra.version import VERSION

MAX_TEMPLATE_BYTES: Final = 524_288  # maximum size of a template (ROS limits)

Template = Mapping[str, object]

# Account and region are part of names and policies, so the template is for these alone.
_CHECKS: Final = ("account_check", "region_check")


class TemplateTooLargeError(Exception):
    """The template is over the service's limit."""


def ros_template(environment: Environment, bundle: Bundle) -> Template:
    """The template of an environment.

    Args:
        environment: what is deployed.
        bundle: the functions' code.

    Raises:
        InvalidFlowError: a flow is not fit to be deployed.
        NotInRosError: the environment has a resource that the template cannot express.
        TemplateTooLargeError: the service would refuse it for its size.
    """
    plan = blueprint(environment, bundle, render_flows(environment))
    template = {
        "ROSTemplateFormatVersion": "2015-09-01",
        "Description": f"oss-restore {VERSION}: thaws archived OSS objects in bulk",
        "Metadata": _metadata(),
        "Parameters": {**_parameters(environment, bundle), **_secrets(plan)},
        "Resources": {**_checks(environment), **_resources(plan)},
        "Outputs": {str(key): {"Value": _flat(value)} for key, value in plan.outputs.items()},
    }
    size = len(json.dumps(template).encode())
    if size > MAX_TEMPLATE_BYTES:
        raise TemplateTooLargeError(
            f"the template has {size} bytes, over the service's {MAX_TEMPLATE_BYTES}"
        )
    return template


def code_object(environment: Environment, bundle: Bundle) -> str:
    """Key that the template expects the bundle under; another bundle has another one.

    Only a changed property makes ROS update a function, so the same key would keep the old code.
    """
    return f"oss-restore/{VERSION}/functions-{environment.runtime}-{bundle.checksum}.zip"


def _metadata() -> Properties:
    group = {
        "Parameters": [CODE_BUCKET, CODE_OBJECT],
        "Label": {"default": {"en": "Code of the functions", "zh-cn": "函数代码"}},
    }
    return {"ALIYUN::ROS::Interface": {"ParameterGroups": [group], "TemplateTags": ["oss-restore"]}}


def _parameters(environment: Environment, bundle: Bundle) -> Properties:
    return {
        CODE_BUCKET: {
            "Type": "String",
            "Label": {"en": "Bucket", "zh-cn": "存储空间"},
            "Description": {
                "en": f"Bucket in {environment.region} that holds the zip of the functions",
                "zh-cn": f"{environment.region} 地域中存放函数 ZIP 包的存储空间",
            },
            "AssociationProperty": "ALIYUN::OSS::Bucket::BucketName",
            "AssociationPropertyMetadata": {"RegionId": environment.region},
        },
        CODE_OBJECT: {
            "Type": "String",
            "Label": {"en": "Object", "zh-cn": "对象"},
            "Description": {
                "en": "Key of the zip in that bucket",
                "zh-cn": "ZIP 包在该存储空间中的对象名",
            },
            "Default": code_object(environment, bundle),
        },
    }


def _secrets(plan: Blueprint) -> Properties:
    """Parameters that are entered when the stack is created, and never shown again."""
    return {
        name: {"Type": "String", "NoEcho": True, "Description": description}
        for name, description in plan.secrets.items()
    }


def _checks(environment: Environment) -> Properties:
    """Rules that fail the creation in any other account or region before it starts."""
    wanted = {
        "account_check": ("ALIYUN::TenantId", "account", environment.account),
        "region_check": ("ALIYUN::Region", "region", environment.region),
    }
    return {
        check: {
            "Type": "ALIYUN::ROS::Assert",
            "Properties": {
                "Operation": "Equal",
                "Values": [ref(parameter), value],
                "AbortCreation": True,
                "ErrorMessage": f"This template is for the {kind} {value}.",
            },
        }
        for check, (parameter, kind, value) in wanted.items()
    }


def _resources(plan: Blueprint) -> Properties:
    return {resource.id: _entry(resource) for resource in plan.resources}


def _entry(resource: Resource) -> Properties:
    counterpart = ros_resource(resource.body)
    return {
        "Type": counterpart.type,
        "DependsOn": [other.id for other in resource.depends_on] or list(_CHECKS),
        "Properties": counterpart.properties,
    }


def _flat(value: str | Mapping[str, str]) -> str:
    """An output's value as a string: the reference does not mention maps."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
