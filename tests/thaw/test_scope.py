"""The scope of a run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.functions.scene import frozen, make_run
from thaw.scope import Scope

OBJECT = replace(frozen("photos/2023/a.JPG", size=100), last_modified=1_704_067_200)  # 2024-01-01


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"storageClasses": ["ColdArchive"]}, False),
        ({"include": ["photos/*"]}, True),
        ({"include": ["*.JPG"]}, True),  # an asterisk matches slashes
        ({"include": ["*.jpg"]}, False),  # case matters
        ({"include": ["photos"]}, False),  # the whole key has to match
        ({"include": ["nothing", "photos/20??/[a-c].*"]}, True),
        ({"exclude": ["photos/*"]}, False),
        ({"include": ["photos/*"], "exclude": ["*a.JPG"]}, False),
        ({"minSize": 100, "maxSize": 100}, True),
        ({"minSize": 101}, False),
        ({"maxSize": 99}, False),
        ({"modifiedAfter": "2024-01-01"}, True),
        ({"modifiedAfter": "2024-01-01T00:00:01Z"}, False),
        ({"modifiedBefore": "2024-01-01"}, False),
        ({"modifiedBefore": "2024-01-01T00:00:01+00:00"}, True),
        ({"modifiedBefore": "2024-01-01T08:00:00+08:00"}, False),  # the same moment
    ],
)
def test_a_filter_selects_matching_objects(fields: dict[str, Any], expected: bool) -> None:
    assert (OBJECT in Scope(make_run(**fields))) is expected


def test_an_object_that_is_not_archived_is_never_in_scope() -> None:
    assert replace(OBJECT, storage_class="Standard") not in Scope(make_run())


def test_a_glob_matches_a_key_with_line_breaks() -> None:
    assert replace(OBJECT, key="a\nb.JPG") in Scope(make_run(include=["a*.JPG"]))
