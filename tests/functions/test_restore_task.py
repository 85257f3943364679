"""One restore task: what it requests, and what it leaves alone."""

from __future__ import annotations

from typing import Any

import pytest

from functions.restore_requests import FRESH_SECONDS
from functions.restore_task import give_up_objects, restore_objects
from tests.functions.scene import NO_PACE, Scene, make_run, wanted
from thaw.classification import State
from thaw.errors import StorageUnavailable
from thaw.ledger import Part
from thaw.page_chunks import PageObject

KEYS = [f"{n:04d}" for n in range(60)]
UPGRADE: dict[str, Any] = {
    "tier": "Expedited",
    "upgradeTier": True,
    "storageClasses": ["ColdArchive"],
}


def restore(
    scene: Scene,
    objects: list[PageObject],
    *,
    age: float = 1,
    retried: bool = False,
    **fields: object,
) -> dict[str, str]:
    run, store = make_run(**fields), scene.store()
    return outcomes(restore_objects(store, run, objects, NO_PACE, now=age, retried=retried))


def outcomes(part: Part) -> dict[str, str]:
    return {record.key: record.outcome.value for record in part.records}


def test_recently_listed_objects_are_requested_without_another_listing(scene: Scene) -> None:
    scene.seed(KEYS)
    assert set(restore(scene, [wanted(key) for key in KEYS]).values()) == {"requested"}
    assert scene.requests("ListObjects") == 0


@pytest.mark.parametrize(("retried", "age"), [(True, 1), (False, FRESH_SECONDS)])
def test_a_slice_that_may_have_changed_is_listed_once_despite_keys_in_between(
    scene: Scene, retried: bool, age: float
) -> None:
    scene.seed(KEYS)
    scene.seed([f"{key}+" for key in KEYS], "Standard")
    assert len(restore(scene, [wanted(key) for key in KEYS], retried=retried, age=age)) == 60
    assert scene.requests("ListObjects") <= 2


def test_objects_requested_by_somebody_else_in_the_meantime_are_left_alone(scene: Scene) -> None:
    scene.seed(["a", "b", "c"])
    scene.seed(["d"], "Standard")
    scene.thaw("a")
    scene.oss.advance(61)
    scene.thaw("b")
    objects = [wanted(key) for key in "abcde"]
    assert restore(scene, objects, age=61) == {
        "a": "already_readable",
        "b": "already_thawing",
        "c": "requested",
        "d": "not_archived",
        "e": "vanished",
    }
    assert scene.requests("RestoreObject") == 3


def test_records_keep_the_slices_order_and_the_listed_properties(scene: Scene) -> None:
    scene.seed(KEYS[:20])
    scene.seed(KEYS[20:40], "ColdArchive")
    scene.thaw(*KEYS[:30])
    names = ["Archive"] * 20 + ["ColdArchive"] * 20
    objects = [wanted(key, name) for key, name in zip(KEYS, names, strict=False)]
    part = restore_objects(scene.store(), make_run(), objects, NO_PACE, now=1, retried=True)
    assert [(one.key, one.storage_class, one.size) for one in part.records] == [
        (one.key, one.storage_class, 10) for one in objects
    ]
    assert set(outcomes(part).values()) == {"requested"}
    assert scene.requests("RestoreObject") == 40


def test_an_upgrade_requests_only_objects_thawing_at_a_slower_tier(scene: Scene) -> None:
    scene.seed(KEYS[:4], "ColdArchive")
    for key, tier in zip(KEYS, ("Bulk", "Standard", "Expedited"), strict=False):
        scene.thaw(key, tier=tier)
    objects = [wanted(key, "ColdArchive", state=State.THAWING) for key in KEYS[:3]]
    objects.append(wanted(KEYS[3], "ColdArchive"))
    assert restore(scene, objects, **UPGRADE) == {
        KEYS[0]: "upgraded",
        KEYS[1]: "upgraded",
        KEYS[2]: "already_thawing",
        KEYS[3]: "requested",
    }
    assert scene.oss.meters()["oss.retrievals.ColdArchive.Expedited"] == 4


@pytest.mark.parametrize("hours", [0, 2])
def test_a_retried_upgrade_pays_for_nothing_twice(scene: Scene, hours: int) -> None:
    scene.seed(KEYS[:4], "ColdArchive")
    scene.thaw(*KEYS[:4], tier="Bulk")
    objects = [wanted(key, "ColdArchive", state=State.THAWING) for key in KEYS[:4]]
    assert set(restore(scene, objects, **UPGRADE).values()) == {"upgraded"}
    scene.oss.advance(hours * 3600)
    again = restore(scene, objects, retried=True, **UPGRADE)
    assert set(again.values()) == {"already_readable" if hours else "upgraded"}
    assert scene.oss.meters()["oss.retrievals.ColdArchive.Expedited"] == 4


def test_giving_up_records_what_was_achieved_and_sends_nothing(scene: Scene) -> None:
    scene.seed(["a", "b"])
    scene.thaw("a")
    objects = [wanted("a"), wanted("b")]
    part = give_up_objects(
        scene.store(), make_run(), objects, error="FC.Unknown", cause="who knows", retried=True
    )
    assert outcomes(part) == {"a": "requested", "b": "failed"}
    assert (part.records[1].error_code, part.records[1].message) == ("FC.Unknown", "who knows")
    assert scene.requests("RestoreObject") == 1


def test_giving_up_fails_every_object_if_nothing_can_be_listed(scene: Scene) -> None:
    scene.seed(["a", "b"])
    scene.fault(operation="ListObjects")
    objects = [wanted("a"), wanted("b")]
    part = give_up_objects(
        scene.store(), make_run(), objects, error="FC.Unknown", cause="who knows", retried=True
    )
    assert set(outcomes(part).values()) == {"failed"}
    assert "listing failed" in part.records[0].message


def test_a_check_that_keeps_failing_is_left_to_the_flow_to_retry(scene: Scene) -> None:
    scene.seed(["a"])
    scene.fault(operation="ListObjects")
    with pytest.raises(StorageUnavailable):
        restore(scene, [wanted("a")], retried=True)
    assert scene.requests("RestoreObject") == 0
