"""The functions' zip: equal bytes for equal inputs, and ready to run."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.bundle.build import FUNCTIONS, Bundle, build_bundle, checksum
from infra.bundle.packages import PackagesError
from localcloud.fc.interpreters import interpreter


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return build_bundle("python3.10", tmp_path_factory.mktemp("bundle") / "functions.zip")


@pytest.fixture(scope="module")
def unpacked(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("code")
    with zipfile.ZipFile(bundle.path) as archive:
        archive.extractall(folder)
    return folder


def interpreters() -> dict[str, Path]:
    """This machine's Python interpreters that can run the functions, by version."""
    found = [shutil.which("python3.10"), shutil.which("python3.11")]
    versions = (Path.home() / ".pyenv" / "versions").glob("3.1[01].*/bin/python")
    usable = {}
    for python in (*versions, *map(Path, filter(None, found))):
        shown = subprocess.run(
            [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=False,
        )
        if shown.returncode == 0:
            usable[shown.stdout.strip()] = python
    return usable


def run_isolated(python: Path, code: str) -> str:
    """Return the output of a program in an isolated interpreter.

    Warnings are errors, such as those of requests about the packages that it needs.
    """
    harmless = ("-W", "ignore::DeprecationWarning", "-W", "ignore::SyntaxWarning")  # oss2's escapes
    command = [str(python), "-I", "-B", "-W", "error", *harmless, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


PYTHONS = interpreters()


def names(bundle: Bundle) -> list[str]:
    with zipfile.ZipFile(bundle.path) as archive:
        return archive.namelist()


def test_the_checksum_is_crc64_as_function_compute_writes_it() -> None:
    """The check value of CRC-64/XZ."""
    assert checksum(b"123456789") == "11051210869376104954"


def test_the_bundle_contains_its_own_checksum(bundle: Bundle) -> None:
    assert bundle.checksum == checksum(bundle.path.read_bytes())


def test_copied_and_touched_sources_give_the_same_bytes(bundle: Bundle, tmp_path: Path) -> None:
    source = tmp_path / "functions"
    shutil.copytree(FUNCTIONS, source)
    for path in source.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o777)
    again = build_bundle(
        "python3.10", tmp_path / "out" / "again.zip", source=source, cache=tmp_path / "cache"
    )
    assert again.path.read_bytes() == bundle.path.read_bytes()


def test_a_changed_function_gives_another_checksum(bundle: Bundle, tmp_path: Path) -> None:
    source = tmp_path / "functions"
    shutil.copytree(FUNCTIONS, source)
    (source / "index.py").write_text("# changed\n")
    changed = build_bundle("python3.10", tmp_path / "changed.zip", source=source)
    assert changed.checksum != bundle.checksum


def test_concurrent_builds_do_not_interfere(bundle: Bundle, tmp_path: Path) -> None:
    target = tmp_path / "functions.zip"
    with ThreadPoolExecutor(2) as pool:
        built = list(
            pool.map(
                lambda _: build_bundle("python3.10", target, cache=tmp_path / "cache"), range(2)
            )
        )
    assert {each.checksum for each in built} == {bundle.checksum}
    assert target.read_bytes() == bundle.path.read_bytes()
    left = [path.name for path in tmp_path.rglob("*") if path.name.startswith(".")]
    assert set(left) <= {".lock"}, "scratch folders must go"


def test_it_is_small_enough_for_a_direct_upload(bundle: Bundle) -> None:
    assert bundle.path.stat().st_size <= 10_000_000


def test_entries_are_sorted_stored_and_timeless(bundle: Bundle) -> None:
    with zipfile.ZipFile(bundle.path) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    modes = {entry.filename.endswith(".so"): entry.external_attr >> 16 for entry in entries}
    assert modes == {True: 0o100755, False: 0o100644}


def test_it_holds_the_handlers_the_package_and_the_client(bundle: Bundle) -> None:
    ours = {f"functions/{path.name}" for path in FUNCTIONS.glob("*.py")}
    assert {"index.py", "oss2/api.py", "crcmod/__init__.py", *ours} <= set(names(bundle))


def test_stubs_take_the_place_of_packages_that_are_never_used(bundle: Bundle) -> None:
    stubs = FUNCTIONS / "stubs"
    packages = {path.name for path in stubs.iterdir() if path.is_dir()} - {"__pycache__"}
    assert packages == {"Crypto", "aliyunsdkcore", "aliyunsdkkms", "charset_normalizer"}
    found = {name for name in names(bundle) if name.split("/")[0] in packages}
    assert found == {path.relative_to(stubs).as_posix() for path in stubs.glob("*/**/*.py")}


def test_it_has_no_file_that_is_not_needed_to_run(bundle: Bundle) -> None:
    for name in names(bundle):
        path = Path(name)
        assert path.suffix not in {".pyc", ".pyi", ".lock", ".in"}, name
        assert path.name not in {"RECORD", "INSTALLER", "uv_build.json"}, name
        assert {"__pycache__", "tests", "bin"}.isdisjoint(path.parts), name


def test_it_contains_no_path_of_this_machine(bundle: Bundle) -> None:
    content = bundle.path.read_bytes()
    for place in {
        str(FUNCTIONS.parent),
        str(Path.home() / ".cache"),
        os.environ.get("UV_CACHE_DIR", "/uv/"),
    }:
        assert place.encode() not in content


def test_every_file_is_in_the_syntax_of_the_runtimes_python(bundle: Bundle) -> None:
    with zipfile.ZipFile(bundle.path) as archive:
        sources = {n: archive.read(n) for n in archive.namelist() if n.endswith(".py")}
    assert len(sources) > 100
    for name, source in sources.items():
        ast.parse(source, name, feature_version=(3, 10))


@pytest.mark.parametrize("runtime", ["python3.10", "python3.12"])
def test_every_file_is_compiled_by_the_runtimes_python(runtime: str, unpacked: Path) -> None:
    python = interpreter(runtime)
    compiled = (
        "import pathlib, sys\n"
        f"files = list(pathlib.Path({str(unpacked)!r}).rglob('*.py'))\n"
        "for file in files: compile(file.read_bytes(), str(file), 'exec')\n"
        "print(*sys.version_info[:3], len(files), sep='.')"
    )
    version, _, count = run_isolated(Path(python.path), compiled).rpartition(".")
    assert (version, int(count) > 100) == (python.version, True)


@pytest.mark.parametrize("version", ["3.10", "3.11"])
def test_the_handlers_load_from_the_zip_alone(version: str, unpacked: Path) -> None:
    if version not in PYTHONS:
        pytest.skip(f"there is no Python {version} on this machine")
    load = f"import sys; sys.path.insert(0, {str(unpacked)!r}); import index, oss2.crypto\n"
    handlers = "assert all(callable(getattr(index, name)) for name in index.HANDLERS)\n"
    shown = run_isolated(PYTHONS[version], f"{load}{handlers}print(oss2.__file__)")
    assert shown == str(unpacked / "oss2" / "__init__.py")


@pytest.mark.skipif("3.10" not in PYTHONS, reason="there is no Python 3.10 on this machine")
def test_a_handler_loads_without_the_handlers_of_other_functions(unpacked: Path) -> None:
    load = f"import sys; sys.path.insert(0, {str(unpacked)!r}); import index\nindex.prepareRun\n"
    loaded = "print(*(name for name in sys.modules if name.endswith('_handlers')))"
    assert run_isolated(PYTHONS["3.10"], load + loaded) == "functions.start_handlers"


@pytest.mark.skipif("3.10" not in PYTHONS, reason="there is no Python 3.10 on this machine")
@pytest.mark.parametrize(
    ("handler", "special"),
    [
        ("restoreStatus", "thaw.manifest"),
        ("planCopies", "thaw.manifest"),
        ("summarizeRun", "functions.copiers"),
    ],
)
def test_a_handler_loads_without_what_only_special_runs_need(
    unpacked: Path, handler: str, special: str
) -> None:
    load = f"import sys; sys.path.insert(0, {str(unpacked)!r}); import index\nindex.{handler}\n"
    loaded = f"print({special!r} in sys.modules, 'thaw.run_input' in sys.modules)"
    assert run_isolated(PYTHONS["3.10"], load + loaded) == "False True"


@pytest.mark.skipif("3.10" not in PYTHONS, reason="there is no Python 3.10 on this machine")
def test_checksums_are_native_in_the_functions_own_python(unpacked: Path) -> None:
    """In pure Python they take a hundred times as long."""
    load = f"import sys; sys.path.insert(0, {str(unpacked)!r}); import crcmod.crcmod as c\n"
    assert run_isolated(PYTHONS["3.10"], f"{load}print(c._usingExtension)") == "True"


def test_a_package_that_differs_from_the_lock_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "functions"
    shutil.copytree(FUNCTIONS, source)
    (source / "requirements.lock").write_text(f"six==1.17.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(PackagesError, match=r"(?is)cannot be installed for python3.10.*hash"):
        build_bundle("python3.10", tmp_path / "x.zip", source=source, cache=tmp_path / "cache")
    assert not (tmp_path / "x.zip").exists()
