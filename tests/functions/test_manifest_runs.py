"""Whole runs over manifests, with the functions called as FC calls them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest

from functions import index
from infra.policies.runtime import functions_policy
from tests.functions.flow import Flow
from tests.functions.scene import BUCKET, RARE_POLLS, REPORTS, Context, Scene
from tests.functions.test_listing import AWKWARD_KEYS
from tests.infra.environments import small_environment
from thaw.errors import AccessDenied, InvalidInput
from thaw.ledger_reading import walk
from thaw.manifest import chunks

CSV = {"key": "m.csv"}


def put(scene: Scene, keys: list[str], *, key: str = "m.csv", bucket: str = REPORTS) -> None:
    body = "".join(f"{BUCKET},{quote(name)}\n" for name in keys)
    scene.store(bucket).put(key, body.encode())


def lines(scene: Scene) -> list[dict[str, Any]]:
    """Return every outcome of the ledger."""
    return [record.to_json() for part in walk(scene.ledger()) for record in part.records]


def requested(scene: Scene) -> int:
    return scene.requests("RestoreObject")


def test_a_run_thaws_only_what_its_manifest_names(flow: Flow, scene: Scene) -> None:
    scene.seed(AWKWARD_KEYS)
    scene.seed([f"other/{n}" for n in range(50)])
    scene.seed(["cold"], "ColdArchive")
    put(scene, [*reversed(AWKWARD_KEYS), "cold"])

    summary = flow.run(**RARE_POLLS, manifest=CSV, maxKeys=7, groupSize=3)

    assert summary["outcomes"] == {"requested": len(AWKWARD_KEYS) + 1}
    assert summary["listed"] == len(AWKWARD_KEYS) + 1
    assert (summary["unaccounted"], summary["failed"], summary["wrongRows"]) == (0, 0, 0)
    assert requested(scene) == len(AWKWARD_KEYS) + 1
    for key in [*AWKWARD_KEYS, "cold"]:
        scene.oss.bucket(BUCKET).get_object(key).read()
    assert len(scene.report("report.csv").splitlines()) == len(AWKWARD_KEYS) + 2


def test_every_row_has_an_outcome_whatever_it_names(flow: Flow, scene: Scene) -> None:
    scene.seed(["frozen", "readable", "thawing"])
    scene.seed(["warm"], "Standard")
    scene.seed(["folder/"], size=0)
    scene.symlink("link", "frozen")
    scene.thaw("readable")
    scene.oss.advance(3600)
    scene.thaw("thawing")
    names = ["warm", "thawing", "readable", "link", "gone", "frozen", "folder/"]
    put(scene, [*names, "frozen"])
    before = requested(scene)

    summary = flow.run(manifest=CSV, groupSize=4)

    assert {line["key"]: line["outcome"] for line in lines(scene)} == {
        "warm": "not_archived",
        "thawing": "already_thawing",
        "readable": "already_readable",
        "link": "symlink",
        "gone": "failed",
        "frozen": "requested",
        "folder/": "folder_marker",
    }
    assert requested(scene) == before + 1
    assert summary["byClass"]["Unknown"] == {"failed": 1}
    assert summary["listed"] == sum(summary["outcomes"].values()) == 7
    assert (summary["unaccounted"], summary["wrongRows"]) == (0, 1)
    assert "is a duplicate" in scene.report("manifest/000000-wrong.jsonl")


@pytest.mark.parametrize("wait_for", ["page", "run"])
def test_repeated_runs_over_a_manifest_pay_for_nothing_twice(
    flow: Flow, scene: Scene, wait_for: str
) -> None:
    keys = [f"{n:03d}" for n in range(20)]
    scene.seed(keys, "ColdArchive")
    put(scene, keys)
    fields = {**RARE_POLLS, "manifest": CSV, "maxKeys": 8, "groupSize": 3, "waitFor": wait_for}
    flow.run(**fields, days=3)
    expiry = scene.store().list_after("", "").objects[0].restore_info
    summary = flow.run(**fields, days=3)
    assert summary["outcomes"] == {"already_readable": 20}
    assert requested(scene) == 20
    assert scene.store().list_after("", "").objects[0].restore_info == expiry


def test_the_failure_report_of_a_run_can_be_the_manifest_of_the_next(
    flow: Flow, scene: Scene
) -> None:
    scene.seed(["a", "b", "c d"])
    scene.fault(operation="RestoreObject", target="*/c d", status=400, code="InvalidArgument")
    assert flow.run(groupSize=3)["outcomes"] == {"requested": 2, "rejected": 1}
    scene.oss.do(scene.oss.core.faults.clear)
    summary = flow.run(manifest={"key": "reports/runs/run-1/failures.csv"})
    assert (summary["outcomes"], summary["wrongRows"]) == ({"requested": 1}, 1)


def test_a_manifest_of_many_chunks_and_files_is_read_without_gaps_or_duplicates(
    flow: Flow, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 7)
    keys = [f"{n * 7919 % 1000:04d}" for n in range(80)]
    scene.seed(keys)
    files = [f"inv/{n}.csv.gz" for n in range(4)]
    for number, key in enumerate(files):
        part = keys[number * 20 : number * 20 + 20]
        body = "".join(f'"{BUCKET}","{name}","10"\n' for name in part)
        scene.store(REPORTS).put(key, gzip.compress(body.encode()))
    inventory = {
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, Size",
        "files": [{"key": key} for key in files],
    }
    scene.store(REPORTS).put("inv/manifest.json", json.dumps(inventory).encode())

    summary = flow.run(manifest={"key": "inv/manifest.json"}, maxKeys=12, groupSize=4)

    assert sorted(line["key"] for line in lines(scene)) == sorted(keys)
    assert (summary["listed"], summary["outcomes"]) == (80, {"requested": 80})
    assert requested(scene) == 80


def test_filters_and_prefix_apply_to_a_manifest(flow: Flow, scene: Scene) -> None:
    scene.seed(["a/1.log", "a/2.txt", "b/1.log"])
    scene.seed(["a/3.log"], "ColdArchive")
    put(scene, ["a/1.log", "a/2.txt", "b/1.log", "a/3.log"])
    fields: Mapping[str, object] = {"include": ["*.log"], "storageClasses": ["Archive"]}
    summary = flow.run(manifest=CSV, prefix="a/", **fields)
    assert (summary["outcomes"], summary["listed"]) == ({"requested": 1}, 1)
    assert [line["key"] for line in lines(scene)] == ["a/1.log"]


def test_a_dry_run_looks_up_all_objects_and_sends_nothing(flow: Flow, scene: Scene) -> None:
    keys = [f"{n:03d}" for n in range(30)]
    scene.seed(keys, size=1000)
    put(scene, [*keys, "gone"])
    summary = flow.run(manifest=CSV, dryRun=True)
    assert requested(scene) == 0
    assert (summary["planned"], summary["bytes"]) == ({"Archive": 30}, {"Archive": 30_000})
    assert (summary["outcomes"], summary["unaccounted"]) == ({"failed": 1}, 0)


def test_a_run_with_an_empty_manifest_does_nothing(flow: Flow, scene: Scene) -> None:
    put(scene, [])
    summary = flow.run(manifest=CSV)
    assert (summary["listed"], summary["outcomes"]) == (0, {})


def test_a_manifest_may_be_in_a_separate_bucket(flow: Flow, scene: Scene) -> None:
    scene.oss.bucket("inventories").create_bucket()
    scene.seed(["a"])
    put(scene, ["a"], bucket="inventories")
    summary = flow.run(manifest={**CSV, "bucket": "inventories"})
    assert summary["outcomes"] == {"requested": 1}


def test_a_missing_manifest_ends_the_run_before_any_request(flow: Flow) -> None:
    with pytest.raises(InvalidInput, match=f"no manifest oss://{REPORTS}/m.csv"):
        flow.start(manifest=CSV)


def test_a_repeated_restore_call_sends_each_request_once(flow: Flow, scene: Scene) -> None:
    scene.seed(["a", "b"])
    put(scene, ["a", "b"])
    run = flow.start(manifest=CSV, groupSize=2)["run"]
    page = flow.call(index.listArchiveFiles, run=run, marker="", page=0)
    flow.restore(run, page, twice=True)
    assert requested(scene) == 2


def test_the_objects_of_an_abandoned_group_are_recorded(flow: Flow, scene: Scene) -> None:
    scene.seed(["a", "b"])
    put(scene, ["a", "b"])
    run = flow.start(manifest=CSV, groupSize=2)["run"]
    page = flow.call(index.listArchiveFiles, run=run, marker="", page=0)
    answer = flow.call(
        index.restore,
        run=run,
        files=page["filesGroup"][0],
        page=0,
        group=0,
        failure={"error": "FC.Unknown", "cause": "nobody knows"},
    )
    assert answer["outcomes"] == {"failed": 2}
    assert requested(scene) == 0


@pytest.mark.parametrize("marker", ["a", "000000-000000-1", "\u0660" * 6 + "-000000-000001"])
def test_a_marker_that_is_not_a_cursor_in_the_manifest_is_refused(
    flow: Flow, scene: Scene, marker: str
) -> None:
    put(scene, ["a"])
    run = flow.start(manifest=CSV)["run"]
    with pytest.raises(InvalidInput, match="is not a cursor in a manifest"):
        flow.call(index.listArchiveFiles, run=run, marker=marker, page=0)


def test_the_deployed_permissions_are_sufficient_and_all_are_needed(
    scene: Scene,
    context: Context,
) -> None:
    scene.oss.bucket("inventories").create_bucket()
    scene.seed(["a/1", "b/1"])
    put(scene, ["a/1", "b/1"], bucket="inventories")

    def flow(name: str, **more: object) -> Flow:
        environment = small_environment(
            buckets=[{"name": BUCKET, "prefixes": ["a/"]}],
            report={"bucket": REPORTS, "prefix": "reports/", "create": False},
            **more,
        )
        keys = scene.oss.role_credential(functions_policy(environment), name)
        return Flow(scene, Context(keys))

    run: dict[str, object] = {"manifest": {**CSV, "bucket": "inventories"}, "prefix": "a/"}
    with pytest.raises(AccessDenied, match=r"oss:GetObject on acs:oss:\*:\*:inventories/m\.csv"):
        flow("without").run(**run)
    allowed = flow("with", manifests=[{"name": "inventories"}])
    with pytest.raises(AccessDenied, match="oss:ListObjects"):
        allowed.run(**{**run, "prefix": ""})
    assert allowed.run(**run)["outcomes"] == {"requested": 1}
