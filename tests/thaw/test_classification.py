"""Classification of listed objects by what they need."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.functions.scene import frozen, make_run
from thaw.classification import State, classify, state_of
from thaw.outcomes import Outcome

NOW = 1_492_330_353.0  # Sun, 16 Apr 2017 08:12:33 GMT
READABLE = 'ongoing-request="false", expiry-date="Sun, 16 Apr 2017 08:12:34 GMT"'
EXPIRED = 'ongoing-request="false", expiry-date="Sun, 16 Apr 2017 08:12:33 GMT"'
THAWING = 'ongoing-request="true"'


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ("", State.FROZEN),
        (THAWING, State.THAWING),
        (READABLE, State.READABLE),
        (EXPIRED, State.FROZEN),
        ('ongoing-request="false"', State.FROZEN),
        ('ongoing-request="false", expiry-date="soon"', State.FROZEN),
    ],
)
def test_a_copy_is_readable_until_its_expiry_date(info: str, expected: State) -> None:
    assert state_of(replace(frozen("a"), restore_info=info), NOW) is expected


@pytest.mark.parametrize(
    ("info", "extend", "expected"),
    [
        ("", False, None),
        (EXPIRED, False, None),
        (THAWING, False, Outcome.ALREADY_THAWING),
        (THAWING, True, Outcome.ALREADY_THAWING),
        (READABLE, False, Outcome.ALREADY_READABLE),
        (READABLE, True, None),
    ],
)
def test_a_thawed_object_is_requested_again_only_for_an_extension(
    info: str, extend: bool, expected: Outcome | None
) -> None:
    listed = replace(frozen("a"), restore_info=info)
    assert classify(listed, NOW, make_run(extendReadable=extend)) is expected


@pytest.mark.parametrize(("hours", "expected"), [(5, None), (7, Outcome.ALREADY_READABLE)])
def test_an_object_that_could_freeze_before_it_is_copied_is_requested_again(
    hours: int, expected: Outcome | None
) -> None:
    listed = replace(frozen("a"), restore_info=READABLE)
    run = make_run(then={"promote": {}})
    assert classify(listed, NOW + 1 - hours * 3600, run) is expected


def test_a_folder_marker_is_an_empty_object_whose_key_ends_in_a_slash() -> None:
    assert classify(frozen("a/", size=0), NOW, make_run()) is Outcome.FOLDER_MARKER
    assert classify(frozen("a/", size=1), NOW, make_run()) is None
    assert classify(frozen("a", size=0), NOW, make_run()) is None


def test_a_symlink_is_skipped_whatever_its_state() -> None:
    link = replace(frozen("a"), kind="Symlink", restore_info=READABLE)
    assert classify(link, NOW, make_run(extendReadable=True)) is Outcome.SYMLINK


@pytest.mark.parametrize(
    ("storage_class", "tier", "upgrade", "expected"),
    [
        ("ColdArchive", "Expedited", True, None),
        ("ColdArchive", "Standard", True, None),
        ("ColdArchive", "Bulk", True, Outcome.ALREADY_THAWING),
        ("ColdArchive", "Expedited", False, Outcome.ALREADY_THAWING),
        ("DeepColdArchive", "Expedited", True, None),
        ("DeepColdArchive", "Standard", True, Outcome.ALREADY_THAWING),
        ("Archive", "Expedited", True, Outcome.ALREADY_THAWING),
    ],
)
def test_a_thaw_is_upgraded_only_on_request_and_if_its_tier_may_be_slower(
    storage_class: str, tier: str, upgrade: bool, expected: Outcome | None
) -> None:
    run = replace(make_run(tier=None), tier=tier, upgrade_tier=upgrade)
    thawing = replace(frozen("a", storage_class), restore_info=THAWING)
    assert classify(thawing, NOW, run) is expected


def test_an_upgrade_does_not_request_readable_objects() -> None:
    run = replace(make_run(), tier="Expedited", upgrade_tier=True)
    readable = replace(frozen("a", "ColdArchive"), restore_info=READABLE)
    assert classify(readable, NOW, run) is Outcome.ALREADY_READABLE
