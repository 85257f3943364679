"""Typed bodies of the alicloud resources that the stack uses, and what puts them into a stack.

Names of fields are the provider's argument names; what it deprecates is not here. A field that is
None is left out of the JSON. Function Compute's resources are in ``infra.compute``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Final, Literal

import cdktf
import jsii
from constructs import Construct

from infra import provider

_METADATA: Final = cdktf.TerraformProviderGeneratorMetadata(
    provider_name=provider.NAME,
    provider_version=provider.VERSION,
    provider_version_constraint=provider.VERSION,
)

Tags = Mapping[str, str]


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
class FieldSearch:
    """Index over one field."""

    name: str
    type: Literal["text", "long", "double", "json"]


@dataclass(frozen=True, kw_only=True)
class LogStoreIndex(Body):
    TYPE = "alicloud_log_store_index"

    project: str
    logstore: str
    full_text: FullText
    field_search: Sequence[FieldSearch]


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


class Resource(cdktf.TerraformResource):
    """A resource in a stack.

    Args:
        scope: the stack.
        id_: logical id. Another one means: destroy and create again.
        body: the arguments.
        depends_on: resources that must be there first, beside those that the arguments refer to.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        body: Body,
        *,
        depends_on: Sequence[cdktf.TerraformResource] = (),
    ) -> None:
        super().__init__(
            scope,
            id_,
            terraform_resource_type=body.TYPE,
            terraform_generator_metadata=_METADATA,
            depends_on=list(depends_on),
        )
        self._body = body

    # jsii finds this by its Python name; under another one every body would be empty.
    @jsii.member(jsii_name="synthesizeAttributes")
    def _synthesize_attributes(self) -> Mapping[str, Any]:
        return asdict(self._body)


@dataclass(frozen=True, kw_only=True)
class AssumeRole:
    """The role that Terraform works with; ``session_expiration`` in seconds."""

    role_arn: str  # always given: the provider fills an empty block from the environment
    session_name: str
    session_expiration: int
    external_id: str | None


@dataclass(frozen=True, kw_only=True)
class AssumeRoleWithOidc:
    """The role that Terraform starts from for a pipeline's token, which is never given here."""

    role_arn: str  # always given, likewise
    oidc_provider_arn: str
    oidc_token_file: str | None
    role_session_name: str
    session_expiration: int


@dataclass(frozen=True, kw_only=True)
class ProviderConfig:
    """Arguments of the provider. Never credentials: those come from the pipeline."""

    region: str  # always given: the provider falls back to cn-beijing
    account_id: str  # always given: else every call first asks who it is
    account_type: Literal["Domestic", "International"]
    protocol: Literal["HTTPS", "HTTP"]
    assume_role: AssumeRole | None
    assume_role_with_oidc: AssumeRoleWithOidc | None
    endpoints: Mapping[str, str] | None


class Alicloud(cdktf.TerraformProvider):
    """The provider of a stack."""

    def __init__(
        self, scope: Construct, id_: str, config: ProviderConfig, *, alias: str | None = None
    ) -> None:
        # Before super().__init__, which reads the alias.
        self._config = config
        self._alias = alias
        super().__init__(
            scope,
            id_,
            terraform_resource_type=provider.NAME,
            terraform_generator_metadata=_METADATA,
            terraform_provider_source=provider.SOURCE,
        )

    # The base class drops the alias without a word, and all resources land with one provider.
    @property
    @jsii.member(jsii_name="alias")
    def alias(self) -> str | None:
        return self._alias

    @alias.setter
    def alias(self, value: str | None) -> None:
        self._alias = value

    @jsii.member(jsii_name="synthesizeAttributes")
    def _synthesize_attributes(self) -> Mapping[str, Any]:
        return asdict(self._config)
