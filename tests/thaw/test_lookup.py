"""Looking up objects by key, with few requests and without permission to read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.functions.scene import BUCKET, Scene
from tests.functions.test_listing import AWKWARD_KEYS
from thaw.lookup import find_objects, just_before

keys = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)


@given(keys, keys)
def test_only_few_keys_lie_between_a_marker_and_its_key(key: str, other: str) -> None:
    marker = just_before(key)
    assert marker < key
    assert not marker < other < key or other.startswith((marker, key[:-1]))


@pytest.mark.parametrize("key", ["k" * 1023, "\N{GRINNING FACE}" * 255, "\ue000", "\x00", "a\x00"])
def test_a_marker_is_never_longer_than_the_longest_permitted_key(key: str) -> None:
    assert just_before(key) < key
    assert len(just_before(key).encode()) <= 1023


def test_awkward_keys_are_found_and_missing_keys_are_not(scene: Scene) -> None:
    scene.seed(AWKWARD_KEYS)
    wanted = [*AWKWARD_KEYS, "missing", "plain2", "\x00", "zzz"]
    found = find_objects(scene.store(), "", wanted)
    assert sorted(found) == sorted(AWKWARD_KEYS)
    assert all(one.listed.key == key for key, one in found.items())


def test_keys_close_together_are_found_with_one_request_for_many(scene: Scene) -> None:
    scene.seed(f"{n:06d}" for n in range(5000))
    wanted = [f"{n:06d}" for n in range(5000) if n % 2]
    assert list(find_objects(scene.store(), "", wanted)) == wanted
    assert scene.requests("ListObjects") <= 8


def test_keys_far_apart_cost_one_request_each(scene: Scene) -> None:
    scene.seed(f"{n:06d}" for n in range(20_000))
    wanted = [f"{n:06d}" for n in range(0, 20_000, 1000)]
    assert list(find_objects(scene.store(), "", wanted)) == wanted
    assert scene.requests("ListObjects") <= 21


def test_a_key_after_many_keys_with_a_common_prefix_is_found(scene: Scene) -> None:
    long = "k" * 1022
    scene.seed([long + "z", *(f"{long[:1000]}k{n:04d}" for n in range(3000))])
    assert list(find_objects(scene.store(), "", [long + "z"])) == [long + "z"]


def test_permission_to_list_a_prefix_is_sufficient(scene: Scene) -> None:
    scene.seed(["a/1", "a/2", "b/1"])
    keys = scene.oss.role_credential(
        '{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "oss:ListObjects",'
        f' "Resource": "acs:oss:*:*:{BUCKET}",'
        ' "Condition": {"StringLike": {"oss:Prefix": ["a/*"]}}}]}'
    )
    store = scene.store(credential=keys)
    assert list(find_objects(store, "a/", ["a/1", "a/2", "a/3"])) == ["a/1", "a/2"]
