"""Data sources for the caller, the account and the region."""

from __future__ import annotations

from localcloud.errors import CloudError
from localcloud.terraform.resources.base import DataSourceHandler
from localcloud.terraform.session import Session
from localcloud.terraform.values import Object


class AccountSource(DataSourceHandler):
    """``alicloud_account``."""

    async def read(self, session: Session, config: Object) -> Object:
        return {"id": session.account_id}


class CallerIdentitySource(DataSourceHandler):
    """``alicloud_caller_identity``, which requires no permission."""

    async def read(self, session: Session, config: Object) -> Object:
        principal = session.principal
        kind = "AssumedRoleUser" if principal.role else "RAMUser" if principal.user else "Account"
        return {
            "id": principal.account_id,
            "account_id": principal.account_id,
            "arn": principal.arn,
            "identity_type": kind,
        }


class RegionsSource(DataSourceHandler):
    """``alicloud_regions``. The local cloud has one region."""

    async def read(self, session: Session, config: Object) -> Object:
        region = session.region
        if config.get("name") not in (None, region):
            raise CloudError("NoSuchRegion", f"The local cloud has only the region {region}.", 404)
        own_region: Object = {"id": region, "region_id": region, "local_name": region}
        return {
            "id": region,
            "ids": [region],
            "regions": [own_region],
            "name": region,
            "current": True,
        }
