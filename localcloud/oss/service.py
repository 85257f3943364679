"""The OSS service of one cloud."""

from __future__ import annotations

from localcloud.core import Core
from localcloud.http import HttpService
from localcloud.oss.access import Authorize
from localcloud.oss.api import Api
from localcloud.oss.store import ObjectStore
from localcloud.ram.credentials import CredentialStore


class ObjectStorage(ObjectStore):
    """Every account's buckets, and the HTTP API to them.

    Args:
        core: what all services share.
        credentials: whose signatures count.
        authorize: refuses what RAM does not grant: principal, action, resource, conditions.
    """

    def __init__(self, core: Core, credentials: CredentialStore, authorize: Authorize) -> None:
        super().__init__(core)
        api = Api(self, core, credentials, authorize)
        self.service = HttpService(api.handle, api.refuse, api.admit)
