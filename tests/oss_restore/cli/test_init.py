"""``oss-restore init``: what it asks and offers, and the file that it writes."""

from __future__ import annotations

import io
import os
import pty
from collections.abc import Callable, Iterator
from pathlib import Path

import oss2
import pytest

from infra.environment_files import load_environments
from infra.model.environment import Environment
from oss_restore.errors import ExitStatus
from tests.infra.environments import ACCOUNT
from tests.oss_restore.conftest import Cli
from tests.site import BUCKET, Site

GIVEN = ("--account", ACCOUNT, "--region", "cn-hangzhou", "--bucket", "oss://my-archive/2019/")
Answer = Callable[[str], int]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answer]:
    """Return a function that types into the terminal from which the command reads."""
    ours, theirs = pty.openpty()
    with open(theirs, encoding="utf-8") as terminal:  # noqa: PTH123 - a descriptor
        monkeypatch.setattr("sys.stdin", terminal)
        yield lambda text: os.write(ours, text.encode())
    os.close(ours)


def at(folder: Path) -> tuple[str, str]:
    return "--environments", str(folder)


def only(folder: Path) -> Environment:
    (environment,) = load_environments(folder)
    return environment


def test_no_question_is_asked_when_all_options_are_given(tmp_path: Path, cli: Cli) -> None:
    folder = tmp_path / "new"
    more = ("--bucket", "oss://my-archive/2020/", "--bucket", "other", "--report-bucket", "ledgers")
    done = cli("init", "prod", *GIVEN, *more, *at(folder))
    assert (done.status, done.out) == (ExitStatus.OK, f"{folder / 'prod.yaml'}\n")
    assert "cdktf deploy prod" in done.err
    assert "oss-restore plan prod --bucket oss://my-archive/2019/" in done.err
    written = only(folder)
    assert (written.name, written.account, written.region) == ("prod", ACCOUNT, "cn-hangzhou")
    places = [(bucket.name, bucket.prefixes) for bucket in written.buckets]
    assert places == [("my-archive", ("2019/", "2020/")), ("other", ())]
    assert (written.report.bucket, written.report.create) == ("ledgers", False)


def test_missing_values_are_asked_for_and_existing_buckets_are_offered(
    site: Site, bucket: oss2.Bucket, tmp_path: Path, cli: Cli, answer: Answer
) -> None:
    answer("nowhere\n\n\n1\n\n")  # an unknown region; the defaults; the first bucket
    done = cli("init", "prod", *at(tmp_path), "--cloud", str(site.endpoints_file))
    assert done.status == ExitStatus.OK, done
    assert "unknown region 'nowhere'" in done.err
    assert f"   1  {BUCKET}  cn-hangzhou\n" in done.err
    written = only(tmp_path)
    assert (written.account, written.region) == (ACCOUNT, "cn-hangzhou")
    assert [bucket.name for bucket in written.buckets] == [BUCKET]
    assert written.report.create


def test_questions_are_asked_even_without_credentials(
    tmp_path: Path, cli: Cli, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
    answer(f"{ACCOUNT}\nUPPER\nmy-archive, oss://other/a/\nledgers\n")
    done = cli("init", *at(tmp_path), "--region", "cn-beijing")
    assert done.status == ExitStatus.OK, done
    assert "Cannot list any choices" in done.err
    assert "'UPPER' is not a valid bucket name" in done.err
    written = only(tmp_path)
    assert [(bucket.name, bucket.prefixes) for bucket in written.buckets] == [
        ("my-archive", ()),
        ("other", ("a/",)),
    ]
    assert written.report.bucket == "ledgers"


def test_a_file_is_overwritten_only_after_confirmation(
    tmp_path: Path, cli: Cli, answer: Answer
) -> None:
    path = tmp_path / "dev.yaml"
    path.write_text("mine")
    answer("n\n")
    refused = cli("init", *GIVEN, *at(tmp_path))
    assert refused.status == ExitStatus.STOPPED
    assert f"{path} will be overwritten" in refused.err
    assert path.read_text() == "mine"
    assert cli("init", *GIVEN, *at(tmp_path), "--yes").status == ExitStatus.OK
    assert only(tmp_path).name == "dev"


def test_nothing_is_done_without_a_terminal(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    asked = cli("init", *GIVEN[:4], *at(tmp_path))
    assert asked.status == ExitStatus.USAGE
    assert "--bucket" in asked.err
    (tmp_path / "dev.yaml").write_text("mine")
    assert cli("init", *GIVEN, *at(tmp_path)).status == ExitStatus.USAGE
    assert (tmp_path / "dev.yaml").read_text() == "mine"


def test_invalid_values_are_reported_and_not_written(tmp_path: Path, cli: Cli) -> None:
    wrong = cli("init", "prod", *GIVEN, "--account", "12", "--bucket", "NO", *at(tmp_path))
    assert wrong.status == ExitStatus.USAGE
    assert "account: '12' is not a valid account id" in wrong.err
    assert "buckets[1].name: 'NO' is not a valid bucket name" in wrong.err
    assert cli("init", "No_", *GIVEN, *at(tmp_path)).status == ExitStatus.USAGE
    assert [*tmp_path.iterdir()] == []


def test_the_end_of_the_input_ends_the_command(tmp_path: Path, cli: Cli, answer: Answer) -> None:
    answer("\x04")
    ended = cli("init", *at(tmp_path))
    assert ended.status == ExitStatus.INTERRUPTED
    assert "nothing was done" in ended.err
    assert [*tmp_path.iterdir()] == []
