"""One restore task, first or repeated, of a list of keys or of a range."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.groups import Group, KeyGroup, RangeGroup
from functions.restore_task import FRESH_SECONDS, give_up_group, restore_group
from tests.functions.scene import BUCKET, NO_PACE, Scene, group, make_run
from thaw.errors import StorageUnavailable as Unavailable
from thaw.ledger import Part
from thaw.outcomes import Outcome, OutcomeRecord

KEYS = [f"{n:04d}" for n in range(60)]


def restore(scene: Scene, files: Group, *, age: float = 1, **fields: object) -> dict[str, str]:
    part = restore_group(scene.store(), make_run(**fields), files, NO_PACE, age=age)
    assert part.lost is None
    return outcomes(part.records)


def outcomes(records: list[OutcomeRecord]) -> dict[str, str]:
    assert [r.key for r in records] == sorted({r.key for r in records})
    return {record.key: record.outcome.value for record in records}


def give_up(scene: Scene, files: Group) -> Part:
    return give_up_group(scene.store(), make_run(), files, error="FC.Unknown", cause="who knows")


def test_a_range_holds_every_object_of_every_class(scene: Scene) -> None:
    scene.seed(["a", "z"])
    scene.seed(["b", "f"], "ColdArchive", size=7)
    scene.seed(["c"], "Standard")
    scene.seed(["d/"], size=0)
    scene.symlink("e", "a")
    scene.thaw("b")
    part = restore_group(scene.store(), make_run(), RangeGroup("a", "f", 1), NO_PACE, age=1)
    assert outcomes(part.records) == {
        "b": "already_thawing",
        "d/": "folder_marker",
        "e": "symlink",
        "f": "requested",
    }
    assert {r.size for r in part.records if r.storage_class == "ColdArchive"} == {7}


def test_a_range_passes_over_what_the_run_is_not_about(scene: Scene) -> None:
    scene.seed(["a.log", "b.txt"])
    scene.seed(["c.log"], "ColdArchive")
    found = restore(
        scene, RangeGroup("", "z", 3), include=["*.log"], storageClasses=["ColdArchive"]
    )
    assert found == {"c.log": "requested"}


def test_a_range_follows_what_was_made_and_deleted_since_its_page_was_listed(scene: Scene) -> None:
    scene.seed(KEYS)
    scene.oss.bucket(BUCKET).delete_object(KEYS[5])
    scene.seed(["0010-new"], "DeepColdArchive")
    found = restore(scene, RangeGroup(KEYS[3], KEYS[20], 17))
    assert sorted(found) == sorted([*KEYS[4:5], *KEYS[6:21], "0010-new"])
    assert set(found.values()) == {"requested"}


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sets(st.sampled_from(KEYS)), st.sets(st.sampled_from(KEYS)), st.integers(1, 58))
def test_ranges_that_join_up_double_and_lose_nothing_whatever_changes_in_between(
    scene: Scene, made: set[str], deleted: set[str], cut: int
) -> None:
    scene.oss.do(lambda: scene.oss.storage.restore({"buckets": [], "restore_queues": {}}))
    Scene(scene.oss)
    scene.seed(KEYS)
    for key in deleted:
        scene.oss.bucket(BUCKET).delete_object(key)
    scene.seed([f"{key}+" for key in made])
    first = restore(scene, RangeGroup("", KEYS[cut], cut))
    second = restore(scene, RangeGroup(KEYS[cut], KEYS[-1] + "+", 60 - cut))
    assert not first.keys() & second.keys()
    there = (set(KEYS) - deleted) | {f"{key}+" for key in made}
    assert first.keys() | second.keys() == there


def test_a_range_of_many_keys_takes_few_calls(scene: Scene) -> None:
    scene.seed((f"a{n:05d}" for n in range(1950)), "Standard")
    scene.seed(["b"])
    assert restore(scene, RangeGroup("", "b", 1)) == {"b": "requested"}
    assert scene.requests("ListObjects") == 3


def test_a_range_as_full_as_it_was_takes_one_call(scene: Scene) -> None:
    scene.seed(KEYS)
    assert len(restore(scene, RangeGroup("", KEYS[49], 50))) == 50
    assert scene.requests("ListObjects") == 1


def test_a_list_that_is_fresh_is_sent_without_another_listing(scene: Scene) -> None:
    scene.seed(KEYS)
    assert set(restore(scene, group(*KEYS)).values()) == {"requested"}
    assert scene.requests("ListObjects") == 0


UPGRADE: dict[str, Any] = {
    "tier": "Expedited",
    "upgradeTier": True,
    "storageClasses": ["ColdArchive"],
}
COLD_LIST = KeyGroup("ColdArchive", KEYS[:4])


@pytest.mark.parametrize("files", [COLD_LIST, RangeGroup("", "9", 4)], ids=["list", "range"])
def test_an_upgrade_hastens_what_is_thawing_slower_and_pays_for_nothing_else(
    scene: Scene, files: Group
) -> None:
    scene.seed(KEYS[:4], "ColdArchive")
    scene.thaw(KEYS[0], tier="Bulk")
    scene.thaw(KEYS[1], tier="Standard")
    scene.thaw(KEYS[2], tier="Expedited")
    expected = {
        KEYS[0]: "upgraded",
        KEYS[1]: "upgraded",
        KEYS[2]: "already_thawing",
        KEYS[3]: "requested",
    }
    assert restore(scene, files, **UPGRADE) == expected
    assert scene.oss.meters()["oss.retrievals.ColdArchive.Expedited"] == 4


def test_an_upgrade_that_is_done_again_pays_for_nothing_twice(scene: Scene) -> None:
    scene.seed(KEYS[:4], "ColdArchive")
    scene.thaw(*KEYS[:4], tier="Bulk")
    assert set(restore(scene, COLD_LIST, **UPGRADE).values()) == {"upgraded"}
    assert set(restore(scene, COLD_LIST, **UPGRADE).values()) == {"already_thawing"}
    assert scene.oss.meters()["oss.retrievals.ColdArchive.Expedited"] == 4


def test_an_upgrade_whose_answer_was_lost_is_an_upgrade(scene: Scene) -> None:
    scene.seed(KEYS[:1], "ColdArchive")
    scene.thaw(KEYS[0], tier="Bulk")
    scene.fault(operation="RestoreObject", kind="late_error", times=1)
    found = restore(scene, KeyGroup("ColdArchive", KEYS[:1]), **UPGRADE)
    assert found == {KEYS[0]: "upgraded"}


@pytest.mark.parametrize("files", [group(*KEYS), RangeGroup("", "9", 60)], ids=["list", "range"])
@pytest.mark.parametrize("seconds", [5, 90, 7200])
def test_a_task_that_is_done_again_pays_for_nothing_twice(
    scene: Scene, files: Group, seconds: int
) -> None:
    """The first call sent half of it, crashed, and left no part of the ledger."""
    scene.seed(KEYS)
    scene.thaw(*KEYS[:30])
    scene.oss.advance(seconds)
    found = restore(scene, files, age=seconds)
    assert len(found) == 60
    assert set(list(found.values())[30:]) == {"requested"}
    assert set(list(found.values())[:30]) == {
        "already_thawing" if seconds < FRESH_SECONDS else "already_readable"
    }
    assert scene.requests("RestoreObject") == 60
    assert scene.oss.meters()["oss.retrievals.Archive"] == 60


def test_a_list_that_is_old_tells_what_is_gone_and_what_has_changed(scene: Scene) -> None:
    scene.seed(["a", "c"])
    scene.seed(["b"], "Standard")
    found = restore(scene, group("a", "b", "c", "d"), age=3600)
    assert found == {"a": "requested", "b": "not_archived", "c": "requested", "d": "vanished"}


def test_an_old_list_of_keys_far_apart_skips_what_lies_between(scene: Scene) -> None:
    scene.seed((f"m{n:05d}" for n in range(5000)), "Standard")
    scene.seed(["a", "z"])
    assert restore(scene, group("a", "z"), age=3600) == {"a": "requested", "z": "requested"}
    assert scene.requests("ListObjects") == 2


@pytest.mark.parametrize("files", [group(*KEYS), RangeGroup("", "9", 60)], ids=["list", "range"])
def test_giving_up_tells_what_was_achieved_from_what_failed(scene: Scene, files: Group) -> None:
    scene.seed(KEYS)
    scene.thaw(*KEYS[:10])
    part = give_up(scene, files)
    assert list(outcomes(part.records).values()) == ["already_thawing"] * 10 + ["failed"] * 50
    assert {(r.error_code, r.message) for r in part.records[10:]} == {("FC.Unknown", "who knows")}
    assert scene.requests("RestoreObject") == 10


def test_giving_up_on_a_list_needs_no_listing(scene: Scene) -> None:
    scene.fault(operation="ListObjects")
    part = give_up(scene, group("a", "b"))
    assert [(r.key, r.outcome) for r in part.records] == [
        ("a", Outcome.FAILED),
        ("b", Outcome.FAILED),
    ]


def test_giving_up_on_a_range_that_cannot_be_listed_records_the_range(scene: Scene) -> None:
    scene.fault(operation="ListObjects")
    part = give_up(scene, RangeGroup("a", "k", 50))
    assert part.records == []
    assert part.lost is not None
    assert (part.lost.after, part.lost.until, part.lost.objects) == ("a", "k", 50)
    assert "who knows; and its listing failed" in part.lost.message


def test_a_range_whose_listing_fails_is_the_flows_to_try_again(scene: Scene) -> None:
    scene.fault(operation="ListObjects")
    with pytest.raises(Unavailable):
        restore(scene, RangeGroup("a", "k", 50))
