"""An environment's Terraform settings: the state, and access to the account."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from infra.model.config_model import ConfigModel
from infra.model.field_types import (
    BucketName,
    CloudEndpoint,
    CloudHost,
    OidcProviderArn,
    Region,
    RoleArn,
    fault,
)


class LocalState(ConfigModel):
    """Terraform state in a file, for experiments.

    Attributes:
        path: path of the file, relative to the project's folder.
    """

    path: str = Field(min_length=1)


class OssState(ConfigModel):
    """Terraform state in an OSS bucket.

    Attributes:
        bucket: bucket of the state, not one that the stack creates.
        region: the bucket's region; the environment's when left out.
        prefix: folder of the state; ``oss-restore/NAME`` when left out.
        key: file name of the state.
        tablestore_endpoint: Tablestore endpoint of the lock. Without one, two deployments may write
            at the same time.
        tablestore_table: table of the lock, whose primary key is ``LockID``, a string.
        encrypt: whether the state is encrypted at rest.
        endpoint: OSS endpoint, if not the region's.
    """

    bucket: BucketName
    region: Region | None = None
    prefix: str | None = None
    key: str = "terraform.tfstate"
    tablestore_endpoint: CloudEndpoint | None = None
    tablestore_table: str | None = None
    encrypt: bool = True
    endpoint: CloudEndpoint | None = None

    @model_validator(mode="after")
    def _check_lock(self) -> OssState:
        if (self.tablestore_endpoint is None) != (self.tablestore_table is None):
            raise fault("a lock requires both tablestore_endpoint and tablestore_table")
        return self


class Backend(ConfigModel):
    """Where Terraform keeps its state: exactly one of local and oss."""

    local: LocalState | None = None
    oss: OssState | None = None

    @model_validator(mode="after")
    def _require_one(self) -> Backend:
        if (self.local is None) == (self.oss is None):
            raise fault("exactly one of local and oss is required")
        return self


class AssumeRoleConfig(ConfigModel):
    """The role that Terraform deploys with; ``session_expiration`` in seconds."""

    role_arn: RoleArn
    session_name: str = "oss-restore"
    session_expiration: int = Field(default=3600, ge=900, le=43_200)
    external_id: str | None = None


class OidcConfig(ConfigModel):
    """The role that Terraform deploys with, using a pipeline's token instead of keys.

    Attributes:
        role_arn: the role's ARN.
        oidc_provider_arn: ARN of the identity provider that the role trusts.
        oidc_token_file: file with the token; when left out, it is taken from
            ``ALIBABA_CLOUD_OIDC_TOKEN_FILE`` or ``ALIBABA_CLOUD_OIDC_TOKEN``.
        role_session_name: session name shown in the account's audit log.
        session_expiration: lifetime of the session in seconds.
    """

    role_arn: RoleArn
    oidc_provider_arn: OidcProviderArn
    oidc_token_file: str | None = None
    role_session_name: str = "oss-restore"
    session_expiration: int = Field(default=3600, ge=900, le=43_200)


class Endpoints(ConfigModel):
    """Hosts of the services' APIs, if not the region's defaults.

    ``location`` lets the provider look up the others; ``ots`` is Tablestore, for bootstrap.
    """

    cms: CloudHost | None = None
    fc: CloudHost | None = None
    fnf: CloudHost | None = None
    location: CloudHost | None = None
    log: CloudHost | None = None
    oss: CloudHost | None = None
    ots: CloudHost | None = None
    ram: CloudHost | None = None
    sts: CloudHost | None = None


class ProviderAccess(ConfigModel):
    """Terraform's access to the account. Keys are never given here: they come from the pipeline.

    Attributes:
        account_type: site that the account belongs to.
        assume_role: role to deploy with, assumed with the pipeline's keys or after OIDC.
        assume_role_with_oidc: role to deploy with, or to start from, without keys.
        endpoints: hosts of the services' APIs, if not the region's defaults.
        protocol: protocol of API requests.
    """

    account_type: Literal["Domestic", "International"] = "Domestic"
    assume_role: AssumeRoleConfig | None = None
    assume_role_with_oidc: OidcConfig | None = None
    endpoints: Endpoints = Endpoints()
    protocol: Literal["HTTPS", "HTTP"] = "HTTPS"

    @property
    def last_role(self) -> tuple[str, AssumeRoleConfig | OidcConfig] | None:
        """The role whose account is deployed to, with its field; None for the keys' account."""
        if self.assume_role is not None:
            return "assume_role", self.assume_role
        if self.assume_role_with_oidc is not None:
            return "assume_role_with_oidc", self.assume_role_with_oidc
        return None
