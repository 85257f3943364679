"""Counts of listed objects."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oss_restore.planning.survey import Surveyor
from tests.oss_restore.planning.forecast.runs import run
from thaw.classification import classify
from thaw.scope import Scope
from thaw.storage_classes import ARCHIVE_CLASSES
from thaw.store import ListedObject

NOW = 1_700_000_000.0
READABLE = 'ongoing-request="false", expiry-date="Fri, 17 Nov 2023 12:00:00 GMT"'

listed = st.builds(
    ListedObject,
    key=st.sampled_from(["a/1.bin", "a/2.tmp", "b/folder/", "汉字"]),
    size=st.integers(0, 200_000),
    storage_class=st.sampled_from([*ARCHIVE_CLASSES, "Standard", "IA"]),
    last_modified=st.integers(1_600_000_000, 1_700_000_000),
    kind=st.sampled_from(["Normal", "Symlink"]),
    restore_info=st.sampled_from(["", 'ongoing-request="true"', READABLE]),
)
filters = st.fixed_dictionaries(
    {},
    optional={
        "storage_classes": st.sampled_from([(ARCHIVE_CLASSES[0],), ARCHIVE_CLASSES[1:]]),
        "min_size": st.integers(0, 100_000),
        "max_size": st.integers(100_000, 200_000),
        "modified_after": st.just("2021-01-01"),
        "modified_before": st.just("2023-01-01"),
        "include": st.just(("a/*",)),
        "exclude": st.just(("*.tmp",)),
        "extend_readable": st.booleans(),
    },
)


@given(st.lists(listed), filters)
def test_each_object_is_counted_once_and_requested_as_by_the_functions(
    objects: list[ListedObject], fields: dict[str, Any]
) -> None:
    asked = run(**fields)
    surveyor, scope = Surveyor(asked), Scope(asked)
    for one in objects:
        surveyor.see(one, NOW)
    survey = surveyor.survey
    sent = [one for one in objects if one in scope and classify(one, NOW, asked) is None]
    assert survey.objects == len(sent)
    assert sum(load.bytes for load in survey.requested.values()) == sum(one.size for one in sent)
    assert not survey.extended or asked.extend_readable
    loads = [
        *survey.frozen.values(),
        *survey.upgraded.values(),
        *survey.extended.values(),
        *survey.thawing.values(),
        *survey.readable.values(),
        *survey.nothing_to_thaw.values(),
        *(load for reasons in survey.filtered.values() for load in reasons.values()),
        survey.others,
    ]
    assert sum(load.objects for load in loads) == survey.scanned == len(objects)
    asked_for = {"storageClasses", "minSize", "maxSize", "modifiedAfter", "modifiedBefore"}
    reasons = {reason for reasons in survey.filtered.values() for reason in reasons}
    assert reasons <= asked_for | {"include", "exclude"}
