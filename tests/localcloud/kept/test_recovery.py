"""Recovery: a new cloud that is restored from a stored state writes every record as it was."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import oss2
import pytest

from localcloud.cloud import LocalCloud
from localcloud.control import control_app
from localcloud.errors import CloudError
from localcloud.kept.database import Database
from localcloud.kept.recovery import StateKeeper
from localcloud.oss.bucket import Versioning
from localcloud.settings import Settings
from localcloud.sls import LogLine
from oss_restore.clients.control_api import ControlClient
from oss_restore.clients.target import LocalEndpoints

ACCOUNT = "1234567890123456"
TRUST = '{"Version": "1", "Statement": []}'
WAITING = """\
version: v1
type: flow
steps:
  - type: wait
    name: long
    duration: 3600
"""


def work_over_http(endpoints: LocalEndpoints) -> None:
    """Make a state by calling the services as clients do."""
    auth = oss2.AuthV4(endpoints.access_key_id, endpoints.access_key_secret)
    bucket = oss2.Bucket(auth, endpoints.oss, "kept", region=endpoints.region)
    bucket.create_bucket()
    bucket.put_bucket_policy('{"Version": "1", "Statement": []}')
    bucket.put_object("plain", b"text \xff", headers={"x-oss-meta-a": "b"})
    bucket.put_symlink("plain", "link")
    upload = bucket.init_multipart_upload("large").upload_id
    for number in (1, 2, 11):
        bucket.upload_part("large", upload, number, bytes([number]) * 200_000)
    done = bucket.init_multipart_upload("done").upload_id
    part = bucket.upload_part("done", done, 1, b"one")
    bucket.complete_multipart_upload("done", done, [oss2.models.PartInfo(1, part.etag)])
    bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    bucket.put_object("versions", b"1")
    bucket.put_object("versions", b"2")
    bucket.delete_object("versions")
    bucket.put_object("gone", b"")
    bucket.batch_delete_objects(["gone"])
    control = ControlClient(endpoints)
    control.set({"equality": "strict", "step_bytes": 1000})
    control.add_fault(service="oss", operation="Nothing", times=3)


async def fill(cloud: LocalCloud) -> None:
    account = cloud.accounts[ACCOUNT]
    extra = {"control": control_app(cloud)}
    await cloud.start(extra=extra)
    await asyncio.to_thread(work_over_http, LocalEndpoints.model_validate(cloud.endpoints()))
    account.ram.create_role("role", TRUST, "", 0)
    account.sls.create_project("logs")
    account.sls.create_logstore("logs", "functions", ttl=30)
    lines = [LogLine(cloud.core.clock.now(), {"message": str(n)}) for n in range(600)]
    account.sls.append("logs", "functions", lines)
    account.fnf.flows.create("waiting", WAITING)
    cloud.core.clock.hold()
    account.fnf.start_execution("waiting", name="runs", input='{"a": [1, null]}')
    cloud.open_account("9999888877776666")
    cloud.configuration_changed()
    await asyncio.sleep(0.1)


def records(folder: Path) -> dict[tuple[str, str], bytes]:
    with closing(sqlite3.connect(folder / "state.sqlite3")) as file:
        rows = file.execute("SELECT kind, name, value FROM records")
        return {(kind, name): value for kind, name, value in rows}


async def test_every_record_is_restored_as_it_was(tmp_path: Path) -> None:
    cloud = LocalCloud(Settings())
    with closing(Database(tmp_path)) as database:
        keeper = StateKeeper(cloud, database)
        assert keeper.recover() is None
        await keeper.keep()
        await fill(cloud)
        await keeper.end()
        await cloud.stop()
    before = records(tmp_path)
    kinds = {kind for kind, _ in before}
    assert {"object", "uploads", "part", "lines", "execution", "events", "faults"} <= kinds

    again = LocalCloud(Settings())
    with closing(Database(tmp_path)) as database:
        keeper = StateKeeper(again, database)
        recovery = keeper.recover()
        assert recovery is not None
        assert recovery.ended
        assert recovery.counts["executions"] == 1
        sources = keeper.sources()
        for kind in kinds - {"identity", "moment"}:
            for record, value in database.read(kind):
                assert sources[kind](record) == value, record
        bucket = again.oss.get_bucket("kept")
        assert bucket.versioning is Versioning.ENABLED
        assert again.core.settings.limits.step_bytes == 1000
        assert again.core.settings.semantics.equality == "strict"


async def test_the_state_of_another_account_or_region_is_refused(tmp_path: Path) -> None:
    with closing(Database(tmp_path)) as database:
        keeper = StateKeeper(LocalCloud(Settings()), database)
        await keeper.keep()
        await keeper.end()
    other = LocalCloud(Settings(region="cn-beijing"))
    with closing(Database(tmp_path)) as database, pytest.raises(CloudError, match="cn-hangzhou"):
        StateKeeper(other, database).recover()


def test_the_file_of_an_earlier_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{}")
    with pytest.raises(CloudError, match="it was saved by an earlier version; remove it"):
        Database(tmp_path)
