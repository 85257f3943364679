"""``oss-restore plan``: what it counts, and what it offers."""

from __future__ import annotations

import shlex
from typing import Any

import oss2
import pytest

from functions.contract import ARCHIVE, COLD_ARCHIVE, DEEP_COLD_ARCHIVE
from oss_restore.control import SeedObject
from tests.oss_restore.conftest import Cli
from tests.site import BUCKET, Site, archived

pytestmark = pytest.mark.xdist_group("e2e")


def plan(cli: Cli, site: Site, *arguments: str) -> Any:
    finished = cli("plan", *site.arguments, "--bucket", BUCKET, *arguments, "--json")
    assert finished.status == 0, finished.err
    return finished.json


def test_every_object_is_counted_once_by_class_and_state(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    site.fill(archived(30))
    site.fill(
        [
            SeedObject(key="folder/", size=0, storage_class=ARCHIVE),
            SeedObject(key="plain", size=7, storage_class="Standard"),
        ]
    )
    with site.control.held_clock():
        bucket.restore_object("data/0000")  # Archive
        bucket.restore_object("data/0001")  # ColdArchive
        site.control.advance(3_600)
        found = plan(cli, site)["found"]
    assert found["scanned"] == 32
    assert found["others"] == {"objects": 1, "bytes": 7}
    assert {
        name: {state: there["objects"] for state, there in states.items() if "objects" in there}
        for name, states in found["classes"].items()
    } == {
        ARCHIVE: {"toThaw": 9, "thawing": 0, "readable": 1, "nothingToThaw": 1},
        COLD_ARCHIVE: {"toThaw": 9, "thawing": 1, "readable": 0, "nothingToThaw": 0},
        DEEP_COLD_ARCHIVE: {"toThaw": 10, "thawing": 0, "readable": 0, "nothingToThaw": 0},
    }
    assert found["classes"][COLD_ARCHIVE]["thawing"]["bytes"] == 101


def test_what_is_left_out_is_told_with_the_filter_that_does_it(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    site.fill(archived(30))
    arguments = ("--storage-class", ARCHIVE, "--exclude", "data/002*", "--min-size", "105")
    classes = plan(cli, site, *arguments)["found"]["classes"]
    assert classes[ARCHIVE]["leftOut"] == {
        "minSize": {"objects": 2, "bytes": 100 + 103},
        "exclude": {"objects": 3, "bytes": 121 + 124 + 127},
    }
    assert classes[ARCHIVE]["toThaw"]["objects"] == 5
    assert classes[COLD_ARCHIVE]["leftOut"]["storageClasses"]["objects"] == 10


def test_each_tier_is_offered_with_the_command_that_takes_it(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    site.fill(archived(9))
    choices = plan(cli, site, "--prefix", "data/", "--days", "2")["choices"]
    assert [choice["tier"] for choice in choices] == ["Expedited", "Standard", "Bulk"]
    assert [choice["leaves"] for choice in choices] == [[], [], [DEEP_COLD_ARCHIVE]]
    fast, usual, slow = (shlex.split(choice["command"]) for choice in choices)
    common = ["oss-restore", "start", *site.arguments, "--bucket", BUCKET, "--prefix", "data/"]
    assert usual == [*common, "--days", "2"]
    assert fast == [*common, "--days", "2", "--tier", "Expedited"]
    assert slow == [
        *common,
        "--storage-class", ARCHIVE, "--storage-class", COLD_ARCHIVE,
        "--days", "2", "--tier", "Bulk",
    ]  # fmt: skip
    for command in (fast, usual, slow):
        assert cli(*command[1:], "--dry-run").status == 0
