"""Injected faults, and what is billed with and without them."""

from __future__ import annotations

import oss2
import pytest

from localcloud.faults import FaultRule
from localcloud.meters import OSS_REQUESTS
from tests.localcloud.oss.running import RunningOss


def break_calls(oss: RunningOss, **rule: object) -> None:
    fault = FaultRule.model_validate({"service": "oss", **rule})
    oss.do(lambda: oss.core.faults.add(fault))


@pytest.fixture
def frozen(bucket: oss2.Bucket) -> oss2.Bucket:
    """The bucket with two frozen objects."""
    for key in ("a", "b"):
        bucket.put_object(key, b"", headers={"x-oss-storage-class": "Archive"})
    return bucket


def test_an_error_is_answered_and_nothing_is_done(oss: RunningOss, frozen: oss2.Bucket) -> None:
    break_calls(
        oss,
        operation="RestoreObject",
        target="frozen-assets/a",
        status=429,
        code="QpsLimitExceeded",
    )
    with pytest.raises(oss2.exceptions.ServerError) as error:
        frozen.restore_object("a")
    assert (error.value.status, error.value.code) == (429, "QpsLimitExceeded")
    assert "x-oss-restore" not in frozen.head_object("a").headers
    assert frozen.restore_object("b").status == 202
    oss.do(oss.core.faults.clear)
    assert frozen.restore_object("a").status == 202


def test_a_late_error_still_does_the_work(oss: RunningOss, frozen: oss2.Bucket) -> None:
    break_calls(oss, operation="RestoreObject", kind="late_error", times=1)
    with pytest.raises(oss2.exceptions.ServerError) as error:
        frozen.restore_object("a")
    assert error.value.status == 503
    with pytest.raises(oss2.exceptions.RestoreAlreadyInProgress):
        frozen.restore_object("a")


def test_a_reset_cuts_the_connection(oss: RunningOss, frozen: oss2.Bucket) -> None:
    break_calls(oss, operation="RestoreObject", kind="reset", times=1)
    with pytest.raises(oss2.exceptions.RequestError) as error:
        frozen.restore_object("a")
    assert error.value.status == -2
    assert frozen.restore_object("a").status == 202


def test_a_delay_outlasts_an_impatient_client_and_does_the_work(
    oss: RunningOss, frozen: oss2.Bucket
) -> None:
    break_calls(oss, operation="RestoreObject", kind="delay", seconds=30, times=1)
    impatient = oss2.Bucket(
        frozen.auth, oss.url, frozen.bucket_name, region=oss.region, connect_timeout=(5, 0.2)
    )
    with pytest.raises(oss2.exceptions.RequestError):
        impatient.restore_object("a")
    assert frozen.head_object("a").headers["x-oss-restore"] == 'ongoing-request="true"'


def test_faults_reach_every_level(oss: RunningOss, frozen: oss2.Bucket) -> None:
    break_calls(oss, operation="List*")
    service = oss2.Service(frozen.auth, oss.url, region=oss.region)
    for call in (frozen.list_objects, frozen.list_objects_v2, service.list_buckets):
        with pytest.raises(oss2.exceptions.ServerError) as error:
            call()
        assert error.value.code == "ServiceUnavailable"


def test_requests_are_metered_by_kind_and_refusals_are_free(
    oss: RunningOss, frozen: oss2.Bucket
) -> None:
    oss.do(oss.core.meters.reset)
    frozen.restore_object("a")
    frozen.head_object("a")
    frozen.list_objects_v2()
    with pytest.raises(oss2.exceptions.RestoreAlreadyInProgress):
        frozen.restore_object("a")
    with pytest.raises(oss2.exceptions.NoSuchKey):
        frozen.get_object("missing")
    break_calls(oss, kind="late_error")
    with pytest.raises(oss2.exceptions.ServerError, match="ServiceUnavailable"):
        frozen.list_objects()
    requests = {k: v for k, v in oss.meters().items() if k.startswith(OSS_REQUESTS)}
    assert requests == {
        f"{OSS_REQUESTS}HeadObject": 1,
        f"{OSS_REQUESTS}ListObjectsV2": 1,
        f"{OSS_REQUESTS}RestoreObject": 1,
    }
