"""The functions' packages, installed once for their runtime."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.bundle.build import CACHE, FUNCTIONS
from infra.bundle.packages import PackagesError, installed_packages
from infra.model.generations import Runtime

Source = Callable[..., Path]


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """Make folders of lock files, with a text appended to one of them."""

    def make(lock: str = "requirements.lock", text: str = "") -> Path:
        folder = tmp_path / f"functions{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        for name in ("requirements.lock", "build.lock"):
            shutil.copy(FUNCTIONS / name, folder)
        with (folder / lock).open("a") as file:
            file.write(text)
        return folder

    return make


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without cached packages that cannot reach a package index."""
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))


def test_the_same_locks_are_installed_once(source: Source, offline: None) -> None:
    folder = installed_packages("python3.10", FUNCTIONS, CACHE)
    assert (folder / "oss2" / "api.py").is_file()
    assert installed_packages("python3.10", source(), CACHE) == folder


@pytest.mark.parametrize(
    ("runtime", "tag"), [("python3.10", "cpython-310-x86_64-linux-gnu"), ("python3.12", "abi3")]
)
def test_compiled_modules_are_those_of_the_runtime_not_of_this_python(
    runtime: Runtime, tag: str
) -> None:
    folder = installed_packages(runtime, FUNCTIONS, CACHE)
    tags = {path.name.split(".")[1] for path in folder.rglob("*.so")}
    assert tags == {tag}


@pytest.mark.parametrize("lock", ["requirements.lock", "build.lock"])
def test_a_changed_lock_is_installed_anew(source: Source, offline: None, lock: str) -> None:
    with pytest.raises(PackagesError):
        installed_packages("python3.10", source(lock, "# changed\n"), CACHE)


def test_the_message_without_a_package_index_names_the_remedy(
    source: Source, offline: None, tmp_path: Path
) -> None:
    folder, cache = source(), tmp_path / "cache"
    with pytest.raises(PackagesError) as caught:
        installed_packages("python3.10", folder, cache)
    first, *rest = str(caught.value).splitlines()
    assert first == (
        f"the packages in {folder / 'requirements.lock'} cannot be installed for python3.10. The "
        "package index must be reachable once; then they are cached. uv reports:"
    )
    assert rest
    assert list(cache.iterdir()) == []


def test_an_installed_file_that_was_changed_is_replaced_by_the_published_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the installed folder and in uv's cache, which shares its files with environments."""
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    folder = installed_packages("python3.10", FUNCTIONS, tmp_path / "cache")
    assert list(temporary.iterdir()) == []  # not even a lock of uv
    published = (folder / "certifi" / "cacert.pem").read_bytes()
    for changed in [*tmp_path.rglob("certifi/cacert.pem")]:
        changed.write_bytes(published + b"another authority")
    assert installed_packages("python3.10", FUNCTIONS, tmp_path / "cache") == folder
    assert (folder / "certifi" / "cacert.pem").read_bytes() == published
