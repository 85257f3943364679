"""Official clients that use Alibaba Cloud's host names, with one key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import fc2
import oss2
from alibabacloud_cms20190101.client import Client as CmsClient
from alibabacloud_fc20230330.client import Client as Fc3Client
from alibabacloud_fnf20190315.client import Client as FnfClient
from alibabacloud_sls20201230.client import Client as SlsClient
from alibabacloud_tea_openapi.utils_models import Config

from oss_restore.clients.target import LocalEndpoints
from tests.rpc import SIGNATURE, call_rpc

VERSIONS = {"ram": "2015-05-01", "sts": "2015-04-01", "location": "2015-06-12"}
OSS = "https://oss-cn-hangzhou.aliyuncs.com"
HOSTS = {"ram": "ram", "sts": "sts.cn-hangzhou", "location": "location-readonly"}


@dataclass(frozen=True)
class RealNames:
    """Clients of an account's services in cn-hangzhou."""

    endpoints: LocalEndpoints

    def config(self, host: str, **more: str) -> Config:
        """Return the configuration of a generated client."""
        return Config(
            endpoint=f"{host}.aliyuncs.com",
            protocol="https",
            region_id="cn-hangzhou",
            access_key_id=self.endpoints.access_key_id,
            access_key_secret=self.endpoints.access_key_secret,
            ca=self.endpoints.ca_file,
            **more,
        )

    def rpc(self, service: str, action: str, **query: str) -> dict[str, Any]:
        """Make a call with the generic client, which signs as the provider does."""
        config = self.config(HOSTS[service], signature_algorithm=SIGNATURE)
        return call_rpc(config, VERSIONS[service], action, query)

    @cached_property
    def sls(self) -> SlsClient:
        return SlsClient(self.config("cn-hangzhou.log"))

    @cached_property
    def cms(self) -> CmsClient:
        return CmsClient(self.config("metrics.cn-hangzhou"))

    @cached_property
    def fnf(self) -> FnfClient:
        return FnfClient(self.config("cn-hangzhou.fnf"))

    @cached_property
    def fc3(self) -> Fc3Client:
        return Fc3Client(self.config("fcv3.cn-hangzhou"))

    @cached_property
    def fc2(self) -> fc2.Client:
        return fc2.Client(
            endpoint=f"https://{self.endpoints.account_id}.cn-hangzhou.fc.aliyuncs.com",
            accessKeyID=self.endpoints.access_key_id,
            accessKeySecret=self.endpoints.access_key_secret,
        )

    @cached_property
    def oss(self) -> oss2.Service:
        return oss2.Service(self._auth, OSS, region="cn-hangzhou")

    def bucket(self, name: str) -> oss2.Bucket:
        """Return a bucket at its own host, with signatures of version 4."""
        return oss2.Bucket(self._auth, OSS, name, region="cn-hangzhou")

    @property
    def _auth(self) -> oss2.AuthV4:
        return oss2.AuthV4(self.endpoints.access_key_id, self.endpoints.access_key_secret)
