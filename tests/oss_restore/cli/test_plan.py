"""``oss-restore plan``: what it counts, and what it offers."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import oss2
import pytest
from syrupy.assertion import SnapshotAssertion

from oss_restore.cli.rehearsal.cdktf import PROJECT
from oss_restore.clients.control_api import SeedObject
from tests.oss_restore.conftest import Cli
from tests.site import BUCKET, Site, archived
from thaw.storage_classes import ARCHIVE, COLD_ARCHIVE, DEEP_COLD_ARCHIVE

STATES = ("toThaw", "toUpgrade", "toExtend", "thawing", "readable", "nothingToThaw")
NONE = dict.fromkeys(STATES, 0)


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
        ARCHIVE: {**NONE, "toThaw": 9, "readable": 1, "nothingToThaw": 1},
        COLD_ARCHIVE: {**NONE, "toThaw": 9, "thawing": 1},
        DEEP_COLD_ARCHIVE: {**NONE, "toThaw": 10},
    }
    assert found["classes"][COLD_ARCHIVE]["thawing"]["bytes"] == 101


def test_excluded_objects_are_reported_with_the_filter_that_excludes_them(
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


def test_each_tier_is_offered_with_the_command_that_selects_it(
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


def test_objects_of_a_manifest_are_looked_up_as_in_a_run(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    site.fill(archived(5))
    rows = [
        "e2e-archive,data/0000",
        "e2e-archive,data/0004",
        "e2e-archive,gone",
        "others,data/0001",
    ]
    reports = site.bucket(site.outputs["report_bucket"])
    reports.put_object("lists/today.csv", "\n".join(rows))
    found = plan(cli, site, "--manifest", '{"key": "lists/today.csv"}')["found"]
    assert found["scanned"] == 2
    assert (found["vanished"], found["wrongRows"]) == (1, 1)
    assert found["classes"][ARCHIVE]["toThaw"] == {"objects": 1, "bytes": 100}
    shown = cli(
        "plan", *site.arguments, "--bucket", BUCKET, "--manifest", '{"key": "lists/today.csv"}'
    )
    assert "1 row of the manifest names an object that does not exist" in shown.out
    assert "1 row of the manifest cannot name an object of this bucket" in shown.out
    missing = cli(
        "plan", *site.arguments, "--bucket", BUCKET, "--manifest", '{"key": "nosuch.csv"}'
    )
    assert missing.status == 2
    assert "there is no manifest" in missing.err


def test_prefixes_and_until_limit_what_is_listed(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    for prefix in ("a/", "b/", "c/"):
        site.fill(archived(4, prefix=prefix))
    prefixes = ("--prefixes", "a/", "--prefixes", "c/")
    assert plan(cli, site, *prefixes)["found"]["scanned"] == 8
    assert plan(cli, site, "--marker", "a/0001", "--until", "b/0001")["found"]["scanned"] == 4


def test_older_versions_are_counted_on_request(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    for _ in range(3):
        bucket.put_object("key", b"x", headers={"x-oss-storage-class": ARCHIVE})
    found = cli(
        "plan", "--flow", site.deployment.main_flow, "--cloud", str(site.endpoints_file),
        "--bucket", BUCKET, "--versions", "all", "--json",
    )  # fmt: skip
    assert found.json["found"]["classes"][ARCHIVE]["toThaw"]["objects"] == 3


def test_a_missing_bucket_is_reported(site: Site, cli: Cli) -> None:
    finished = cli("plan", *site.arguments, "--bucket", BUCKET)
    assert finished.status == 3
    assert f"bucket {BUCKET} does not exist" in finished.err


def test_a_plan_shows_the_objects_and_the_choices(
    site: Site, bucket: oss2.Bucket, cli: Cli, snapshot: SnapshotAssertion
) -> None:
    site.fill(archived(30))
    arguments = ("--bucket", BUCKET, "--exclude", "data/000*")
    shown = cli("plan", *site.arguments, *arguments).out
    place = str(site.environments.parent)
    assert shown.replace(place, "FOLDER") == snapshot
    assert cli("plan", *site.arguments, *arguments, "--lang", "zh").out.replace(
        place, "FOLDER"
    ) == snapshot(name="zh")


def hypothetical(cli: Cli, *arguments: str) -> Any:
    finished = cli("plan", *arguments, "--json")
    assert finished.status == 0, finished.err
    return finished.json


def test_a_bucket_that_does_not_exist_yet_can_be_planned_for(cli: Cli) -> None:
    (choice,) = hypothetical(
        cli, "--objects", "1000000", "--storage-class", COLD_ARCHIVE, "--tier", "Standard",
        "--max-keys", "1000", "--group-size", "50", "--workers", "16",
    )["choices"]  # fmt: skip
    assert choice["totalSeconds"] > 5 * 3600
    assert choice["pages"] == 1_000
    assert choice["stepTransitions"] == pytest.approx(31_900, rel=0.02)
    bill = {item["part"]: item for item in choice["bill"]}
    restores = bill["oss.requests.RestoreObject.ColdArchive.Standard"]
    assert (restores["amount"], restores["money"]) == (1_000_000, 300)
    assert choice["total"]["without"] == []
    units = choice["functionCalls"] * 75 / 10_000 + choice["vcpuSeconds"]
    units += choice["gbSeconds"] * 0.15
    assert bill["fc.compute_units"]["amount"] == pytest.approx(units, rel=0.001)
    assert choice["command"].startswith("oss-restore start ENV --bucket BUCKET ")


def test_a_plan_shows_chosen_settings_and_keeps_given_ones(cli: Cli) -> None:
    many = ("plan", "--objects", "10000000", "--storage-class", ARCHIVE)
    (choice,) = cli(*many, "--json").json["choices"]
    assert choice["settings"] == {
        "shards": "8",
        "maxKeys": 10_000,
        "groupSize": 1_000,
        "workers": 16,
        "objectsPerSecond": 9_000,
        "chosen": ["groupSize", "maxKeys", "objectsPerSecond", "shards", "workers"],
    }
    assert "8 listers, pages of 10,000, groups of 1,000" in " ".join(cli(*many).out.split())
    (slow,) = cli(*many, "--shards", "1", "--group-size", "50", "--json").json["choices"]
    assert (slow["settings"]["shards"], slow["settings"]["groupSize"]) == ("1", 50)
    assert slow["totalSeconds"] > choice["totalSeconds"]


def test_objects_are_spread_evenly_over_the_classes(cli: Cli) -> None:
    found = hypothetical(cli, "--objects", "10", "--bytes", str(10 * 2**30))
    objects = found["choices"][1]["objects"]
    assert objects == {ARCHIVE: 4, COLD_ARCHIVE: 3, DEEP_COLD_ARCHIVE: 3}
    amounts = {item["part"]: item["amount"] for item in found["choices"][1]["bill"]}
    assert amounts["oss.retrieved_gb.Archive"] == pytest.approx(4)
    (only,) = hypothetical(cli, "--objects", "1")["choices"]
    assert only["objects"] == {ARCHIVE: 1}


def test_settings_of_the_environment_apply(cli: Cli, tmp_path: Path) -> None:
    text = (PROJECT / "environments" / "dev.yaml").read_text()
    (tmp_path / "dev.yaml").write_text(text + "\nrun_defaults: {max_keys: 500, group_size: 10}\n")
    found = hypothetical(cli, "dev", "--environments", str(tmp_path), "--objects", "1000")
    assert found["input"]["maxKeys"] == 500


def test_given_quotas_and_prices_apply(cli: Cli, tmp_path: Path) -> None:
    prices = tmp_path / "prices.yaml"
    prices.write_text(
        'noted: "2027-01"\nparts:\n  fc.compute_units: {per: 1000, CNY: 5, mark: verified}\n'
    )
    deep = ("--objects", "1000000", "--storage-class", DEEP_COLD_ARCHIVE, "--tier", "Standard")
    (usual,) = hypothetical(cli, *deep)["choices"]
    lowered = hypothetical(cli, *deep, "--quota", "deep_cold_per_second=1", "--prices", str(prices))
    (other,) = lowered["choices"]
    assert (usual["bound"], other["bound"]) == ("thaw", "thaw_quota")
    assert lowered["pricesNoted"] == "2027-01"
    assert other["total"]["without"] == [
        "the requests for DeepColdArchive objects",
        "the retrieval of DeepColdArchive data",
    ]
    functions = next(item for item in other["bill"] if item["part"] == "fc.compute_units")
    assert functions["money"] == pytest.approx(functions["amount"] * 5 / 1000)


def test_a_total_names_the_parts_without_a_price(cli: Cli) -> None:
    deep = ("--objects", "1000", "--storage-class", DEEP_COLD_ARCHIVE)
    printed = " ".join(cli("plan", *deep).out.split())
    assert (
        "Expedited, Standard: the total is without the requests for DeepColdArchive objects, the"
        " retrieval of DeepColdArchive data, whose cost is not known" in printed
    )
    assert "oss.requests" not in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--quota", "steps=1"), "steps_per_second"),
        (("--quota", "steps_per_second=-1"), "steps_per_second"),
        (("--tier", "Fastest"), "tier"),
        (("--max-keys", "50000"), "--max-keys"),
        (("--prices", "nosuch.yaml"), "nosuch.yaml: No such file"),
    ],
)
def test_impossible_input_is_refused(cli: Cli, arguments: tuple[str, ...], message: str) -> None:
    finished = cli("plan", "--objects", "10", *arguments)
    assert finished.status == 2
    assert message in finished.err


def test_a_price_for_an_unknown_item_is_refused(cli: Cli, tmp_path: Path) -> None:
    prices = tmp_path / "prices.yaml"
    prices.write_text('noted: "2027-01"\nparts: {coffee: {per: 1, CNY: 20, mark: verified}}\n')
    finished = cli("plan", "--objects", "10", "--prices", str(prices))
    assert finished.status == 2
    assert "nothing is billed as coffee" in finished.err
