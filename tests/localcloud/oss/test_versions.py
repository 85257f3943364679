"""Buckets that keep versions: what is written, listed, read, thawed and deleted, by version."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count

import oss2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oss2.models import (
    BatchDeleteObjectVersion,
    BatchDeleteObjectVersionList,
    BucketVersioningConfig,
    DeleteMarkerInfo,
    ObjectVersionInfo,
)

from localcloud.core import Core
from localcloud.oss.bucket import Bucket, Versioning
from localcloud.oss.model import StorageClass, StoredObject
from localcloud.oss.store import ObjectStore
from localcloud.oss.version_listing import ListedVersion, list_version_page
from localcloud.settings import Settings
from tests.localcloud.oss.running import RunningOss

UNKNOWN = "CAEQJhiBgIDVmYrr1RYiIGE5ZmUxMjViZDIwYjQwY2I5ODA1YWIxNmIyNDNjYjk4"
ARCHIVE = {"x-oss-storage-class": "Archive"}


def switch(bucket: oss2.Bucket, status: str) -> None:
    bucket.put_bucket_versioning(BucketVersioningConfig(status))


def refused(status: int, code: str, call: Callable[[], object]) -> oss2.exceptions.ServerError:
    with pytest.raises(oss2.exceptions.ServerError) as error:
        call()
    assert (error.value.status, error.value.code) == (status, code)
    return error.value


def by(version_id: str) -> dict[str, str]:
    """Return a new parameter for a version, since oss2 modifies the one it is passed."""
    return {"versionId": version_id}


def listed(bucket: oss2.Bucket, **query: object) -> list[tuple[str, str, bool]]:
    """List key, version id and whether it is the latest; versions first, then delete markers."""
    page = bucket.list_object_versions(**query)
    entries: list[ObjectVersionInfo | DeleteMarkerInfo] = [*page.versions, *page.delete_marker]
    return [(entry.key, entry.versionid, entry.is_latest) for entry in entries]


@pytest.fixture
def versioned(bucket: oss2.Bucket) -> oss2.Bucket:
    """A bucket that keeps versions."""
    switch(bucket, "Enabled")
    return bucket


def test_versioning_is_off_until_it_is_switched_on_and_can_only_be_suspended(
    bucket: oss2.Bucket,
) -> None:
    assert bucket.get_bucket_versioning().status is None
    assert bucket.get_bucket_info().versioning_status is None
    for status in ("Enabled", "Suspended"):
        switch(bucket, status)
        assert bucket.get_bucket_versioning().status == status
        assert bucket.get_bucket_info().versioning_status == status
    for wrong in ("", "Off"):
        refused(400, "MalformedXML", partial(switch, bucket, wrong))


def test_a_bucket_without_versions_lists_none(bucket: oss2.Bucket) -> None:
    assert bucket.put_object("key", b"").versionid is None
    assert bucket.head_object("key").versionid is None
    assert bucket.delete_object("key").versionid is None


def test_each_write_makes_a_version_and_the_newest_is_the_current_one(
    versioned: oss2.Bucket,
) -> None:
    first = versioned.put_object("key", b"one").versionid
    second = versioned.put_object("key", b"two").versionid
    assert first != second
    assert versioned.get_object("key").read() == b"two"
    assert versioned.head_object("key").versionid == second
    assert versioned.get_object("key", params=by(first)).read() == b"one"
    assert versioned.get_object_meta("key", params=by(first)).versionid == first
    assert listed(versioned) == [("key", second, True), ("key", first, False)]
    assert [found.key for found in versioned.list_objects().object_list] == ["key"]


def test_an_object_from_before_versioning_is_the_null_version(bucket: oss2.Bucket) -> None:
    bucket.put_object("key", b"old")
    assert listed(bucket) == [("key", "null", True)]
    switch(bucket, "Enabled")
    assert bucket.head_object("key").versionid == "null"
    new = bucket.put_object("key", b"new").versionid
    assert listed(bucket) == [("key", new, True), ("key", "null", False)]
    assert bucket.get_object("key", params=by("null")).read() == b"old"


def test_while_suspended_writes_replace_the_null_version_only(versioned: oss2.Bucket) -> None:
    kept = versioned.put_object("key", b"kept").versionid
    switch(versioned, "Suspended")
    for body in (b"one", b"two"):
        assert versioned.put_object("key", body).versionid == "null"
    assert listed(versioned) == [("key", "null", True), ("key", kept, False)]
    assert versioned.get_object("key").read() == b"two"
    deleted = versioned.delete_object("key")
    assert (deleted.versionid, deleted.delete_marker) == ("null", True)
    assert listed(versioned) == [("key", kept, False), ("key", "null", True)]


def test_a_delete_hides_an_object_and_deleting_its_marker_brings_it_back(
    versioned: oss2.Bucket,
) -> None:
    written = versioned.put_object("key", b"data").versionid
    marker = versioned.delete_object("key")
    assert marker.delete_marker is True
    assert versioned.list_objects().object_list == []
    error = refused(404, "NoSuchKey", lambda: versioned.get_object("key"))
    assert error.headers["x-oss-delete-marker"] == "true"
    assert error.headers["x-oss-version-id"] == marker.versionid
    refused(
        405,
        "MethodNotAllowed",
        lambda: versioned.get_object("key", params=by(marker.versionid)),
    )
    assert versioned.get_object("key", params=by(written)).read() == b"data"
    removed = versioned.delete_object("key", params=by(marker.versionid))
    assert (removed.versionid, removed.delete_marker) == (marker.versionid, True)
    assert versioned.get_object("key").read() == b"data"


def test_a_version_is_deleted_for_good(versioned: oss2.Bucket) -> None:
    first = versioned.put_object("key", b"one").versionid
    second = versioned.put_object("key", b"two").versionid
    for _ in range(2):  # a deleted one is fine
        versioned.delete_object("key", params=by(second))
    assert versioned.get_object("key").read() == b"one"
    refused(404, "NoSuchVersion", lambda: versioned.head_object("key", params=by(second)))
    versioned.delete_object("key", params=by(first))
    assert listed(versioned) == []


@pytest.mark.parametrize("wrong", ["", "234", "NULL"])
def test_an_invalid_version_id_is_refused(versioned: oss2.Bucket, wrong: str) -> None:
    versioned.put_object("key", b"")
    refused(400, "InvalidArgument", lambda: versioned.head_object("key", params=by(wrong)))
    refused(400, "InvalidArgument", lambda: versioned.delete_object("key", params=by(wrong)))
    refused(400, "InvalidArgument", lambda: versioned.restore_object("key", params=by(wrong)))
    if wrong:
        entries = BatchDeleteObjectVersionList([BatchDeleteObjectVersion("key", wrong)])
        refused(400, "InvalidArgument", lambda: versioned.delete_object_versions(entries))


def test_versions_are_deleted_in_bulk(versioned: oss2.Bucket) -> None:
    ids = [versioned.put_object("key", b"").versionid for _ in range(3)]
    (hidden,) = versioned.batch_delete_objects(["key"]).delete_versions
    assert hidden.delete_marker is True
    entries = [
        BatchDeleteObjectVersion("key", id_) for id_ in [*ids, hidden.delete_marker_versionid]
    ]
    deleted = versioned.delete_object_versions(BatchDeleteObjectVersionList(entries))
    assert [entry.delete_marker for entry in deleted.delete_versions] == [False] * 3 + [True]
    assert [entry.versionid for entry in deleted.delete_versions[:3]] == ids
    assert listed(versioned) == []


def test_a_bucket_with_nothing_but_versions_is_not_empty(versioned: oss2.Bucket) -> None:
    written = versioned.put_object("key", b"").versionid
    marker = versioned.delete_object("key").versionid
    for left in (written, marker):
        refused(409, "BucketNotEmpty", versioned.delete_bucket)
        versioned.delete_object("key", params=by(left))
    versioned.delete_bucket()


def test_a_version_is_copied_and_the_copy_is_a_version(versioned: oss2.Bucket) -> None:
    first = versioned.put_object("key", b"one").versionid
    versioned.put_object("key", b"two")
    name = versioned.bucket_name
    copied = versioned.copy_object(name, "key", "key", params=by(first))
    assert copied.headers["x-oss-copy-source-version-id"] == first
    assert versioned.head_object("key").versionid == copied.versionid
    assert versioned.get_object("key").read() == b"one"
    for wrong in ("", "NotExistVersionID"):
        copy = partial(versioned.copy_object, name, "key", "b", params=by(wrong))
        refused(400, "InvalidArgument", copy)


def test_appending_creates_no_version(versioned: oss2.Bucket) -> None:
    made = versioned.append_object("log", 0, b"one").versionid
    assert versioned.append_object("log", 3, b"two").versionid == made
    assert versioned.get_object("log", params=by(made)).read() == b"onetwo"
    assert listed(versioned) == [("log", made, True)]


def test_links_have_versions(versioned: oss2.Bucket) -> None:
    versioned.put_object("a", b"a")
    first = versioned.put_symlink("a", "link").versionid
    versioned.put_symlink("b", "link")
    assert versioned.get_symlink("link", params=by(first)).target_key == "a"
    assert versioned.get_symlink("link").target_key == "b"
    assert versioned.get_object("link", params=by(first)).read() == b"a"


def test_each_version_has_its_class_and_its_own_thaw(
    oss: RunningOss, versioned: oss2.Bucket
) -> None:
    old = versioned.put_object("key", b"old", headers=ARCHIVE).versionid
    warm = versioned.put_object("key", b"warm").versionid
    new = versioned.put_object("key", b"new", headers=ARCHIVE).versionid
    thawed = versioned.restore_object("key", params=by(old))
    assert (thawed.status, thawed.versionid) == (202, old)
    with pytest.raises(oss2.exceptions.RestoreAlreadyInProgress):
        versioned.restore_object("key", params=by(old))
    with pytest.raises(oss2.exceptions.OperationNotSupported):
        versioned.restore_object("key", params=by(warm))

    def states() -> dict[str, str | None]:
        found = versioned.list_object_versions().versions
        return {entry.versionid: entry.restore_info for entry in found}

    assert states() == {new: None, warm: None, old: 'ongoing-request="true"'}
    oss.advance(60)
    assert (states()[old] or "").startswith('ongoing-request="false"')
    head = versioned.head_object("key", params=by(old))
    assert head.headers["x-oss-restore"] == states()[old]
    assert versioned.get_object("key", params=by(old)).read() == b"old"
    refused(403, "InvalidObjectState", lambda: versioned.get_object("key"))
    assert versioned.restore_object("key").versionid == new


def test_deleted_objects_cannot_be_thawed(versioned: oss2.Bucket) -> None:
    versioned.put_object("key", b"", headers=ARCHIVE)
    marker = versioned.delete_object("key").versionid
    refused(404, "NoSuchKey", lambda: versioned.restore_object("key"))
    refused(405, "MethodNotAllowed", lambda: versioned.restore_object("key", params=by(marker)))
    refused(404, "NoSuchVersion", lambda: versioned.restore_object("key", params=by(UNKNOWN)))


def test_versions_are_listed_by_page_prefix_and_folder(versioned: oss2.Bucket) -> None:
    keys = ["a\x01é%", "b/1", "b/2", "c"]
    for key in keys * 2:
        versioned.put_object(key, b"")
    versioned.delete_object("c")
    everything = listed(versioned)
    assert [key for key, *_ in everything] == [*(key for key in keys for _ in "12"), "c"]

    def pages() -> Iterator[tuple[str, str, bool]]:
        marker, version = "", ""
        while True:
            query = {"key_marker": marker, "versionid_marker": version, "max_keys": 2}
            page = versioned.list_object_versions(**query)
            assert len(page.versions) + len(page.delete_marker) <= 2
            yield from listed(versioned, **query)
            if not page.is_truncated:
                return
            marker, version = page.next_key_marker, page.next_versionid_marker

    assert sorted(pages()) == sorted(everything)
    assert listed(versioned, key_marker="b/1") == [e for e in everything if e[0] > "b/1"]
    assert [key for key, *_ in listed(versioned, prefix="b/")] == ["b/1", "b/1", "b/2", "b/2"]
    folders = versioned.list_object_versions(delimiter="/")
    assert folders.common_prefix == ["b/"]
    assert [entry.key for entry in folders.versions] == ["a\x01é%"] * 2 + ["c"] * 2


def test_a_version_marker_needs_a_key_and_must_be_valid(versioned: oss2.Bucket) -> None:
    for query in (
        {"versionid_marker": UNKNOWN},
        {"key_marker": "a", "versionid_marker": "1"},
        {"max_keys": 1001},
    ):
        refused(400, "InvalidArgument", partial(versioned.list_object_versions, **query))


def test_a_key_with_only_a_null_version_has_no_history() -> None:
    store = ObjectStore(Core(Settings()))
    bucket = store.create_bucket("frozen-assets", "1")
    store.seed("frozen-assets", [("key", 1, "Archive")])
    bucket.versioning = Versioning.ENABLED
    assert len(bucket.history) == 0
    written = store.new_version_id
    store.put_object("frozen-assets", "key", b"")
    (newest, _) = bucket.versions_of("key")
    store.delete_object("frozen-assets", "key", newest.id)
    assert len(bucket.history) == 0
    assert written() != newest.id


ACTIONS = ["put", "delete", "drop newest", "drop oldest", "Enabled", "Suspended"]


class Model:
    """A bucket and its expected content: each key's version ids, newest first, and live ones."""

    def __init__(self) -> None:
        self.bucket = Bucket("b", "1", StorageClass.STANDARD, 0, "oss-x")
        self.entries: dict[str, list[tuple[str, bool]]] = {"a": [], "b": []}
        self._numbers = count()

    def do(self, action: str, key: str) -> None:
        """Apply one event."""
        if action in {"Enabled", "Suspended"}:
            self.bucket.versioning = Versioning(action)
        elif action == "put":
            stored = StoredObject(1, StorageClass.ARCHIVE, 0)
            self.bucket.write(key, stored, self._new_id)
            self._expect(key, alive=True)
        elif action == "delete":
            self.bucket.delete(key, 0, self._new_id)
            self._expect(key, alive=False)
        elif self.entries[key]:
            dropped, _ = self.entries[key].pop(0 if action == "drop newest" else -1)
            self.bucket.delete_version(key, dropped)

    def _new_id(self) -> str:
        self._last = f"id-{next(self._numbers)}"
        return self._last

    def _expect(self, key: str, *, alive: bool) -> None:
        before = self.entries[key]
        if self.bucket.versioning is Versioning.NEVER:
            self.entries[key] = [("null", True)] if alive else []
        elif self.bucket.versioning is Versioning.SUSPENDED:
            self.entries[key] = [("null", alive), *(e for e in before if e[0] != "null")]
        else:
            self.entries[key] = [(self._last, alive), *before]


def listed_by_page(bucket: Bucket, max_keys: int) -> Iterator[ListedVersion]:
    key, version = "", ""
    while True:
        page = list_version_page(
            bucket, prefix="", delimiter="", after_key=key, after_version=version, max_keys=max_keys
        )
        yield from page.versions
        if not page.truncated:
            return
        key, version = page.last_key, page.last_version


@given(
    st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from("ab")), max_size=25),
    st.integers(1, 4),
)
def test_any_sequence_of_events_leaves_a_bucket_consistent(
    events: list[tuple[str, str]], max_keys: int
) -> None:
    model = Model()
    for event in events:
        model.do(*event)
    bucket = model.bucket
    for key, entries in model.entries.items():
        found = [(version.id, version.stored is not None) for version in bucket.versions_of(key)]
        assert found == entries
        assert (bucket.objects.get(key) is not None) == bool(entries and entries[0][1])
    assert bucket.is_empty == (not any(model.entries.values()))
    assert [(e.key, e.version.id, e.is_latest) for e in listed_by_page(bucket, max_keys)] == [
        (key, id_, place == 0)
        for key, entries in model.entries.items()
        for place, (id_, _) in enumerate(entries)
    ]
