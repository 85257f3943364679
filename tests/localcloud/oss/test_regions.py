"""Buckets in a region other than the endpoint's."""

from __future__ import annotations

import oss2
import pytest

from tests.localcloud.oss.running import RunningOss


def test_a_bucket_in_another_region_names_its_own_endpoint(oss: RunningOss) -> None:
    bucket = oss.bucket("far-away")
    bucket.create_bucket()
    oss.do(lambda: oss.storage.move_bucket("far-away", "cn-beijing"))
    with pytest.raises(oss2.exceptions.AccessDenied) as refused:
        bucket.list_objects()
    assert refused.value.details["Endpoint"] == "oss-cn-beijing.aliyuncs.com"
    oss.do(lambda: oss.storage.move_bucket("far-away", oss.region))
    assert bucket.list_objects().object_list == []
