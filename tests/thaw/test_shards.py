"""Division of a run's keys among several listers."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from tests.functions.scene import Scene, make_run
from thaw import chosen_settings
from thaw.json_reader import Reader
from thaw.shards import Shard, share_out


def parts(scene: Scene, **fields: object) -> list[tuple[str, str]]:
    return [(s.marker, s.until) for s in share_out(scene.store(), make_run(**fields))]


def share(keys: list[str], after: str, until: str) -> int:
    return sum(after < key and (not until or key <= until) for key in keys)


@pytest.mark.parametrize("names", ["{:05d}", "logs/2023/{:05d}.gz", "\N{SNOWFLAKE}{:05d}"])
@pytest.mark.parametrize("wanted", [2, 3, 8])
def test_the_keys_are_divided_into_the_given_number_of_adjacent_parts(
    scene: Scene, names: str, wanted: int
) -> None:
    keys = sorted(names.format(n * 79 % 100_000) for n in range(1200))
    scene.seed(keys)
    found = parts(scene, shards=wanted)
    assert len(found) == wanted
    assert (found[0][0], found[-1][1]) == ("", "")
    assert all(one[1] == other[0] for one, other in pairwise(found))
    shares = [share(keys, *part) for part in found]
    assert sum(shares) == len(keys)
    assert min(shares) > 1200 / wanted / 5
    assert scene.requests("ListObjects") < 200


def test_a_runs_own_bounds_are_respected(scene: Scene) -> None:
    scene.seed(f"{letter}/{n:03d}" for letter in "abc" for n in range(100))
    found = parts(scene, shards=4, prefix="b/", marker="b/010", until="b/080")
    assert (found[0][0], found[-1][1], len(found)) == ("b/010", "b/080", 4)
    assert all(part[0].startswith("b/") for part in found)


def test_auto_leaves_a_small_bucket_to_one_lister(scene: Scene) -> None:
    scene.seed(f"{n:05d}" for n in range(900))
    assert parts(scene, shards="auto") == []
    assert scene.requests("ListObjects") == 1


def test_auto_divides_a_larger_bucket(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chosen_settings, "OBJECTS_OF_LISTER", 300)
    scene.seed(f"{n:05d}" for n in range(1500))
    assert len(parts(scene, shards="auto")) == 5
    assert len(share_out(scene.store(), make_run(shards="auto"), most=3)) == 3


def test_a_single_lister_needs_no_listing_in_advance(scene: Scene) -> None:
    assert parts(scene, shards=1) == []
    assert share_out(scene.store(), make_run(shards="auto"), most=1) == []
    assert scene.requests("ListObjects") == 0


def test_each_prefix_is_a_shard(scene: Scene) -> None:
    shards = share_out(scene.store(), make_run(prefixes=["a/", "b/"]))
    assert [(s.prefix, s.first_page) for s in shards] == [("a/", 0), ("b/", 1_000_000)]


def test_the_list_of_shards_fits_a_step(scene: Scene) -> None:
    keys = [("k" * 990) + f"{n:05d}" for n in range(1100)]
    scene.seed(keys)
    most = share_out(scene.store(), make_run(shards=32))
    text = json.dumps([shard.to_json() for shard in most])
    assert 2 <= len(most) < 32
    assert len(text) < 11 * 1024
    assert all(one.until == other.marker for one, other in pairwise(most))


def test_a_shard_can_be_read_back() -> None:
    shard = Shard(3, 8, "p/", "a", "b")
    assert Shard.parse(Reader(shard.to_json(), "the shard")) == shard
