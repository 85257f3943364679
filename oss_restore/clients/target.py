"""Endpoints and credentials of a region of Alibaba Cloud, or of a local cloud."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from infra.model.terraform_access import Endpoints
from infra.model.user_files import MAX_YAML_BYTES, FileError, read_bytes
from oss_restore.clients.credentials import CallerCredentials
from oss_restore.errors import UsageError
from oss_restore.language import gettext as _

if TYPE_CHECKING:
    from alibabacloud_tea_openapi.utils_models import Config

_PROXIES: Final = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


class LocalEndpoints(BaseModel):
    """The file that ``oss-restore cloud --endpoints FILE`` writes once it is ready.

    If the keys were removed from it, they are found in the same places as those of Alibaba Cloud.
    """

    model_config = ConfigDict(frozen=True)

    oss: str
    fc: str
    fnf: str
    ram: str
    sts: str
    control: str
    control_token: str = ""
    access_key_id: str = ""
    access_key_secret: str = ""
    security_token: str = ""  # only for temporary keys, which the local cloud does not write
    account_id: str
    region: str
    tf_reattach_providers: str
    # For clients that only use Alibaba Cloud's own host names; not used here.
    sls: str = ""
    cms: str = ""
    location: str = ""
    https_proxy: str = ""
    ca_file: str = ""


@dataclass(frozen=True)
class Target:
    """Endpoints, with their scheme, and credentials for the official SDKs.

    Attributes:
        oss: OSS endpoint for the operator's machine.
        oss_for_functions: OSS endpoint for the functions, in the region, where traffic is free.
        control: endpoint of a local cloud's control API; empty for Alibaba Cloud.
        bucket_regions: regions of buckets in other regions, by bucket.
    """

    fnf: str
    fc: str
    oss: str
    oss_for_functions: str
    sts: str
    region: str
    credentials: CallerCredentials
    control: str = ""
    bucket_regions: Mapping[str, str] = field(default_factory=dict)

    def sdk_config(self, endpoint: str, signature_algorithm: str | None = None) -> Config:
        """Return the configuration of an official client.

        Args:
            endpoint: one of this target's endpoints.
            signature_algorithm: signature algorithm; None for the client's default.
        """
        from alibabacloud_tea_openapi.utils_models import Config  # noqa: PLC0415 - it takes long

        url = urlsplit(endpoint)
        return Config(
            endpoint=url.netloc,
            protocol=url.scheme,
            region_id=self.region,
            credential=self.credentials.client,
            signature_algorithm=signature_algorithm,
        )

    def region_of(self, bucket: str) -> str:
        """Return the region of a bucket."""
        return self.bucket_regions.get(bucket, self.region)

    def oss_of(self, bucket: str) -> str:
        """Return the OSS endpoint of a bucket for the operator's machine."""
        return self._public_endpoint(bucket) or self.oss

    def oss_for_functions_of(self, bucket: str) -> str:
        """Return the OSS endpoint of a bucket for the functions, public if in another region."""
        return self._public_endpoint(bucket) or self.oss_for_functions

    def _public_endpoint(self, bucket: str) -> str:
        """Return the public endpoint of a bucket in another region; empty for this region."""
        region = self.region_of(bucket)
        if region == self.region:
            return ""
        local = urlsplit(self.oss)
        scheme, port = (local.scheme, f":{local.port}") if self.control else ("https", "")
        return f"{scheme}://oss-{region}.aliyuncs.com{port}"


def local_target(endpoints: LocalEndpoints, profile: str | None = None) -> Target:
    """Target a local cloud with the keys of its account.

    Args:
        endpoints: endpoints of the cloud.
        profile: profile with the keys, if they were removed from the file.
    """
    key_id, secret = endpoints.access_key_id, endpoints.access_key_secret
    return Target(
        fnf=endpoints.fnf,
        fc=endpoints.fc,
        oss=endpoints.oss,
        oss_for_functions=endpoints.oss,
        sts=endpoints.sts,
        region=endpoints.region,
        credentials=CallerCredentials.fixed(key_id, secret, endpoints.security_token)
        if key_id
        else CallerCredentials.resolve(profile),
        control=endpoints.control,
    )


def cloud_target(
    region: str,
    account_id: str,
    endpoints: Endpoints | None = None,
    profile: str | None = None,
) -> Target:
    """Target a region of Alibaba Cloud.

    Args:
        region: region of the deployment.
        account_id: id of the main account.
        endpoints: hosts of services that differ from the defaults.
        profile: profile with the keys; None to find keys in the usual order.
    """
    named = endpoints or Endpoints()
    return Target(
        fnf=_url(named.fnf or f"{region}.fnf.aliyuncs.com"),
        fc=_url(named.fc or f"{account_id}.{region}.fc.aliyuncs.com"),
        oss=_url(named.oss or f"oss-{region}.aliyuncs.com"),
        oss_for_functions=f"https://oss-{region}-internal.aliyuncs.com",
        sts=_url(named.sts or f"sts.{region}.aliyuncs.com"),
        region=region,
        credentials=CallerCredentials.resolve(profile),
    )


def _url(host: str) -> str:
    return host if "://" in host else f"https://{host}"


def read_endpoints(path: Path) -> LocalEndpoints:
    """Read the endpoints file of a local cloud, and stop using a proxy in this process.

    Raises:
        OperatorError: the file does not exist, or is not an endpoints file.
    """
    for name in _PROXIES:  # the SDK of Serverless Workflow ignores NO_PROXY
        os.environ.pop(name, None)
        os.environ.pop(name.lower(), None)
    try:
        return LocalEndpoints.model_validate_json(read_bytes(path, MAX_YAML_BYTES))
    except FileError as error:
        raise UsageError(
            _("cannot read the endpoints file {path}: {reason}").format(
                path=path, reason=error.reason
            ),
            hint=_("start a local cloud with: oss-restore cloud --endpoints {path}").format(
                path=path
            ),
        ) from error
    except ValidationError as error:
        raise UsageError(
            _("{path} was not written by `oss-restore cloud --endpoints FILE`: {reason}").format(
                path=path, reason=error.errors()[0]["msg"]
            )
        ) from error
