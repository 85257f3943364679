"""A deployment as a template for Resource Orchestration Service, to deploy from its console.

It has the same resources as the Terraform stack; the functions' code is an object in OSS.
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

# Names and policies contain the account and region, so the template works in these alone.
_CHECKS: Final = ("account_check", "region_check")


class TemplateTooLargeError(Exception):
    """The template exceeds the service's size limit."""


def ros_template(environment: Environment, bundle: Bundle) -> Template:
    """Return an environment's template.

    Args:
        environment: the environment to deploy.
        bundle: the functions' code.

    Raises:
        InvalidFlowError: a flow cannot be deployed.
        NotInRosError: the environment has a resource that the template cannot express.
        TemplateTooLargeError: the template exceeds the service's size limit.
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
    """Return the key that the template expects for the bundle, which changes with its content.

    ROS updates a function only if a property changes, so a fixed key would keep the old code.
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
    """Return the parameters to enter when the stack is created, which are never shown again."""
    return {
        name: {"Type": "String", "NoEcho": True, "Description": description}
        for name, description in plan.secrets.items()
    }


def _checks(environment: Environment) -> Properties:
    """Return rules that reject creation in any other account or region before it starts."""
    expected = {
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
        for check, (parameter, kind, value) in expected.items()
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
    """Return an output's value as a string: the reference does not mention maps."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
