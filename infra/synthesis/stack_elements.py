"""The CDKTF elements for a deployment's resources and the provider."""

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
        depends_on: elements that must exist first.
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

    # jsii looks this up by its Python name; under any other name every body would be empty.
    @jsii.member(jsii_name="synthesizeAttributes")
    def _synthesize_attributes(self) -> Mapping[str, Encoded]:
        return arguments(self._body)


@dataclass(frozen=True, kw_only=True)
class AssumeRoleBlock:
    """The role that Terraform assumes; ``session_expiration`` is in seconds."""

    role_arn: Suffixed  # required: the provider fills an empty block from environment variables
    session_name: str
    session_expiration: int
    external_id: str | None


@dataclass(frozen=True, kw_only=True)
class AssumeRoleWithOidcBlock:
    """The role that Terraform assumes first, with a pipeline's token that is never given here."""

    role_arn: str  # required, likewise
    oidc_provider_arn: str
    oidc_token_file: str | None
    role_session_name: str
    session_expiration: int


@dataclass(frozen=True, kw_only=True)
class ProviderBlock:
    """The provider's arguments, without credentials: those come from the pipeline."""

    region: str  # required: the provider's default is cn-beijing
    account_id: str  # required: otherwise the provider first requests it
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
        # Set before super().__init__, which reads it.
        self._config = config
        self._alias = alias
        super().__init__(
            scope,
            id_,
            terraform_resource_type=provider.NAME,
            terraform_generator_metadata=_METADATA,
            terraform_provider_source=provider.SOURCE,
        )

    # The base class silently drops the alias, so all resources would use the same provider.
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
