"""How the operator's commands reach an environment's account."""

from __future__ import annotations

from pydantic import Field

from infra.model.config_model import ConfigModel
from infra.model.field_types import RoleArn


class OperatorAccess(ConfigModel):
    """Credentials of the commands that work on a deployment; no secret stands here.

    Attributes:
        profile: of the ``aliyun`` command line, whose credentials are used; those that are found in
            the usual order when left out.
        role_arn: of a role that is assumed with them.
    """

    profile: str | None = Field(default=None, min_length=1, max_length=128)
    role_arn: RoleArn | None = None
