"""The work that copies add to a run."""

from __future__ import annotations

from oss_restore.planning.forecast.course import CALL, GET, LIST
from oss_restore.planning.forecast.model import forecast
from tests.oss_restore.planning.forecast.runs import chosen, objects

_COPY = {"then": {"copy": {"bucketName": "elsewhere"}}, "storageClasses": ["Archive"]}


def test_objects_that_wait_for_hours_are_checked_to_keep_them_readable() -> None:
    soon, late = (
        forecast(objects(10_000, object_bytes=2**20), chosen(**_COPY, pollInterval=seconds)).work
        for seconds in (3_600, 6 * 3_600)
    )
    slices = 10
    for found, looks in ((soon, 0), (late, slices)):
        copying, planning = found["copyObjects"], found["planCopies"]
        # The first slice while it is still thawing, and each slice once it is readable.
        assert copying[LIST].count == 1 + 4 * slices + looks
        assert copying[CALL].count == 1 + slices + bool(looks)
        assert copying[GET].count == copying[CALL].count + 1 + slices + looks
        assert planning[CALL].count == 8 + bool(looks)
