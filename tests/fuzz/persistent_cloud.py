"""A cloud for hostile requests, whose state must survive them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from localcloud.cloud import LocalCloud
from localcloud.persistence.database import Database
from localcloud.persistence.recovery import StateKeeper
from localcloud.settings import Settings
from oss_restore.clients.target import LocalEndpoints
from tests.infra.hosted import HostedCloud

ACCOUNT: Final = "1234567890123456"


@contextmanager
def persistent_cloud(state: Path) -> Iterator[LocalEndpoints]:
    """Provide a cloud that keeps its state; in the end, a new one must recover every record."""
    with HostedCloud(ACCOUNT, state=state).serving() as hosted:
        yield hosted.endpoints(ACCOUNT)
    with closing(Database(state)) as database:
        keeper = StateKeeper(LocalCloud(Settings(account_id=ACCOUNT)), database)
        assert keeper.recover() is not None
        for kind, value_of in keeper.sources().items():
            if kind not in ("identity", "moment"):
                for record, value in database.read(kind):
                    assert value_of(record) == value, record
