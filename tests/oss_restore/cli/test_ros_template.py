"""``oss-restore ros-template``, as called by somebody who deploys from the console."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
import yaml

from infra.bundle.build import Bundle, checksum
from infra.environment_files import load_environments
from infra.synthesis.ros_template import ros_template
from oss_restore.errors import ExitStatus
from tests.infra.environments import SMALL
from tests.oss_restore.conftest import Cli


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dev.yaml").write_text(yaml.safe_dump(SMALL))
    return tmp_path


def test_the_template_refers_to_the_zip_that_is_written_with_it(cli: Cli, folder: Path) -> None:
    zip_file = folder / "functions.zip"
    done = cli("ros-template", "dev", "--environments", str(folder), "--bundle", str(zip_file))
    assert done.status == ExitStatus.OK, done.err
    (environment,) = load_environments(folder)
    bundle = Bundle(zip_file, checksum(zip_file.read_bytes()))
    assert json.loads(done.out) == json.loads(json.dumps(ros_template(environment, bundle)))
    key = json.loads(done.out)["Parameters"]["CodeObject"]["Default"]
    assert done.err == f"Upload {zip_file} as {key}\n"


def test_nothing_is_written_if_no_zip_is_requested(cli: Cli, folder: Path) -> None:
    before = set(folder.iterdir())
    done = cli("ros-template", "dev", "--environments", str(folder))
    assert (done.status, done.err) == (ExitStatus.OK, "")
    assert set(folder.iterdir()) == before


def test_a_missing_temporary_folder_is_reported_in_one_line(
    cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: [str(folder / "nowhere")])
    done = cli("ros-template", "dev", "--environments", str(folder))
    assert done.status == ExitStatus.FAILED
    (line,) = done.err.splitlines()
    assert "No usable temporary directory found" in line


def test_an_unknown_environment_is_reported(cli: Cli, folder: Path) -> None:
    done = cli("ros-template", "dve", "--environments", str(folder))
    assert done.status == ExitStatus.USAGE
    assert "no file has the name 'dve'; did you mean 'dev'?" in done.err
