"""CDKTF elements for a deployment's resources and the provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import jsii
from constructs import Construct

from infra.blueprint.resources import Body
from infra.model.terraform_text import Encoded, Suffixed, arguments
from infra.synthesis import provider
from infra.synthesis.kit import cdktf

_METADATA: Final = cdktf.TerraformProviderGeneratorMetadata(
    provider_name=provider.NAME,
    provider_version=provider.VERSION,
    provider_version_constraint=provider.VERSION,
)


class Element(cdktf.TerraformResource):
    """A resource in a stack.

    Args:
        scope: the stack.
        id_: logical id.
        body: the arguments.
        depends_on: elements that must be there first.
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
            depends_on=list(depends_on) or None,
        )
        self._body = body

    # jsii finds this by its Python name; under another one every body would be empty.
    @jsii.member(jsii_name="synthesizeAttributes")
    def _synthesize_attributes(self) -> Mapping[str, Encoded]:
        return arguments(self._body)


@dataclass(frozen=True, kw_only=True)
class AssumeRoleBlock:
    """The role that Terraform works with; ``session_expiration`` in seconds."""

    role_arn: Suffixed  # always set: the provider fills an empty block from the environment
    session_name: str
    session_expiration: int
    external_id: str | None


@dataclass(frozen=True, kw_only=True)
class AssumeRoleWithOidcBlock:
    """The role that Terraform starts from for a pipeline's token, which is never given here."""

    role_arn: str  # always set, likewise
    oidc_provider_arn: str
    oidc_token_file: str | None
    role_session_name: str
    session_expiration: int


@dataclass(frozen=True, kw_only=True)
class ProviderBlock:
    """Arguments of the provider. Never credentials: those come from the pipeline."""

    region: str  # always set: the provider falls back to cn-beijing
    account_id: str  # always set: otherwise every call first asks for the account
    account_type: Literal["Domestic", "International"]
    protocol: Literal["HTTPS", "HTTP"]
    assume_role: AssumeRoleBlock | None
    assume_role_with_oidc: AssumeRoleWithOidcBlock | None
    endpoints: Mapping[str, str]


class Alicloud(cdktf.TerraformProvider):
    """The provider of a stack."""

    def __init__(
        self, scope: Construct, id_: str, config: ProviderBlock, *, alias: str | None = None
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

    # The base class silently drops the alias, and all resources land with one provider.
    @property
    @jsii.member(jsii_name="alias")
    def alias(self) -> str | None:
        return self._alias

    @alias.setter
    def alias(self, value: str | None) -> None:
        self._alias = value

    @jsii.member(jsii_name="synthesizeAttributes")
    def _synthesize_attributes(self) -> Mapping[str, Encoded]:
        return arguments(self._config)
