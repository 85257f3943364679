"""The zip that Function Compute runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from infra.bundle import FUNCTIONS, Bundle, build_bundle, checksum
from infra.names import FUNCTIONS as NAMES

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return build_bundle("python3.10", tmp_path_factory.mktemp("bundle") / "functions.zip")


@pytest.fixture(scope="module")
def unpacked(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("code")
    with zipfile.ZipFile(bundle.path) as archive:
        archive.extractall(folder)
    return folder


def crc64_xz(data: bytes) -> int:
    """Bit by bit, as the standard's parameters say; only for short texts."""
    crc = 2**64 - 1
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0xC96C5795D7870F42 if crc & 1 else 0)
    return crc ^ (2**64 - 1)


def test_the_checksum_is_crc64_xz_in_decimal() -> None:
    assert checksum(b"123456789") == "11051210869376104954"
    assert checksum(b"") == "0"
    text = bytes(range(256)) * 8
    assert checksum(text) == str(crc64_xz(text))


def test_the_checksum_is_that_of_the_file(bundle: Bundle) -> None:
    assert bundle.checksum == checksum(bundle.path.read_bytes())


def test_two_builds_are_the_same_also_of_a_copy_that_was_touched(
    bundle: Bundle, tmp_path: Path
) -> None:
    copied = Path(shutil.copytree(FUNCTIONS, tmp_path / "functions"))
    for path in copied.rglob("*"):
        path.chmod(0o700)
        os.utime(path, (1, 1))
    again = build_bundle("python3.10", tmp_path / "again.zip", source=copied)
    assert again.checksum == bundle.checksum
    assert again.path.read_bytes() == bundle.path.read_bytes()


def test_another_line_of_code_is_another_bundle(bundle: Bundle, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(FUNCTIONS, tmp_path / "functions"))
    (copied / "thaw.py").write_text("# another\n")
    assert build_bundle("python3.10", tmp_path / "a.zip", source=copied).checksum != bundle.checksum


def test_builds_at_the_same_time_leave_one_whole_zip(bundle: Bundle, tmp_path: Path) -> None:
    target = tmp_path / "out" / "functions.zip"
    builds = [threading.Thread(target=build_bundle, args=("python3.10", target)) for _ in range(3)]
    for build in builds:
        build.start()
    for build in builds:
        build.join()
    assert target.read_bytes() == bundle.path.read_bytes()
    assert [path.name for path in target.parent.iterdir()] == ["functions.zip"]


def test_entries_are_sorted_stored_and_without_a_time_of_their_own(bundle: Bundle) -> None:
    with zipfile.ZipFile(bundle.path) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted({entry.filename for entry in entries})
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in entries} == {0o100755, 0o100644}


def test_it_is_below_ten_megabytes(bundle: Bundle) -> None:
    assert bundle.path.stat().st_size < 10 * MEGABYTE


def test_it_holds_what_runs_and_the_licences_and_nothing_of_who_built_it(bundle: Bundle) -> None:
    with zipfile.ZipFile(bundle.path) as archive:
        names = archive.namelist()
    assert {"index.py", "functions/__init__.py", "functions/handlers.py", "oss2/api.py"} <= {*names}
    assert "functions/index.py" not in names
    unwanted = re.compile(r"\.pyc$|\.pyi$|__pycache__|(^|/)(tests?|SelfTest|bin)/|\.lock$|\.in$")
    assert [name for name in names if unwanted.search(name)] == []
    about = [name for name in names if ".dist-info/" in name]
    assert "oss2-2.19.1.dist-info/LICENSE" in about
    assert all(Path(name).name.startswith(("LICENSE", "NOTICE")) for name in about)


def test_no_file_names_a_place_on_this_machine(unpacked: Path) -> None:
    places = [str(place).encode() for place in (FUNCTIONS.parent, Path(sys.prefix))]
    for path in unpacked.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(place in content for place in places), path


def test_every_handler_can_be_imported_with_nothing_else_installed(unpacked: Path) -> None:
    program = (
        "import sys; sys.path = [p for p in sys.path if 'site-packages' not in p]; "
        f"sys.path.insert(0, {str(unpacked)!r}); import index, oss2; "
        f"assert oss2.__file__.startswith({str(unpacked)!r}); "
        f"assert all(callable(getattr(index, name)) for name in {NAMES!r})"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
