"""The OSS service of one cloud."""

from __future__ import annotations

from localcloud.core import Core
from localcloud.http import HttpService
from localcloud.oss.api import Api
from localcloud.oss.store import ObjectStore
from localcloud.ram.credentials import CredentialStore
from localcloud.ram.model import RamLookup


class ObjectStorage(ObjectStore):
    """The buckets of all accounts, and their HTTP API.

    Args:
        core: the cloud's shared state.
        credentials: the keys that requests may be signed with.
        ram_of: see ``RamLookup``.
    """

    def __init__(self, core: Core, credentials: CredentialStore, ram_of: RamLookup) -> None:
        super().__init__(core)
        api = Api(self, core, credentials, ram_of)
        self.service = HttpService(api.handle, api.refuse, api.admit)
