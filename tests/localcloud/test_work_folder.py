"""The work folder: private while its owner lives, and removed by the next if it was killed."""

from __future__ import annotations

import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.work_folder import WorkFolder, clear_abandoned

# Makes a work folder with a read-only part, says where it is, and stays until its input ends.
OWNER = """
import sys
from localcloud.work_folder import WorkFolder
work = WorkFolder()
part = work.folder("code")
(part / "file").write_text("x")
part.chmod(0o500)
print(work.path(), flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files that no other test clears."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield tmp_path
    monkeypatch.setattr(tempfile, "tempdir", None)


def test_a_work_folder_is_private_and_removed_with_its_owner(temporary: Path) -> None:
    work = WorkFolder()
    path = work.path()
    assert path.parent == temporary
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert work.folder("a") == work.folder("a") == path / "a"
    work.close()
    assert list(temporary.iterdir()) == []


def test_the_folder_of_a_killed_owner_is_removed_and_others_are_kept() -> None:
    own = WorkFolder()
    own.path()
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        path = Path(owner.stdout.readline().strip())
        assert clear_abandoned() == []
        worker = subprocess.Popen(["sleep", "600"], cwd=path)
        owner.kill()
    assert clear_abandoned() == [path]
    assert not path.exists()
    assert worker.wait(timeout=30) < 0
    assert own.path().is_dir()
    own.close()
