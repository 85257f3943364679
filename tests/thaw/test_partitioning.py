"""Division of keys into parts that keep each lister busy for about as long."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.functions.scene import Scene, make_run
from thaw import partitioning
from thaw.errors import AccessDenied
from thaw.partitioning import Range, between, partition

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)

# The number doubles every other year: half of the keys are from the last two years.
GROWING = [
    f"logs/{2016 + year}/{month:02d}/{number:06d}"
    for year in range(10)
    for month in range(1, 13)
    for number in range(8 << year // 2)
]
FOLDERS = [
    *(f"a/{number}" for number in range(100)),
    *(f"backups/vm-{number % 7}/{number:08d}.img" for number in range(9_000)),
    *(f"\N{SNOWFLAKE}/{number}" for number in range(900)),
]


def shares(keys: list[str], parts: list[Range]) -> list[int]:
    """Count the keys in each part."""
    ordered = sorted(keys)

    def up_to(key: str) -> int:
        return bisect_right(ordered, key)

    return [(up_to(until) if until else len(keys)) - up_to(after) for after, until in parts]


@given(TEXTS, TEXTS)
def test_a_text_between_two_others_sorts_between_them_and_is_short(a: str, b: str) -> None:
    low, high = sorted([a, b])
    found = between(low, high)
    if found is not None:
        assert low < found < high
        found.encode()
        assert len(found) <= max(len(low), len(high)) + 3


@given(st.text(st.characters(codec="ascii", min_codepoint=0x20), min_size=1, max_size=6))
def test_there_is_always_a_text_between_a_text_and_its_extension(text: str) -> None:
    assert between(text, text + "\N{SNOWFLAKE}") is not None


@pytest.mark.parametrize("keys", [GROWING, FOLDERS], ids=["growing", "folders"])
@pytest.mark.parametrize("wanted", [2, 8, 32])
def test_parts_have_equally_many_keys_however_unevenly_they_are_distributed(
    scene: Scene, keys: list[str], wanted: int
) -> None:
    scene.seed(keys)
    parts = partition(scene.store(), make_run(), wanted)
    assert (parts[0][0], parts[-1][1]) == ("", "")
    assert all(one[1] == other[0] for one, other in pairwise(parts))
    found = shares(keys, parts)
    assert (len(found), sum(found)) == (wanted, len(keys))
    assert max(found) <= 1.1 * len(keys) / wanted
    assert scene.requests("ListObjects") < len(keys) / 30


def test_objects_to_request_weigh_more_than_skipped_ones(scene: Scene) -> None:
    archived = [f"z/{number:05d}" for number in range(1_200)]
    scene.seed([f"a/{number:05d}" for number in range(2_400)], storage_class="IA")
    scene.seed(archived)
    first, second = shares(archived, partition(scene.store(), make_run(), 2))
    assert 0 < first < second


def test_a_bucket_too_large_to_list_is_divided_by_samples(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitioning, "READERS", 4)
    monkeypatch.setattr(partitioning, "MAX_LISTINGS", 24)
    keys = [f"{number % 10}/{number:06d}" for number in range(60_000)]
    scene.seed(keys)
    found = shares(keys, partition(scene.store(), make_run(), 4))
    assert (len(found), sum(found)) == (4, len(keys))
    assert max(found) <= 2 * len(keys) / 4
    assert scene.requests("ListObjects") < 100


def test_the_same_bucket_is_always_divided_in_the_same_way(scene: Scene) -> None:
    scene.seed(GROWING)
    assert partition(scene.store(), make_run(), 8) == partition(scene.store(), make_run(), 8)


def test_occasional_listing_failures_change_nothing(scene: Scene) -> None:
    scene.seed(GROWING)
    quiet = partition(scene.store(), make_run(), 8)
    scene.fault(operation="ListObjects", rate=0.2, status=503)
    assert partition(scene.store(), make_run(), 8) == quiet


def test_a_refused_listing_raises_its_own_error(scene: Scene) -> None:
    scene.seed(GROWING)
    scene.fault(operation="ListObjects", status=403, code="AccessDenied", rate=0.2)
    with pytest.raises(AccessDenied):
        partition(scene.store(), make_run(), 8)


@pytest.mark.parametrize("keys", [[], ["a"], ["a", "b"]])
def test_no_part_is_empty_when_there_are_few_keys(scene: Scene, keys: list[str]) -> None:
    scene.seed(keys)
    parts = partition(scene.store(), make_run(), 8)
    assert len(parts) == max(1, len(keys))
    assert shares(keys, parts) == [1] * len(keys) or not keys
