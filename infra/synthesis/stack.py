"""A deployment as a Terraform stack: state, provider, resources, outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from constructs import Construct

from infra.blueprint.deployment import Blueprint
from infra.model.environment import Environment
from infra.model.names import Names
from infra.model.terraform_access import AssumeRoleConfig
from infra.model.terraform_text import Suffixed, Variable, encode, literal
from infra.synthesis.kit import cdktf
from infra.synthesis.stack_elements import (
    Alicloud,
    AssumeRoleBlock,
    AssumeRoleWithOidcBlock,
    Element,
    ProviderBlock,
)

# Relative to OUTDIR/stacks/STACK, where Terraform runs, and so the same on every machine.
OUTDIR: Final = Path("../..")
_PROJECT: Final = OUTDIR / ".."

ROLE_SUFFIX: Final = "role_suffix"  # the variable's name


class RestoreStack(cdktf.TerraformStack):
    """One environment: everything from the provider to the outputs.

    Args:
        scope: the app.
        environment: the environment to deploy.
        blueprint: its resources and outputs.
    """

    def __init__(self, scope: Construct, environment: Environment, blueprint: Blueprint) -> None:
        self._environment = environment
        self._names = Names(environment)
        super().__init__(scope, self._names.stack)
        self._add_backend()
        self._add_provider()
        for name, description in blueprint.secrets.items():
            # Without a default, Terraform requires a value.
            cdktf.TerraformVariable(
                self, name, type="string", description=description, sensitive=True, nullable=False
            )
        elements: dict[str, Element] = {}
        for resource in blueprint.resources:
            before = [elements[other.id] for other in resource.depends_on]
            elements[resource.id] = Element(self, resource.id, resource.body, depends_on=before)
        for key, value in blueprint.outputs.items():
            cdktf.TerraformOutput(self, key, value=encode(value))

    def _add_backend(self) -> None:
        """Add a backend even for local state: the implicit one contains a path on this machine."""
        backend = self._environment.backend
        if backend.local is not None:
            cdktf.LocalBackend(self, path=literal(str(_PROJECT / backend.local.path)))
        if backend.oss is not None:
            oss = backend.oss
            cdktf.OssBackend(
                self,
                bucket=oss.bucket,
                region=oss.region or self._environment.region,
                prefix=literal(self._names.state_prefix),
                key=literal(oss.key),
                encrypt=oss.encrypt,
                endpoint=oss.endpoint,
                tablestore_endpoint=oss.tablestore_endpoint,
                tablestore_table=oss.tablestore_table and literal(oss.tablestore_table),
            )

    def _add_provider(self) -> None:
        provider = self._environment.provider
        role, oidc = provider.assume_role, provider.assume_role_with_oidc
        if role is not None:
            self._add_role_suffix()
        Alicloud(
            self,
            "alicloud",
            ProviderBlock(
                region=self._environment.region,
                account_id=self._environment.account,
                account_type=provider.account_type,
                protocol=provider.protocol,
                assume_role=_assumed(role) if role else None,
                assume_role_with_oidc=AssumeRoleWithOidcBlock(**oidc.model_dump())
                if oidc
                else None,
                endpoints=self._names.provider_endpoints,
            ),
        )

    def _add_role_suffix(self) -> None:
        """Add a variable so that a pipeline can plan as the deployer's reader, then apply."""
        variable = cdktf.TerraformVariable(
            self,
            ROLE_SUFFIX,
            type="string",
            description="Behind the deployer's name: -reader to plan, nothing to apply",
            default="",
            nullable=False,
        )
        # Ephemeral, so a plan does not contain it (Terraform 1.10, OpenTofu 1.11).
        variable.add_override("ephemeral", True)
        self.add_override("terraform.required_version", ">= 1.11.0")


def _assumed(role: AssumeRoleConfig) -> AssumeRoleBlock:
    return AssumeRoleBlock(
        role_arn=Suffixed(role.role_arn, Variable(ROLE_SUFFIX)),
        **role.model_dump(exclude={"role_arn"}),
    )
