"""The operator's access to an environment's account."""

from __future__ import annotations

from pydantic import Field

from infra.model.config_model import ConfigModel
from infra.model.field_types import RoleArn


class OperatorAccess(ConfigModel):
    """The credentials of commands that work on a deployment, without any secrets.

    Attributes:
        profile: profile of the ``aliyun`` command line to take credentials from; when left out
            they are looked up in the usual order.
        role_arn: ARN of a role to assume with them.
    """

    profile: str | None = Field(default=None, min_length=1, max_length=128)
    role_arn: RoleArn | None = None
