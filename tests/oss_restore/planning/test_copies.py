"""What a plan says of what follows the thaw."""

from __future__ import annotations

import pytest

from oss_restore.planning.copies import notes_on_copies
from oss_restore.planning.survey import Surveyor
from tests.functions.scene import make_run
from thaw.store import ListedObject

DAY = 86_400
NOW = 1_000 * DAY
GIB = 2**30
COPY: dict[str, object] = {"copy": {"bucketName": "elsewhere", "prefix": "to/"}}


def notes(then: dict[str, object] | None, *objects: ListedObject) -> list[str]:
    run = make_run(then=then)
    surveyor = Surveyor(run)
    for listed in objects:
        surveyor.see(listed, NOW)
    assert surveyor.survey.leaves_work == bool(objects)
    return [] if run.then is None else list(notes_on_copies(run.then, surveyor.survey))


def archived(key: str, storage_class: str, age_days: int, **more: str) -> ListedObject:
    return ListedObject(key, GIB, storage_class, NOW - age_days * DAY, **more)


def test_what_is_copied_and_billed_for_early_deletion_is_told_by_class() -> None:
    copied, archive, cold = notes(
        COPY,
        archived("a", "Archive", 20),
        archived("b", "Archive", 40),
        archived("c", "Archive", 90),
        archived("d", "ColdArchive", 80),
    )
    assert "4 objects (4.0 GiB) are copied to oss://elsewhere/to/" in copied
    assert "2 Archive objects (2.0 GiB) are younger than 60 days" in archive
    assert "30 more days on average" in archive
    assert "1 ColdArchive objects (1.0 GiB) are younger than 180 days" in cold
    assert "100 more days on average" in cold


def test_a_promotion_says_what_versions_go_on_to_cost() -> None:
    (promoted,) = notes({"promote": {"storageClass": "IA"}}, archived("a", "Archive", 90))
    assert "become IA" in promoted
    assert "archived versions stay" in promoted


@pytest.mark.parametrize("then", [COPY, {"promote": {}}])
def test_what_is_readable_already_is_work_that_follows_the_thaw(then: dict[str, object]) -> None:
    readable = 'ongoing-request="false", expiry-date="Sun, 16 Apr 2067 08:12:33 GMT"'
    assert notes(then, archived("a", "Archive", 90, restore_info=readable))
