"""A run's input, given on the command line."""

from __future__ import annotations

import time
from typing import Any

import click
import pytest

from oss_restore.cli.command import command
from oss_restore.cli.run_options import as_arguments, run_options
from thaw.json_reader import parse_moment


def given_by(*arguments: str) -> dict[str, Any]:
    """Return the input that options make."""
    found: dict[str, Any] = {}

    @command(())
    @run_options
    def show(*, given: dict[str, Any]) -> None:
        found.update(given)

    show.main(list(arguments), standalone_mode=False)
    return found


def test_an_input_contains_only_given_fields() -> None:
    assert given_by() == {}
    assert given_by("--days", "3", "--no-dry-run") == {"days": 3, "dryRun": False}


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        (("--bucket", "my-archive"), {"bucketName": "my-archive"}),
        (("--bucket", "oss://my-archive"), {"bucketName": "my-archive"}),
        (("--bucket", "oss://my-archive/"), {"bucketName": "my-archive"}),
        (
            ("--bucket", "oss://my-archive/2019/a b"),
            {"bucketName": "my-archive", "prefix": "2019/a b"},
        ),
        (
            ("--manifest", "oss://reports/m.csv"),
            {"manifest": {"bucket": "reports", "key": "m.csv"}},
        ),
        (("--manifest", '{"key": "m.csv"}'), {"manifest": {"key": "m.csv"}}),
        (("--min-size", "1024"), {"minSize": 1024}),
        (("--min-size", "10M", "--max-size", "1.5G"), {"minSize": 10485760, "maxSize": 1610612736}),
        (("--days", "30d"), {"days": 30}),
        (("--days", "2w"), {"days": 14}),
        (("--poll-interval", "5min"), {"pollInterval": 300}),
        (("--poll-interval", "90"), {"pollInterval": 90}),
        (
            ("--modified-before", "2026-11-24T10:15:00Z"),
            {"modifiedBefore": "2026-11-24T10:15:00Z"},
        ),
        (
            ("--storage-class", "Archive", "--storage-class", "ColdArchive"),
            {"storageClasses": ["Archive", "ColdArchive"]},
        ),
    ],
)
def test_sizes_times_and_places_may_be_written_as_people_do(
    arguments: tuple[str, ...], given: dict[str, Any]
) -> None:
    assert given_by(*arguments) == given


def test_an_age_is_converted_to_a_moment() -> None:
    moment = parse_moment(given_by("--modified-before", "30d")["modifiedBefore"])
    assert moment == pytest.approx(time.time() - 30 * 86_400, abs=60)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--min-size", "big"), "'big' is not a size such as"),
        (("--days", "12h"), "'12h' is not a whole number of days"),
        (("--poll-interval", "often"), "'often' is not a whole number of seconds"),
        (("--modified-after", "3 fortnights"), "is not a moment such as"),
        (("--manifest", "m.csv"), "is neither oss://BUCKET/KEY nor a JSON object"),
        (("--bucket", "oss://b/2019/", "--prefix", "2020/"), "leave out --prefix"),
    ],
)
def test_invalid_values_are_refused(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(click.BadParameter, match=message):
        given_by(*arguments)


def test_an_input_can_be_written_as_the_options_that_make_it() -> None:
    given = given_by(
        "--bucket", "oss://b/2019/", "--days", "3d", "--dry-run", "--include", "*.tif",
        "--manifest", "oss://r/m.csv", "--min-size", "10M",
    )  # fmt: skip
    assert given_by(*as_arguments(given)) == given
