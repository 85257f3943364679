"""Retention policies of buckets."""

from __future__ import annotations

from collections.abc import Callable

import oss2
import pytest

from tests.localcloud.oss.running import RunningOss


@pytest.fixture
def kept(oss: RunningOss) -> oss2.Bucket:
    """A bucket with an object, which it retains for a day."""
    bucket = oss.bucket("kept")
    bucket.create_bucket()
    bucket.put_object("a", b"1")
    bucket.init_bucket_worm(1)
    return bucket


def code(error: pytest.ExceptionInfo[oss2.exceptions.ServerError]) -> str:
    return str(error.value.code)


def test_a_policy_is_read_and_removed(kept: oss2.Bucket) -> None:
    assert kept.get_bucket_worm().retention_period_days == 1
    kept.abort_bucket_worm()
    with pytest.raises(oss2.exceptions.ServerError) as error:
        kept.get_bucket_worm()
    assert code(error) == "NoSuchWORMConfiguration"


def test_a_retained_object_is_neither_replaced_nor_deleted_before_its_time(
    oss: RunningOss, kept: oss2.Bucket
) -> None:
    changes: list[Callable[[], object]] = [
        lambda: kept.put_object("a", b"2"),
        lambda: kept.copy_object("kept", "a", "a"),
        lambda: kept.delete_object("a"),
        lambda: kept.batch_delete_objects(["a"]),
    ]
    for change in changes:
        with pytest.raises(oss2.exceptions.ServerError) as error:
            change()
        assert code(error) == "FileImmutable"
    kept.put_object("b", b"1")
    oss.advance(86_400)
    kept.put_object("a", b"2")
