"""Assuming the role that deploys an environment, or the one that operates it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from alibabacloud_tea_openapi.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions
from pydantic import BaseModel, Field
from Tea.exceptions import TeaException

from infra.model.environment import Environment
from infra.model.operator_access import OperatorAccess
from infra.model.terraform_access import AssumeRoleConfig
from oss_restore.clients.credentials import AccessKeys, CallerCredentials, SessionKeys
from oss_restore.clients.target import Target
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.language import gettext as _

_ASSUME_ROLE = Params(
    action="AssumeRole",
    version="2015-04-01",
    protocol="HTTPS",
    pathname="/",
    method="POST",
    auth_type="AK",
    style="RPC",
    req_body_type="formData",
    body_type="json",
)


class _Keys(BaseModel):
    access_key_id: str = Field(alias="AccessKeyId")
    access_key_secret: str = Field(alias="AccessKeySecret")
    security_token: str = Field(alias="SecurityToken")
    expiration: datetime = Field(alias="Expiration")


class _Body(BaseModel):
    keys: _Keys = Field(alias="Credentials")


class _Answer(BaseModel):
    body: _Body


def as_deployer(target: Target, environment: Environment) -> Target:
    """Return the target with the credentials of the role that Terraform assumes, if any.

    Raises:
        OperatorError: STS refused it, or could not be reached.
    """
    role = environment.provider.assume_role
    if role is None:
        return target
    keys = _session(target, role).keys
    fixed = CallerCredentials.fixed(keys.access_key_id, keys.access_key_secret, keys.security_token)
    return replace(target, credentials=fixed)


def as_operator(target: Target, access: OperatorAccess) -> Target:
    """Return the target with the credentials of the role that operates it, if any.

    Its sessions are renewed, since a run may be followed for days. STS is asked with the first
    call, which then raises ``OperatorError`` if it refuses.
    """
    if access.role_arn is None:
        return target
    role = AssumeRoleConfig(role_arn=access.role_arn)
    return replace(target, credentials=CallerCredentials.renewed(lambda: _session(target, role)))


def _session(target: Target, role: AssumeRoleConfig) -> SessionKeys:
    target.credentials.keys()  # where there are none, that is what is told
    endpoint = urlsplit(target.sts)
    client = Client(
        Config(
            endpoint=endpoint.netloc,
            protocol=endpoint.scheme,
            region_id=target.region,
            credential=target.credentials.client,
            signature_algorithm="v2",
        )
    )
    query = {
        "RoleArn": role.role_arn,
        "RoleSessionName": role.session_name,
        "DurationSeconds": str(role.session_expiration),
        **({"ExternalId": role.external_id} if role.external_id else {}),
    }
    try:
        answer = client.call_api(_ASSUME_ROLE, OpenApiRequest(query=query), RuntimeOptions())
    except AlibabaCloudException as error:
        raise OperatorError(
            _("STS refused to assume {role}: {code}: {reason}").format(
                role=role.role_arn, code=error.code, reason=error.message
            ),
            hint=_(
                "the identity in use needs sts:AssumeRole on the role, and the role must trust it"
            ),
            status=ExitStatus.REFUSED,
        ) from error
    except TeaException as error:
        raise OperatorError(
            _("cannot reach {service} at {endpoint}: {reason}").format(
                service="STS", endpoint=target.sts, reason=getattr(error, "inner_exception", error)
            ),
            status=ExitStatus.REFUSED,
        ) from error
    found = _Answer.model_validate(answer).body.keys
    keys = AccessKeys(found.access_key_id, found.access_key_secret, found.security_token)
    return SessionKeys(keys, found.expiration)
