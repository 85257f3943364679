"""A deployment thaws a bucket in another region through that region's public endpoint."""

from __future__ import annotations

import json
from pathlib import Path

import oss2
import pytest
import yaml

from tests.oss_restore.conftest import Cli
from tests.site import BUCKET, ENVIRONMENT, Site, archived

ELSEWHERE = "cn-beijing"


@pytest.fixture
def moved(site: Site, bucket: oss2.Bucket) -> oss2.Bucket:
    """Move the archive to another region."""
    site.fill(archived(20))
    site.control.move_bucket(BUCKET, ELSEWHERE)
    return bucket


@pytest.fixture
def arguments(site: Site, tmp_path: Path) -> tuple[str, ...]:
    """Return a command's arguments for an environment that names its bucket's region."""
    document = yaml.safe_load((site.environments / f"{ENVIRONMENT}.yaml").read_text())
    for one in document["buckets"]:
        one["region"] = ELSEWHERE
    (tmp_path / f"{ENVIRONMENT}.yaml").write_text(yaml.safe_dump(document))
    files = ("--environments", str(tmp_path), "--cloud", str(site.endpoints_file))
    return (ENVIRONMENT, *files, "--bucket", BUCKET)


def test_a_bucket_of_another_region_is_planned_and_thawed(
    cli: Cli, site: Site, moved: oss2.Bucket, arguments: tuple[str, ...]
) -> None:
    planned = cli("plan", *arguments, "--json")
    assert planned.status == 0, planned.err
    started = cli("start", *arguments, "--poll-interval", "21600", "--yes", "--wait", "--json")
    assert started.status == 0, started.err
    summary = json.loads(started.out)["summary"]
    assert summary["outcomes"] == {"requested": 20}
    site.control.move_bucket(BUCKET, site.endpoints.region)
    assert site.census().readable.total() == 20


def test_without_its_region_the_bucket_is_not_reached_and_the_remedy_is_reported(
    cli: Cli, site: Site, moved: oss2.Bucket
) -> None:
    done = cli("start", *site.arguments, "--bucket", BUCKET, "--yes")
    assert done.status == 3
    assert f"bucket {BUCKET} is in {ELSEWHERE}, not in {site.endpoints.region}" in done.err
    assert f"buckets: [{{name: {BUCKET}, region: {ELSEWHERE}}}]" in done.err
