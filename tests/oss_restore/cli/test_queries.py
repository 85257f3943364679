"""``oss-restore queries``."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from infra.blueprint.queries import queries
from oss_restore.errors import ExitStatus
from tests.infra.environments import SMALL, small_environment
from tests.oss_restore.conftest import Cli

ALL = {query.name: query for query in queries(small_environment())}


@pytest.fixture
def at(tmp_path: Path) -> tuple[str, str]:
    other = {**SMALL, "name": "dev-2", "backend": {"local": {"path": "other"}}}
    for document in (SMALL, other):
        (tmp_path / f"{document['name']}.yaml").write_text(yaml.safe_dump(document))
    return "--environments", str(tmp_path)


def test_every_query_is_printed_with_its_title(cli: Cli, at: tuple[str, str]) -> None:
    done = cli("queries", "dev", *at)
    assert done.status == 0
    assert "logstore functions of the log project oss-restore-1234567890123456" in done.out
    for query in ALL.values():
        assert f"{query.name}: {query.title}\n{query.text()}\n" in done.out


def test_a_single_query_is_printed_without_anything_else(cli: Cli, at: tuple[str, str]) -> None:
    done = cli("queries", "dev", "failures", "--run", "run-7", *at)
    assert done.out == ALL["failures"].text("run-7") + "\n"


def test_json_output_has_project_logstore_and_queries(cli: Cli, at: tuple[str, str]) -> None:
    answer = cli("queries", "dev", "--run", "run-7", "--json", *at).json
    assert answer["project"] == "oss-restore-1234567890123456-cn-hangzhou-dev"
    assert answer["logstore"] == "functions"
    assert answer["queries"][0] == {
        "name": "progress",
        "title": "How far runs have come",
        "query": ALL["progress"].text("run-7"),
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("dev", "failurs"), "unknown query failurs; did you mean 'failures'?"),
        (("dev", "--run", "a or *"), "'a or *' is not a run name"),
        (("dev*",), "dev* matches several environments"),
        (("prod",), "no file has the name 'prod'"),
    ],
)
def test_wrong_arguments_are_reported(
    cli: Cli, at: tuple[str, str], arguments: tuple[str, ...], message: str
) -> None:
    done = cli("queries", *arguments, *at)
    assert done.status == ExitStatus.USAGE
    assert message in done.err
