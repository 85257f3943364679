"""Runs and bounds that several tests forecast."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from oss_restore.planning.forecast.workload import Workload
from thaw.poll_intervals import next_wait
from thaw.run_input import RunInput
from thaw.run_input_parser import parse_run_input
from thaw.storage_classes import ARCHIVE, ARCHIVE_CLASSES

BULK = {"max_keys": 1000, "group_size": 50, "workers": 16}
ARTICLE = {"max_keys": 100, "group_size": 1, "workers": 10, "wait_for": "page"}

sizes = st.integers(1, 10**9)
classes = st.lists(st.sampled_from(ARCHIVE_CLASSES), min_size=1, unique=True)
settings = st.fixed_dictionaries(
    {
        "group_size": st.integers(10, 1000),
        "max_keys": st.integers(1, 1000),
        "workers": st.integers(1, 100),
        "poll_interval": st.integers(1, 3600),
        "wait_for": st.sampled_from(["page", "run", "none"]),
    }
)


def run(**fields: Any) -> RunInput:
    """Return a run with some fields set."""
    return RunInput(
        endpoint="oss-cn-hangzhou.aliyuncs.com", bucket_name="bucket", **{"shards": "1", **fields}
    )


def chosen(**fields: Any) -> RunInput:
    """Return a run with some fields set and all others chosen."""
    given = {"endpoint": "oss-cn-hangzhou.aliyuncs.com", "bucketName": "bucket", **fields}
    return parse_run_input(given, foreach_limit=100)


def objects(count: int, *names: str, **fields: Any) -> Workload:
    """Return a workload of so many objects of each class; Archive if none is named."""
    return Workload(dict.fromkeys(names or (ARCHIVE,), count), **fields)


def turn(workload: Workload, given: RunInput) -> int:
    """Return by how many seconds a forecast may be off, since it counts turns of a poll loop."""
    return max(next_wait(name, given) for name in workload.objects)
