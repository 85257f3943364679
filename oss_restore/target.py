"""Where calls go and who makes them: a region of Alibaba Cloud, or a local cloud."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from oss_restore.errors import ExitStatus, OperatorError

_KEY_ID = "ALIBABA_CLOUD_ACCESS_KEY_ID"
_KEY_SECRET = "ALIBABA_CLOUD_ACCESS_KEY_SECRET"  # noqa: S105 - a variable's name
_TOKEN = "ALIBABA_CLOUD_SECURITY_TOKEN"  # noqa: S105 - a variable's name


class LocalEndpoints(BaseModel):
    """The file that ``oss-restore cloud --endpoints FILE`` writes once it is ready."""

    model_config = ConfigDict(frozen=True)

    oss: str
    fc: str
    fnf: str
    ram: str
    sts: str
    control: str
    access_key_id: str
    access_key_secret: str
    security_token: str = ""  # of temporary keys; the file's own are the account's
    account_id: str
    region: str
    tf_reattach_providers: str


class Target(BaseModel):
    """Endpoints and credentials for the official SDKs.

    ``fnf``, ``fc`` and ``sts`` carry their scheme. ``oss`` is the endpoint that the operator's
    machine uses, ``oss_for_functions`` the one from inside the region, where traffic is free.
    """

    model_config = ConfigDict(frozen=True)

    fnf: str
    fc: str
    oss: str
    oss_for_functions: str
    sts: str
    region: str
    access_key_id: str
    access_key_secret: str
    security_token: str = ""


def local_target(endpoints: LocalEndpoints) -> Target:
    """The local cloud, as its account."""
    return Target(
        fnf=endpoints.fnf,
        fc=endpoints.fc,
        oss=endpoints.oss,
        oss_for_functions=endpoints.oss,
        sts=endpoints.sts,
        region=endpoints.region,
        access_key_id=endpoints.access_key_id,
        access_key_secret=endpoints.access_key_secret,
        security_token=endpoints.security_token,
    )


def read_endpoints(path: Path) -> LocalEndpoints:
    """Reads an endpoints file.

    Raises:
        OperatorError: it is not there, or not such a file.
    """
    try:
        return LocalEndpoints.model_validate_json(path.read_bytes())
    except OSError as error:
        raise OperatorError(
            f"cannot read the endpoints file {path}: {error.strerror}",
            hint=f"start a local cloud with: oss-restore cloud --endpoints {path}",
            status=ExitStatus.USAGE,
        ) from error
    except ValidationError as error:
        raise OperatorError(
            f"{path} is not an endpoints file: {error.errors()[0]['msg']}",
            status=ExitStatus.USAGE,
        ) from error


def cloud_target(region: str, account_id: str) -> Target:
    """A region of Alibaba Cloud, with the credentials of the environment variables.

    Raises:
        OperatorError: no credentials are set.
    """
    key_id, secret = os.environ.get(_KEY_ID, ""), os.environ.get(_KEY_SECRET, "")
    if not key_id or not secret:
        raise OperatorError(
            f"no credentials: {_KEY_ID} and {_KEY_SECRET} are not both set",
            hint="export them, or name a local cloud with --endpoints FILE",
            status=ExitStatus.USAGE,
        )
    return Target(
        fnf=f"https://{region}.fnf.aliyuncs.com",
        fc=f"https://{account_id}.{region}.fc.aliyuncs.com",
        oss=f"https://oss-{region}.aliyuncs.com",
        oss_for_functions=f"https://oss-{region}-internal.aliyuncs.com",
        sts=f"https://sts.{region}.aliyuncs.com",
        region=region,
        access_key_id=key_id,
        access_key_secret=secret,
        security_token=os.environ.get(_TOKEN, ""),
    )
