"""The resources of a deployment, with typed arguments.

Fields are named after the Terraform provider's arguments, without deprecated ones. A field that is
None is omitted. Function Compute's resources are in ``infra.blueprint.compute``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from infra.model.terraform_text import Variable

Tags = Mapping[str, str]
Variables = Mapping[str, str | Variable]  # environment variables of a function


@dataclass(frozen=True, kw_only=True)
class Body:
    """The arguments of a resource."""

    TYPE: ClassVar[str]


@dataclass(frozen=True, kw_only=True)
class OssBucket(Body):
    TYPE = "alicloud_oss_bucket"

    bucket: str
    tags: Tags


@dataclass(frozen=True, kw_only=True)
class OssBucketObject(Body):
    TYPE = "alicloud_oss_bucket_object"

    bucket: str
    key: str
    source: str  # path of a file; the provider rereads it only if the path or key changes


@dataclass(frozen=True, kw_only=True)
class LogProject(Body):
    TYPE = "alicloud_log_project"

    project_name: str
    description: str
    tags: Tags


@dataclass(frozen=True, kw_only=True)
class LogStore(Body):
    TYPE = "alicloud_log_store"

    project_name: str
    logstore_name: str
    retention_period: int  # days


@dataclass(frozen=True, kw_only=True)
class FullText:
    """A full-text index. ``token`` holds the delimiter characters."""

    token: str


@dataclass(frozen=True, kw_only=True)
class JsonKey:
    """An index over one leaf of a JSON field; ``name`` is its path."""

    name: str
    type: Literal["text", "long", "double"]


@dataclass(frozen=True, kw_only=True)
class FieldSearch:
    """An index over one field. ``token`` holds the delimiter characters."""

    name: str
    type: Literal["text", "long", "double", "json"]
    token: str | None = None
    json_keys: Sequence[JsonKey] | None = None


@dataclass(frozen=True, kw_only=True)
class LogStoreIndex(Body):
    TYPE = "alicloud_log_store_index"

    project: str
    logstore: str
    full_text: FullText
    field_search: Sequence[FieldSearch]


@dataclass(frozen=True, kw_only=True)
class LogDashboard(Body):
    TYPE = "alicloud_log_dashboard"

    project_name: str
    dashboard_name: str
    display_name: str
    char_list: str  # the charts, JSON; the provider's spelling


@dataclass(frozen=True, kw_only=True)
class CmsAlarmContactGroup(Body):
    TYPE = "alicloud_cms_alarm_contact_group"

    alarm_contact_group_name: str
    contacts: Sequence[str]  # no description: the provider clears one when it updates the other


@dataclass(frozen=True, kw_only=True)
class AlarmEscalation:
    """The condition that raises an alarm."""

    statistics: str
    comparison_operator: Literal[">="]
    threshold: str
    times: int


@dataclass(frozen=True, kw_only=True)
class CmsAlarm(Body):
    TYPE = "alicloud_cms_alarm"

    name: str
    project: str
    metric: str
    contact_groups: Sequence[str]
    metric_dimensions: str  # a list, as JSON
    period: int  # seconds
    silence_time: int  # seconds
    escalations_critical: AlarmEscalation
    tags: Tags


@dataclass(frozen=True, kw_only=True)
class RamRole(Body):
    TYPE = "alicloud_ram_role"

    role_name: str
    description: str
    assume_role_policy_document: str
    tags: Tags


@dataclass(frozen=True, kw_only=True)
class RamPolicy(Body):
    TYPE = "alicloud_ram_policy"

    policy_name: str
    description: str
    policy_document: str
    tags: Tags
    # RAM keeps five versions of a policy; without this the sixth change fails.
    rotate_strategy: str = "DeleteOldestNonDefaultVersionWhenLimitExceeded"


@dataclass(frozen=True, kw_only=True)
class RamRolePolicyAttachment(Body):
    TYPE = "alicloud_ram_role_policy_attachment"

    role_name: str
    policy_name: str
    policy_type: Literal["Custom"] = "Custom"


@dataclass(frozen=True, kw_only=True)
class FnfFlow(Body):
    TYPE = "alicloud_fnf_flow"

    name: str
    description: str
    definition: str
    role_arn: str
    type: Literal["FDL"] = "FDL"


@dataclass(frozen=True)
class Resource:
    """A resource of a deployment.

    Attributes:
        id: logical id. Changing it destroys and recreates the resource.
        body: the arguments.
        depends_on: resources that must exist first. Arguments refer to other resources as plain
            text, so only this determines the order.
    """

    id: str
    body: Body
    depends_on: tuple[Resource, ...] = ()
