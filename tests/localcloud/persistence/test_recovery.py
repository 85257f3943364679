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
from localcloud.oss import GeneratedObject
from localcloud.oss.bucket import Versioning
from localcloud.oss.content import Literal
from localcloud.oss.model import Attributes, StorageClass, Tier
from localcloud.oss.restore import RestoreRequest, ThawState, thaw_state
from localcloud.oss.uploads import Upload, make_part
from localcloud.persistence.database import Database
from localcloud.persistence.recovery import StateKeeper
from localcloud.settings import Limits, Settings
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
    for name in ("kept", "removed"):
        fill_bucket(oss2.Bucket(auth, endpoints.oss, name, region=endpoints.region))
    control = ControlClient(endpoints)
    control.remove_bucket("removed")
    control.set({"equality": "strict", "step_bytes": 1000})
    control.add_fault(service="oss", operation="Nothing", times=3)


def fill_bucket(bucket: oss2.Bucket) -> None:
    """Create a bucket with contents of every kind."""
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
    assert [name for _, name in before if "removed" in name] == []

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


async def test_thaws_uploads_and_versions_continue_after_a_restart(tmp_path: Path) -> None:
    settings = Settings(limits=Limits(cold_archive_restores_per_second=1))
    oss = (cloud := LocalCloud(settings)).oss
    with closing(Database(tmp_path)) as database:
        keeper = StateKeeper(cloud, database)
        await keeper.keep()
        bucket = oss.create_bucket("kept", ACCOUNT)
        bucket.archive_direct_read, bucket.acl = True, "public-read"
        oss.put_object("kept", "中\n文", bytes(range(256)), headers={"x-oss-meta-a": "ß"})
        oss.seed("kept", [("cold", 10**12, "ColdArchive"), ("colder", 1, "ColdArchive")])
        cold, bulk = oss.get_object("kept", "cold"), RestoreRequest(days="2", tier="Bulk")
        oss.thawer.restore(cold, bulk, owner=ACCOUNT)
        attributes = Attributes(StorageClass.IA, {"content-type": "text/plain"}, tags={"a": "1"})
        bucket.uploads["1"] = Upload(
            "1", "large", initiated=bucket.created_at, attributes=attributes
        )
        bucket.uploads["1"].add(1, make_part(Literal(b"a" * 102_400), bucket.created_at))
        bucket.versioning = Versioning.ENABLED
        oss.seed("kept", [GeneratedObject("key", size, "Archive") for size in (1, 2)])
        oss.put_object("kept", "gone", b"")
        oss.delete_object("kept", "gone")
        for record in (("object", "kept", "cold"), ("uploads", "kept"), ("part", "kept", "1", "1")):
            cloud.core.journal.touch(*record)
        cloud.core.journal.touch("restore_queues")
        cloud.configuration_changed()
        await keeper.end()

    again = (restarted := LocalCloud(settings)).oss
    with closing(Database(tmp_path)) as database:
        assert StateKeeper(restarted, database).recover() is not None
    kept = again.get_bucket("kept")
    assert (kept.archive_direct_read, kept.acl) == (True, "public-read")
    found = again.get_object("kept", "中\n文")
    assert (found.read(0, 256), found.headers) == (bytes(range(256)), {"x-oss-meta-a": "ß"})
    cold, colder = again.get_object("kept", "cold"), again.get_object("kept", "colder")
    assert cold.thaw is not None
    assert cold.thaw.tier is Tier.BULK
    assert thaw_state(cold, again.now()) is ThawState.THAWING
    again.thawer.restore(colder, bulk, owner=ACCOUNT)
    assert colder.thaw is not None
    assert colder.thaw.ready_at >= cold.thaw.ready_at + 1  # it waits for the first, as before
    part = make_part(Literal(b"b"), kept.created_at)
    kept.uploads["1"].add(2, part)
    parts = [(number, part.etag) for number, part in kept.uploads["1"].parts.items()]
    completed = kept.uploads["1"].complete(parts, kept.created_at)
    assert completed.read(102_399, 102_401) == b"ab"
    assert (completed.tags, completed.storage_class) == ({"a": "1"}, StorageClass.IA)
    assert [v.stored and v.stored.size for v in kept.versions_of("key")] == [2, 1]
    # The current object is the same, however it is reached.
    assert kept.versions_of("key")[0].stored is again.get_object("kept", "key")
    assert again.thaws("kept")["Archive"] == {"frozen": 2}
    with pytest.raises(CloudError, match="NoSuchKey"):
        again.get_object("kept", "gone")


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
