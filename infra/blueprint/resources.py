"""What a deployment consists of: resources, with typed arguments.

Names of fields are those of the Terraform provider's arguments; what it deprecates is not here. A
field that is None is left out. Function Compute's resources are in ``infra.blueprint.compute``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from infra.model.terraform_text import Variable

Tags = Mapping[str, str]
Variables = Mapping[str, str | Variable]  # of a function


@dataclass(frozen=True, kw_only=True)
class Body:
    """Arguments of a resource."""

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
    source: str  # path of a file; only another path or key makes the provider read it again


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
    """Index over whole lines. ``token`` holds the characters that part words."""

    token: str


@dataclass(frozen=True, kw_only=True)
class JsonKey:
    """Index over one leaf of a field that holds JSON; ``name`` is the path to it."""

    name: str
    type: Literal["text", "long", "double"]


@dataclass(frozen=True, kw_only=True)
class FieldSearch:
    """Index over one field. ``token`` holds the characters that part words."""

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
    contacts: Sequence[str]  # no description: an update of one empties the other


@dataclass(frozen=True, kw_only=True)
class AlarmEscalation:
    """When an alarm is raised."""

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
    metric_dimensions: str  # a list, JSON
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
    """One resource of a deployment.

    Attributes:
        id: logical id. Another one means: destroy and create again.
        body: the arguments.
        depends_on: what must be there first. Arguments name other resources as plain text, so
            this alone orders them.
    """

    id: str
    body: Body
    depends_on: tuple[Resource, ...] = ()
