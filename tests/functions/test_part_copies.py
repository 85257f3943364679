"""Objects that are copied in parts, over several calls."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions import index
from functions.copy_store import CopyStore, UploadedPart
from functions.object_copies import CopyFailedError, ObjectCopier
from functions.part_checksums import crc64_of
from functions.part_copies import PartCopier
from functions.unfinished_uploads import UnfinishedUpload, UnfinishedUploads
from localcloud.oss.checksums import crc64
from tests.functions.flow import Flow
from tests.functions.scene import BUCKET, RETRY, Scene
from thaw.after_thaw import CopyTo, Promotion
from thaw.copy_parts import part_requests, parts_of
from thaw.errors import RunStopped
from thaw.store import ListedObject

Copying = Callable[[], bool]

ELSEWHERE = "elsewhere"
GB = 1024**3
TB = 1024**4


def copier(scene: Scene, *, ticks: bool = False, promotes: bool = False) -> PartCopier:
    """Return a copier to another bucket; with ticks, each reading of the clock takes a second."""
    seconds = count()
    retry = replace(RETRY, monotonic=lambda: next(seconds) if ticks else 0.0)
    after = Promotion() if promotes else CopyTo(bucket_name=ELSEWHERE, storage_class="Standard")
    name = BUCKET if promotes else ELSEWHERE
    if not promotes:
        scene.oss.bucket(ELSEWHERE).create_bucket()
    source = CopyStore(scene.oss.bucket(BUCKET), retry)
    copier = ObjectCopier(source, CopyStore(scene.oss.bucket(name), retry), after)
    uploads = UnfinishedUploads(scene.ledger(), "reports/", name)
    return PartCopier(copier, uploads, workers=1)


def with_target(copying: PartCopier, target: CopyStore) -> PartCopier:
    return replace(copying, copier=replace(copying.copier, target=target))


def readable(scene: Scene, key: str, size: int) -> ListedObject:
    scene.seed([key], size=size)
    scene.thaw(key)
    scene.oss.advance(61)
    (listed,) = scene.store().list_after(key, "").objects
    return listed


@given(size=st.integers(min_value=GB + 1, max_value=48 * TB))
def test_parts_cover_an_object_and_respect_the_limits_of_oss(size: int) -> None:
    parts = parts_of(size)
    assert len(parts) <= 10_000
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    starts = [0, *(part.within[1] + 1 for part in parts)]
    assert starts[:-1] == [part.within[0] for part in parts]
    assert starts[-1] == size
    lengths = [last - first + 1 for first, last in (part.within for part in parts)]
    assert max(lengths) <= 5 * GB
    assert all(length >= 100 * 1024 for length in lengths[:-1])


@pytest.mark.parametrize("promotes", [False, True], ids=["copy", "promote"])
def test_a_copy_of_many_parts_takes_several_calls_and_copies_no_part_twice(
    scene: Scene, promotes: bool
) -> None:
    size = 12 * GB + 1
    listed = readable(scene, "huge", size)
    copying = copier(scene, ticks=True, promotes=promotes)
    clock = copying.copier.target.retry.monotonic
    calls = 1
    while not copying.copy(listed, now=scene.now(), until=clock() + 20):
        calls += 1
    assert calls == 3
    assert scene.requests("UploadPartCopy") == len(parts_of(size)) == part_requests(size) - 2 == 49
    assert scene.requests("InitiateMultipartUpload") == 1
    copy = copying.copier.target.head("huge")
    assert (copy.size, copy.storage_class) == (size, "Standard")


def test_an_upload_that_was_begun_but_not_recorded_is_aborted(scene: Scene) -> None:
    listed = readable(scene, "a", 2 * GB)
    copying = copier(scene)
    about_to = UnfinishedUpload("a", listed.etag, "Standard", int(scene.now()))
    copying.uploads.keep(about_to)
    lost = copying.copier.target.begin_upload("a", {})
    assert copying.copy(listed, now=scene.now(), until=1.0)
    assert copying.copier.target.parts("a", lost) is None


def test_an_upload_of_an_objects_previous_content_is_aborted(scene: Scene) -> None:
    listed = readable(scene, "a", 2 * GB)
    copying = copier(scene)
    old = copying.copier.target.begin_upload("a", {})
    copying.uploads.keep(UnfinishedUpload("a", "ANOTHER", "Standard", 0, old))
    assert copying.copy(listed, now=scene.now(), until=1.0)
    assert copying.copier.target.parts("a", old) is None


def test_an_object_overwritten_during_its_copy_is_not_copied(scene: Scene) -> None:
    listed = readable(scene, "a", 2 * GB)
    copying = copier(scene)
    assert not copying.copy(listed, now=scene.now(), until=0.0)
    scene.oss.bucket(BUCKET).put_object("a", b"new")
    with pytest.raises(CopyFailedError) as error:
        copying.copy(listed, now=scene.now(), until=1.0)
    assert error.value.code == "SourceChanged"
    assert copying.copier.target.uploads("a", since=0) == []


def test_an_upload_that_another_run_is_just_starting_is_continued(scene: Scene) -> None:
    listed, copying = readable(scene, "a", 2 * GB), copier(scene)
    announced = UnfinishedUpload("a", listed.etag, "Standard", int(scene.now()))
    copying.uploads.keep(announced)
    target = copying.copier.target
    started: list[str] = []

    def other_run_starts(_: float) -> None:
        started.append(target.begin_upload("a", {"x-oss-storage-class": "Standard"}))
        crc64 = copying.copier.source.head("a").crc64
        copying.uploads.keep(replace(announced, upload_id=started[0], crc64=crc64))

    patient = CopyStore(scene.oss.bucket(ELSEWHERE), replace(RETRY, sleep=other_run_starts))
    assert with_target(copying, patient).copy(listed, now=scene.now(), until=math.inf)
    assert len(started) == 1
    assert scene.requests("InitiateMultipartUpload") == 1
    assert target.head("a").size == listed.size


def test_no_upload_remains_when_another_run_has_copied_the_object_first(scene: Scene) -> None:
    listed, copying = readable(scene, "a", 2 * GB), copier(scene)
    assert not copying.copy(listed, now=scene.now(), until=0.0)
    of_other_run = UnfinishedUploads(scene.ledger(), "unseen/", ELSEWHERE)
    other_run = replace(copying, uploads=of_other_run)
    assert other_run.copy(listed, now=scene.now(), until=math.inf)
    assert copying.copy(listed, now=scene.now(), until=math.inf)
    target = copying.copier.target
    assert target.uploads("a", since=0) == []
    assert copying.uploads.find("a") is None


class RecordedMeanwhile(CopyStore):
    """A destination where another run records its upload once this run lists its parts."""

    record: Callable[[], None]

    def parts(self, key: str, upload_id: str) -> list[UploadedPart] | None:
        self.record()
        return super().parts(key, upload_id)


def test_an_upload_is_aborted_if_another_run_has_recorded_its_own(scene: Scene) -> None:
    listed, copying = readable(scene, "a", 2 * GB), copier(scene)
    theirs = copying.copier.target.begin_upload("a", {"x-oss-storage-class": "Standard"})
    crc64 = copying.copier.source.head("a").crc64
    record = UnfinishedUpload("a", listed.etag, "Standard", int(scene.now()), theirs, crc64)
    target = RecordedMeanwhile(scene.oss.bucket(ELSEWHERE), RETRY)
    target.record = lambda: copying.uploads.keep(record)
    copying = with_target(copying, target)
    assert not copying.copy(listed, now=scene.now(), until=0.0)
    assert target.uploads("a", since=0) == [theirs]
    assert copying.copy(listed, now=scene.now(), until=math.inf)
    assert target.uploads("a", since=0) == []


@given(sizes=st.lists(st.integers(1, 300), max_size=5), equal=st.integers(0, 100))
def test_the_combined_crc_of_parts_is_that_of_the_whole(sizes: list[int], equal: int) -> None:
    parts = [bytes([n % 256]) * size for n, size in enumerate([*sizes, *[7] * equal])]
    listed = [UploadedPart(n, "", len(part), crc64(part)) for n, part in enumerate(parts)]
    assert crc64_of(listed) == str(crc64(b"".join(parts)))


def test_the_combined_crc_is_unknown_if_that_of_a_part_is_unknown() -> None:
    assert crc64_of([UploadedPart(1, "", 1, 1), UploadedPart(2, "", 1)]) == ""


@pytest.fixture
def begun(scene: Scene, flow: Flow, monkeypatch: pytest.MonkeyPatch) -> tuple[PartCopier, Copying]:
    """Return a copier that has copied some parts of an object, and a function to continue."""
    place = {"name": ELSEWHERE, "prefixes": [], "storageClass": "Standard"}
    monkeypatch.setenv("AFTER_THAW", json.dumps({"destinations": [place]}))
    copying = copier(scene, ticks=True)
    flow.start(then={"copy": {"bucketName": ELSEWHERE}})
    listed = readable(scene, "a", 3 * GB)
    clock = copying.copier.target.retry.monotonic

    def go_on() -> bool:
        return copying.copy(listed, now=scene.now(), until=clock() + 5)

    assert not go_on()
    assert 0 < scene.requests("UploadPartCopy") < len(parts_of(3 * GB))
    return copying, go_on


@pytest.mark.parametrize("error", ["RunStopped", "AccessDenied"])
def test_unfinished_uploads_are_aborted_when_the_run_is_stopped_or_fails(
    scene: Scene, flow: Flow, begun: tuple[PartCopier, Copying], error: str
) -> None:
    target = begun[0].copier.target
    assert len(target.uploads("a", since=0)) == 1
    for _ in range(2):
        flow.call(index.notifyRun, executionName="run-1", step="stop", error=error, cause="")
        assert target.uploads("a", since=0) == []


def test_a_call_that_outlives_its_run_begins_no_upload(
    scene: Scene, flow: Flow, begun: tuple[PartCopier, Copying]
) -> None:
    copying, go_on = begun
    scene.ledger().write("stop", b"stopped by a test")
    flow.call(index.notifyRun, executionName="run-1", step="stop", error="RunStopped", cause="")
    with pytest.raises(RunStopped):
        go_on()
    assert copying.copier.target.uploads("a", since=0) == []


class StoppedMeanwhile(CopyStore):
    """A destination that stops the run at the moment when an upload begins."""

    stop: Callable[[], None]

    def begin_upload(self, key: str, headers: Mapping[str, str]) -> str:
        self.stop()
        return super().begin_upload(key, headers)


def test_an_upload_begun_while_its_run_is_stopped_is_aborted(scene: Scene) -> None:
    listed, copying = readable(scene, "a", 2 * GB), copier(scene)
    target = StoppedMeanwhile(scene.oss.bucket(ELSEWHERE), RETRY)
    target.stop = lambda: scene.ledger().write("stop", b"stopped by a test")
    copying = with_target(copying, target)
    with pytest.raises(RunStopped):
        copying.copy(listed, now=scene.now(), until=1.0)
    assert target.uploads("a", since=0) == []


def test_the_next_run_continues_an_unfinished_upload(
    scene: Scene, begun: tuple[PartCopier, Copying]
) -> None:
    _, go_on = begun
    while not go_on():
        pass
    assert scene.requests("InitiateMultipartUpload") == 1
    assert scene.requests("UploadPartCopy") == len(parts_of(3 * GB))
