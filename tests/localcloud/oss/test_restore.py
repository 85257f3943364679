"""RestoreObject and CleanRestoredObject, row by row of the documentation."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime

import oss2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.core import Core
from localcloud.errors import CloudError
from localcloud.meters import OSS_RETRIEVALS, OSS_RETRIEVED_BYTES
from localcloud.oss.model import StorageClass, StoredObject
from localcloud.oss.restore import DAY, MAX_DAYS, RestoreRequest, Thawer, ThawState, thaw_state
from localcloud.settings import Limits, Settings, Switches, ThawTimes
from tests.localcloud.oss.running import RunningOss, running_oss

HOUR = 3_600
ARCHIVED = ("Archive", "ColdArchive", "DeepColdArchive")
COLD = ("ColdArchive", "DeepColdArchive")
SLOWEST = {
    ("Archive", None): 60,
    ("ColdArchive", "Expedited"): HOUR,
    ("ColdArchive", "Standard"): 5 * HOUR,
    ("ColdArchive", None): 5 * HOUR,
    ("ColdArchive", "Bulk"): 12 * HOUR,
    ("DeepColdArchive", "Expedited"): 12 * HOUR,
    ("DeepColdArchive", "Standard"): 48 * HOUR,
    ("DeepColdArchive", None): 48 * HOUR,
}


def put(bucket: oss2.Bucket, key: str, storage_class: str) -> None:
    bucket.put_object(key, b"data", headers={"x-oss-storage-class": storage_class})


def body(days: object = None, tier: str | None = None) -> str:
    inner = "" if days is None else f"<Days>{days}</Days>"
    if tier is not None:
        inner += f"<JobParameters><Tier>{tier}</Tier></JobParameters>"
    return f"<RestoreRequest>{inner}</RestoreRequest>"


def refusal(bucket: oss2.Bucket, key: str, text: str = "") -> tuple[int, str, str]:
    """Return status, code and EC of a restore that must fail."""
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        bucket.restore_object(key, input=text)
    return refused.value.status, refused.value.code, refused.value.ec


def days_left(oss: RunningOss, bucket: oss2.Bucket, key: str) -> float:
    """Return how many days the object stays readable, according to its header."""
    info = bucket.head_object(key).headers["x-oss-restore"]
    assert info.startswith('ongoing-request="false", expiry-date="')
    expiry = parsedate_to_datetime(info.split('"')[3]).timestamp()
    return (expiry - oss.do(oss.core.clock.now)) / DAY


@pytest.mark.parametrize(("storage_class", "tier"), list(SLOWEST))
def test_a_frozen_object_thaws_in_its_time_and_freezes_again_after_its_days(
    oss: RunningOss, bucket: oss2.Bucket, storage_class: str, tier: str | None
) -> None:
    put(bucket, "key", storage_class)
    assert "x-oss-restore" not in bucket.head_object("key").headers
    answer = bucket.restore_object("key", input=body(days=2, tier=tier))
    assert answer.status == 202
    named = answer.headers.get("x-oss-object-restore-priority")
    assert named == (None if storage_class == "Archive" else tier or "Standard")

    oss.advance(SLOWEST[storage_class, tier] - 30)
    assert bucket.head_object("key").headers["x-oss-restore"] == 'ongoing-request="true"'
    with pytest.raises(oss2.exceptions.ServerError, match="InvalidObjectState"):
        bucket.get_object("key")

    oss.advance(30)
    assert days_left(oss, bucket, "key") == pytest.approx(2, abs=0.01)
    assert bucket.get_object("key").read() == b"data"
    assert bucket.head_object("key").headers["x-oss-storage-class"] == storage_class

    oss.advance(2 * DAY)
    assert "x-oss-restore" not in bucket.head_object("key").headers
    with pytest.raises(oss2.exceptions.ServerError, match="InvalidObjectState"):
        bucket.get_object("key")
    assert bucket.restore_object("key").status == 202


def test_no_body_means_one_day_and_the_default_tier(oss: RunningOss, bucket: oss2.Bucket) -> None:
    put(bucket, "key", "ColdArchive")
    answer = bucket.restore_object("key")
    assert answer.status == 202
    assert answer.headers["x-oss-object-restore-priority"] == "Standard"
    oss.advance(5 * HOUR)
    assert days_left(oss, bucket, "key") == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("storage_class", ARCHIVED)
def test_a_thawing_object_refuses_a_second_request(
    oss: RunningOss, bucket: oss2.Bucket, storage_class: str
) -> None:
    put(bucket, "key", storage_class)
    bucket.restore_object("key", input=body(days=1))
    expected = (409, "RestoreAlreadyInProgress", "0016-00000701")
    assert refusal(bucket, "key", body(days=1)) == expected
    with pytest.raises(oss2.exceptions.RestoreAlreadyInProgress):
        bucket.restore_object("key")
    if storage_class in COLD:
        assert refusal(bucket, "key", body(tier="Standard")) == expected


@pytest.mark.parametrize("storage_class", COLD)
def test_a_faster_tier_speeds_up_a_thaw(
    oss: RunningOss, bucket: oss2.Bucket, storage_class: str
) -> None:
    put(bucket, "key", storage_class)
    bucket.restore_object("key", input=body(tier="Standard"))
    answer = bucket.restore_object("key", input=body(days=3, tier="Expedited"))
    assert answer.status == 202
    assert answer.headers["x-oss-object-restore-priority"] == "Expedited"
    oss.advance(SLOWEST[storage_class, "Expedited"])
    assert days_left(oss, bucket, "key") == pytest.approx(3, abs=0.01)


def test_a_faster_tier_never_makes_the_wait_longer(oss: RunningOss, bucket: oss2.Bucket) -> None:
    put(bucket, "key", "ColdArchive")
    bucket.restore_object("key", input=body(tier="Standard"))
    oss.advance(4.5 * HOUR)
    bucket.restore_object("key", input=body(tier="Expedited"))
    oss.advance(0.5 * HOUR)
    assert bucket.get_object("key").read() == b"data"


def test_a_slower_tier_is_refused_while_an_object_thaws(bucket: oss2.Bucket) -> None:
    put(bucket, "key", "ColdArchive")
    bucket.restore_object("key", input=body(tier="Standard"))
    status, _, ec = refusal(bucket, "key", body(tier="Bulk"))
    assert status in {400, 409}
    assert ec == "0016-00000715"


@pytest.mark.parametrize("storage_class", ARCHIVED)
def test_a_request_for_a_readable_object_adds_days_up_to_the_class_maximum(
    oss: RunningOss, bucket: oss2.Bucket, storage_class: str
) -> None:
    put(bucket, "key", storage_class)
    most = MAX_DAYS[StorageClass(storage_class)]
    bucket.restore_object("key", input=body(days=2))
    oss.advance(SLOWEST[storage_class, None])
    assert bucket.restore_object("key", input=body(days=3)).status == 200
    assert days_left(oss, bucket, "key") == pytest.approx(5, abs=0.01)
    assert bucket.restore_object("key", input=body(days=most)).status == 200
    assert days_left(oss, bucket, "key") == pytest.approx(most, abs=0.01)


@pytest.mark.parametrize("storage_class", ["Standard", "IA"])
def test_what_is_not_archived_cannot_be_restored(bucket: oss2.Bucket, storage_class: str) -> None:
    put(bucket, "key", storage_class)
    assert refusal(bucket, "key") == (400, "OperationNotSupported", "0016-00000702")


def test_a_symlink_cannot_be_restored(bucket: oss2.Bucket) -> None:
    bucket.put_symlink("target", "link", headers={"x-oss-storage-class": "Archive"})
    assert refusal(bucket, "link") == (400, "OperationNotSupported", "0016-00000702")


@pytest.mark.parametrize(
    ("storage_class", "text", "expected"),
    [
        ("ColdArchive", body(tier="Slow"), (400, "InvalidArgument", "0016-00000703")),
        ("DeepColdArchive", body(tier="Bulk"), (400, "InvalidArgument", "0016-00000703")),
        ("Archive", body(tier="Standard"), (400, "MalformedXML", None)),
        ("Archive", body(days=0), (400, "MalformedXML", "0016-00000708")),
        ("Archive", body(days=8), (400, "MalformedXML", "0016-00000708")),
        ("Archive", body(days="two"), (400, "MalformedXML", "0016-00000708")),
        ("ColdArchive", body(days=366), (400, "MalformedXML", "0016-00000704")),
        ("DeepColdArchive", body(days=-1), (400, "MalformedXML", "0016-00000704")),
        ("DeepColdArchive", body(days="9" * 5_000), (400, "MalformedXML", "0016-00000704")),
        (
            "Archive",
            "<RestoreRequest><Days>1</Days><Days>1</Days></RestoreRequest>",
            (400, "MalformedXML", "0016-00000707"),
        ),
        (
            "Archive",
            "<RestoreRequest><GlacierJobParameters/></RestoreRequest>",
            (400, "MalformedXML", "0016-00000709"),
        ),
        (
            "Archive",
            "<RestoreRequest><OutputLocation/></RestoreRequest>",
            (400, "MalformedXML", "0016-00000710"),
        ),
        (
            "Archive",
            "<RestoreRequest><Type>SELECT</Type></RestoreRequest>",
            (400, "MalformedXML", "0016-00000713"),
        ),
        (
            "Archive",
            "<RestoreRequest><Description/></RestoreRequest>",
            (400, "MalformedXML", "0016-00000714"),
        ),
        ("Archive", "<RestoreRequest><Days>1</Days>", (400, "MalformedXML", None)),
        ("Archive", "<Restore/>", (400, "MalformedXML", None)),
        ("Archive", '<!DOCTYPE a [<!ENTITY b "c">]><RestoreRequest/>', (400, "MalformedXML", None)),
    ],
)
def test_a_wrong_request_is_refused_with_its_own_code(
    bucket: oss2.Bucket, storage_class: str, text: str, expected: tuple[int, str, str | None]
) -> None:
    put(bucket, "key", storage_class)
    status, code, ec = refusal(bucket, "key", text)
    assert (status, code, ec or None) == expected
    assert "x-oss-restore" not in bucket.head_object("key").headers


def test_a_missing_key_or_bucket_is_not_found(oss: RunningOss, bucket: oss2.Bucket) -> None:
    assert refusal(bucket, "key") == (404, "NoSuchKey", "0026-00000001")
    missing = oss.bucket("no-such-bucket")
    assert refusal(missing, "key") == (404, "NoSuchBucket", "0015-00000101")


@pytest.mark.parametrize("storage_class", ARCHIVED)
def test_frozen_data_can_be_neither_read_nor_copied_only_described(
    bucket: oss2.Bucket, storage_class: str
) -> None:
    put(bucket, "key", storage_class)
    with pytest.raises(oss2.exceptions.ServerError) as read:
        bucket.get_object("key")
    assert (read.value.status, read.value.code) == (403, "InvalidObjectState")
    assert read.value.ec == "0016-00000404"
    with pytest.raises(oss2.exceptions.ServerError) as copied:
        bucket.copy_object(bucket.bucket_name, "key", "copy")
    assert (copied.value.status, copied.value.code) == (403, "InvalidObjectState")
    assert copied.value.ec == "0016-00000330"
    assert bucket.head_object("key").content_length == 4
    assert bucket.get_object_meta("key").content_length == 4
    bucket.delete_object("key")


def test_listings_agree_with_head(oss: RunningOss, bucket: oss2.Bucket) -> None:
    for key in ("expired", "frozen", "readable", "thawing"):
        put(bucket, key, "Archive")
    bucket.restore_object("expired", input=body(days=1))
    oss.advance(2 * DAY)
    bucket.restore_object("readable", input=body(days=1))
    oss.advance(60)
    bucket.restore_object("thawing", input=body(days=1))
    expected = {
        key: bucket.head_object(key).headers.get("x-oss-restore")
        for key in ("expired", "frozen", "readable", "thawing")
    }
    assert expected["expired"] is expected["frozen"] is None
    assert "expiry-date" in expected["readable"]
    for page in (bucket.list_objects(), bucket.list_objects_v2()):
        assert {entry.key: entry.restore_info for entry in page.object_list} == expected


def test_overwriting_an_object_discards_its_thaw(oss: RunningOss, bucket: oss2.Bucket) -> None:
    put(bucket, "key", "Archive")
    bucket.restore_object("key")
    put(bucket, "key", "Archive")
    assert "x-oss-restore" not in bucket.head_object("key").headers


def clean(bucket: oss2.Bucket, key: str) -> int:
    answer = bucket._do("POST", bucket.bucket_name, key, params={"cleanRestoredObject": ""})
    return int(answer.status)


@pytest.mark.parametrize("storage_class", COLD)
def test_cleaning_ends_the_readable_state(
    oss: RunningOss, bucket: oss2.Bucket, storage_class: str
) -> None:
    put(bucket, "key", storage_class)

    def refused() -> tuple[int, str, str]:
        with pytest.raises(oss2.exceptions.ServerError) as error:
            clean(bucket, "key")
        return error.value.status, error.value.code, error.value.ec

    stale = (409, "ArchiveRestoreFileStale", "0016-00000718")
    assert refused() == stale
    bucket.restore_object("key")
    assert refused() == (409, "ArchiveRestoreNotFinished", "0016-00000719")
    oss.advance(SLOWEST[storage_class, None])
    assert clean(bucket, "key") // 100 == 2
    assert "x-oss-restore" not in bucket.head_object("key").headers
    assert refused() == stale


def test_archive_objects_cannot_be_cleaned(oss: RunningOss, bucket: oss2.Bucket) -> None:
    put(bucket, "key", "Archive")
    bucket.restore_object("key")
    oss.advance(60)
    with pytest.raises(oss2.exceptions.OperationNotSupported):
        clean(bucket, "key")


def test_direct_read_opens_archive_objects_without_a_thaw(
    oss: RunningOss, bucket: oss2.Bucket
) -> None:
    put(bucket, "archive", "Archive")
    put(bucket, "cold", "ColdArchive")
    assert bucket.get_bucket_archive_direct_read().enabled is False
    bucket.put_bucket_archive_direct_read("true")
    assert bucket.get_bucket_archive_direct_read().enabled is True
    assert bucket.get_object("archive").read() == b"data"
    assert oss.meters()[f"{OSS_RETRIEVED_BYTES}ArchiveDirect"] == 4
    with pytest.raises(oss2.exceptions.ServerError, match="InvalidObjectState"):
        bucket.get_object("cold")


def test_only_accepted_retrievals_are_metered_by_class_and_tier(
    oss: RunningOss, bucket: oss2.Bucket
) -> None:
    put(bucket, "archive", "Archive")
    put(bucket, "cold", "ColdArchive")
    bucket.restore_object("archive")
    refusal(bucket, "archive")
    bucket.restore_object("cold", input=body(tier="Bulk"))
    bucket.restore_object("cold", input=body(tier="Expedited"))
    oss.advance(HOUR)
    bucket.restore_object("archive")  # readable already: nothing is retrieved
    retrieved = {k: v for k, v in oss.meters().items() if k.startswith("oss.retriev")}
    assert retrieved == {
        f"{OSS_RETRIEVALS}Archive": 1,
        f"{OSS_RETRIEVALS}ColdArchive.Bulk": 1,
        f"{OSS_RETRIEVALS}ColdArchive.Expedited": 1,
        f"{OSS_RETRIEVED_BYTES}Archive": 4,
        f"{OSS_RETRIEVED_BYTES}ColdArchive.Bulk": 4,
        f"{OSS_RETRIEVED_BYTES}ColdArchive.Expedited": 4,
    }


@pytest.fixture(
    params=[
        Switches(
            lower_tier_error="400 InvalidArgument",
            faster_tier="200",
            bad_days_error="InvalidArgument",
            clean_restored_status="204",
        )
    ]
)
def switched(request: pytest.FixtureRequest) -> Iterator[RunningOss]:
    """A cloud in which every unknown of OSS has its other value."""
    with running_oss(Settings(switches=request.param)) as running:
        running.bucket("frozen-assets").create_bucket()
        yield running


def test_unknown_behaviour_can_be_switched(switched: RunningOss) -> None:
    bucket = switched.bucket("frozen-assets")
    put(bucket, "key", "ColdArchive")
    bad_days = (400, "InvalidArgument", "0016-00000704")
    assert refusal(bucket, "key", body(days=0)) == bad_days
    bucket.restore_object("key", input=body(tier="Standard"))
    lower = (400, "InvalidArgument", "0016-00000715")
    assert refusal(bucket, "key", body(tier="Bulk")) == lower
    assert bucket.restore_object("key", input=body(tier="Expedited")).status == 200
    switched.advance(HOUR)
    assert clean(bucket, "key") == 204


def test_a_faster_tier_is_refused_as_in_the_older_documents() -> None:
    with running_oss(Settings(switches=Switches(faster_tier="409"))) as oss:
        bucket = oss.bucket("frozen-assets")
        bucket.create_bucket()
        put(bucket, "key", "ColdArchive")
        bucket.restore_object("key", input=body(tier="Standard"))
        expected = (409, "RestoreAlreadyInProgress", "0016-00000701")
        assert refusal(bucket, "key", body(tier="Expedited")) == expected


def cold(count: int) -> list[StoredObject]:
    return [StoredObject(1, StorageClass.COLD_ARCHIVE, 0) for _ in range(count)]


def waits(core: Core, objects: list[StoredObject]) -> list[float]:
    """Return the seconds from now until each object is readable."""
    now = core.clock.now()
    return [stored.thaw.ready_at - now for stored in objects if stored.thaw is not None]


def test_above_the_quota_objects_are_accepted_and_queue_by_account() -> None:
    core = Core(Settings(limits=Limits(cold_archive_restores_per_second=10)))
    thawer, first, second = Thawer(core), cold(101), cold(1)
    for stored in first:
        assert thawer.restore(stored, RestoreRequest(), owner="one").status == 202
    thawer.restore(second[0], RestoreRequest(), owner="two")
    assert waits(core, first)[-1] == pytest.approx(5 * HOUR + 10, abs=5)
    assert waits(core, second) == [pytest.approx(5 * HOUR, abs=5)]


def test_the_spread_of_thaw_times_is_within_the_documented_range_and_repeatable() -> None:
    def spread() -> list[float]:
        core = Core(Settings(seed=7, thaw_times=ThawTimes(spread=1)))
        thawer, objects = Thawer(core), cold(200)
        for stored in objects:
            thawer.restore(stored, RestoreRequest(), owner="one")
        return waits(core, objects)

    seconds = spread()
    assert 2 * HOUR - 5 <= min(seconds) < 2.5 * HOUR
    assert 4.5 * HOUR < max(seconds) <= 5 * HOUR + 5
    assert spread() == pytest.approx(seconds, abs=5)


@given(
    storage_class=st.sampled_from([StorageClass(name) for name in ARCHIVED]),
    steps=st.lists(st.tuples(st.integers(1, 365), st.floats(0, 400 * DAY)), max_size=8),
)
def test_no_series_of_requests_exceeds_the_maximum_or_shortens_the_remaining_time(
    storage_class: StorageClass, steps: list[tuple[int, float]]
) -> None:
    core = Core(Settings())
    thawer, stored = Thawer(core), StoredObject(1, storage_class, 0)
    most = MAX_DAYS[storage_class]
    for days, wait in steps:
        before = replace(stored.thaw) if stored.thaw else None
        state = thaw_state(stored, core.clock.now())
        wanted = RestoreRequest(days=str(min(days, most)))
        if state is ThawState.THAWING:
            with pytest.raises(CloudError, match="RestoreAlreadyInProgress"):
                thawer.restore(stored, wanted, owner="one")
        else:
            thawer.restore(stored, wanted, owner="one")
        assert stored.thaw is not None
        if state is ThawState.READABLE:
            assert before is not None
            assert stored.thaw.expires_at >= before.expires_at
            assert stored.thaw.expires_at <= math.ceil(core.clock.now()) + most * DAY
        core.clock.advance(wait)
