"""Whole runs over all versions of a bucket, with the functions called as FC calls them."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from oss2.models import BucketVersioningConfig

from infra.policies.runtime import functions_policy
from localcloud.oss import GeneratedObject
from tests.functions.flow import Flow
from tests.functions.scene import BUCKET, RARE_POLLS, REPORTS, Context, Scene
from tests.functions.test_listing import AWKWARD_KEYS
from tests.functions.test_manifest_runs import lines, requested
from tests.infra.environments import small_environment
from thaw.errors import AccessDenied

ALL = {"versions": "all"}


@pytest.fixture
def versioned(scene: Scene) -> Scene:
    """Return a scene whose bucket keeps versions."""
    scene.oss.bucket(BUCKET).put_bucket_versioning(BucketVersioningConfig("Enabled"))
    return scene


def put(scene: Scene, *versions: tuple[str, str]) -> None:
    """Put versions, by key and class, one after the other."""
    seeds = [GeneratedObject(key, 10, storage_class) for key, storage_class in versions]
    scene.oss.do(lambda: scene.oss.storage.seed(BUCKET, seeds))


def states(scene: Scene) -> dict[tuple[str, str], str]:
    """Return the restore state of each version, by key and id."""
    listed = scene.oss.bucket(BUCKET).list_object_versions(max_keys=1000).versions
    return {
        (found.key, found.versionid): (found.restore_info or "frozen").partition(",")[0]
        for found in listed
        if found.storage_class not in {"Standard", "IA"}
    }


def test_every_archived_version_is_thawed(flow: Flow, versioned: Scene) -> None:
    put(versioned, *((key, "Archive") for key in AWKWARD_KEYS for _ in range(3)))
    put(versioned, ("mixed", "ColdArchive"), ("mixed", "Standard"), ("mixed", "Archive"))
    versioned.oss.bucket(BUCKET).delete_object("mixed")
    archived = 3 * len(AWKWARD_KEYS) + 2

    summary = flow.run(**RARE_POLLS, **ALL, maxKeys=20, groupSize=5)

    assert (summary["outcomes"], summary["listed"]) == ({"requested": archived}, archived)
    assert (summary["unaccounted"], summary["failed"]) == (0, 0)
    assert requested(versioned) == archived
    assert set(states(versioned).values()) == {'ongoing-request="false"'}
    recorded = {(line["key"], line["versionId"]) for line in lines(versioned)}
    assert recorded == set(states(versioned))
    assert {len(row.split(",")[2]) for row in versioned.report("report.csv").splitlines()[1:]} == {
        64
    }


def test_by_default_only_current_versions_are_thawed(flow: Flow, versioned: Scene) -> None:
    put(versioned, ("a", "Archive"), ("a", "Archive"), ("b", "Archive"))
    versioned.oss.bucket(BUCKET).delete_object("b")
    assert flow.run()["outcomes"] == {"requested": 1}
    assert sorted(states(versioned).values()) == ["frozen", "frozen", 'ongoing-request="false"']


@pytest.mark.parametrize("wait_for", ["page", "run"])
def test_a_repeated_run_pays_for_nothing_twice(flow: Flow, versioned: Scene, wait_for: str) -> None:
    put(versioned, *((f"{n:02d}", "ColdArchive") for n in range(12) for _ in range(3)))
    fields = {**RARE_POLLS, **ALL, "maxKeys": 10, "groupSize": 4, "waitFor": wait_for}
    flow.run(**fields, days=5)
    assert set(states(versioned).values()) == {'ongoing-request="false"'}
    assert flow.run(**fields, days=5)["outcomes"] == {"already_readable": 36}
    assert requested(versioned) == 36


def test_no_version_is_lost_of_a_key_with_more_than_a_page_or_listing(
    flow: Flow, versioned: Scene
) -> None:
    some = [("b", "Archive"), *(("b", "Standard"),) * 9]
    put(versioned, ("a", "Archive"), *some * 110, ("c", "Archive"))
    summary = flow.run(**ALL, maxKeys=50, groupSize=50)
    assert summary["outcomes"] == {"requested": 112}
    assert requested(versioned) == 112


def test_an_unversioned_bucket_is_thawed_like_in_any_other_run(flow: Flow, scene: Scene) -> None:
    scene.seed(["a", "b"])
    assert flow.run(**ALL)["outcomes"] == {"requested": 2}
    assert ["versionId" in line for line in lines(scene)] == [False, False]


def test_a_dry_run_counts_versions_and_sends_nothing(flow: Flow, versioned: Scene) -> None:
    put(versioned, ("a", "Archive"), ("a", "Archive"), ("a/", "Standard"))
    summary = flow.run(**ALL, dryRun=True)
    assert (summary["planned"], summary["bytes"]) == ({"Archive": 2}, {"Archive": 20})
    assert (summary["unaccounted"], requested(versioned)) == (0, 0)


def test_prefix_until_and_filters_limit_a_run_over_versions(flow: Flow, versioned: Scene) -> None:
    put(versioned, *((key, "Archive") for key in ("a/1", "b/1", "b/2", "b/3.txt", "b/4") * 2))
    summary = flow.run(**ALL, prefix="b/", marker="b/1", until="b/3.txt", exclude=["*.txt"])
    assert summary["outcomes"] == {"requested": 2}
    assert {line["key"] for line in lines(versioned)} == {"b/2"}


def test_the_deployed_permissions_are_sufficient_if_versions_are_enabled(
    versioned: Scene,
    context: Context,
) -> None:
    put(versioned, ("a/1", "Archive"), ("a/1", "Archive"))

    def flow(name: str, **more: object) -> Flow:
        environment = small_environment(
            buckets=[{"name": BUCKET, "prefixes": ["a/"], **more}],
            report={"bucket": REPORTS, "prefix": "reports/", "create": False},
        )
        keys = versioned.oss.role_credential(functions_policy(environment), name)
        return Flow(versioned, Context(keys))

    with pytest.raises(AccessDenied, match=f"oss:ListObjectVersions on acs:oss:.*:{BUCKET}"):
        flow("without").run(**ALL, prefix="a/")
    assert flow("with", versions=True).run(**ALL, prefix="a/")["outcomes"] == {"requested": 2}


def manifest(scene: Scene, *rows: tuple[str, str]) -> None:
    body = "".join(f"{BUCKET},{quote(key)},{version}\n" for key, version in rows)
    scene.store(REPORTS).put("m.csv", body.encode())


def test_a_manifest_may_name_versions(flow: Flow, versioned: Scene) -> None:
    put(versioned, *((f"key-{n:03}", "Archive") for n in range(150) for _ in range(3)))
    put(versioned, ("warm", "Standard"), ("warm", "Archive"))
    before = sorted(states(versioned))
    chosen = [name for number, name in enumerate(before) if number % 7 == 0]
    warm = [
        found.versionid
        for found in versioned.oss.bucket(BUCKET).list_object_versions(prefix="warm").versions
        if found.storage_class == "Standard"
    ]
    gone = [("key-003", "CAEQ"), ("gone", "V1")]
    manifest(versioned, *reversed(chosen), *(("warm", version) for version in warm), *gone)

    summary = flow.run(**ALL, manifest={"key": "m.csv"}, groupSize=7, maxKeys=70)

    assert summary["outcomes"] == {"requested": len(chosen), "not_archived": 1, "failed": 2}
    assert summary["unaccounted"] == 0
    readable = [name for name, state in states(versioned).items() if state != "frozen"]
    assert sorted(readable) == chosen
    recorded = [(line["key"], line.get("versionId", "")) for line in lines(versioned)]
    assert sorted(recorded) == sorted([*chosen, ("warm", warm[0]), *gone])


def test_a_manifest_row_without_a_version_means_the_current_one(
    flow: Flow, versioned: Scene
) -> None:
    put(versioned, ("a", "Archive"), ("a", "ColdArchive"))
    manifest(versioned, ("a", ""))
    summary = flow.run(**RARE_POLLS, **ALL, manifest={"key": "m.csv"})
    assert summary["outcomes"] == {"requested": 1}
    assert [line["storageClass"] for line in lines(versioned)] == ["ColdArchive"]


def test_a_manifest_may_name_an_object_from_before_versioning(flow: Flow, scene: Scene) -> None:
    put(scene, ("old", "Archive"))
    manifest(scene, ("old", "null"))
    assert flow.run(**ALL, manifest={"key": "m.csv"})["outcomes"] == {"requested": 1}
