"""Assuming the role that deploys an environment, or the one that operates it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

from infra.model.environment import Environment
from infra.model.operator_access import OperatorAccess
from infra.model.terraform_access import AssumeRoleConfig
from oss_restore.clients.credentials import AccessKeys, CallerCredentials, SessionKeys
from oss_restore.clients.sts import call_sts
from oss_restore.clients.target import Target
from oss_restore.errors import RefusedError
from oss_restore.language import gettext as _


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

    Its sessions are renewed, since a run may be followed for days. The first call of any service
    assumes the role, and raises ``OperatorError`` if STS refuses it.
    """
    if access.role_arn is None:
        return target
    role = AssumeRoleConfig(role_arn=access.role_arn)
    return replace(target, credentials=CallerCredentials.renewed(lambda: _session(target, role)))


def _session(target: Target, role: AssumeRoleConfig) -> SessionKeys:
    target.credentials.keys()  # without credentials, report that instead
    query = {
        "RoleArn": role.role_arn,
        "RoleSessionName": role.session_name,
        "DurationSeconds": str(role.session_expiration),
        **({"ExternalId": role.external_id} if role.external_id else {}),
    }
    try:
        credentials = call_sts(target, "AssumeRole", query)["Credentials"]
    except AlibabaCloudException as error:
        raise RefusedError(
            _("STS refused to assume {role}: {code}: {reason}").format(
                role=role.role_arn, code=error.code, reason=error.message
            ),
            hint=_(
                "the identity in use needs sts:AssumeRole on the role, and the role must trust it"
            ),
        ) from error
    keys = AccessKeys(
        credentials["AccessKeyId"], credentials["AccessKeySecret"], credentials["SecurityToken"]
    )
    return SessionKeys(keys, datetime.fromisoformat(credentials["Expiration"]))
