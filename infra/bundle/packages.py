"""The packages that the functions import, installed for the functions' runtime.

What is installed follows from the lock files alone: each file has a hash, and what is published as
source only is built by a locked builder. uv checks a hash when it downloads a package; what it has
unpacked may have been changed since, in its cache or here, so every installed file is checked, too.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Final

from uv import find_uv_bin

from infra.model.generations import Runtime

# Python and platform of each runtime; Debian 10 has glibc 2.28, Debian 11 has 2.31.
_TARGETS: Final[Mapping[Runtime, tuple[str, str]]] = {
    "python3.10": ("3.10", "x86_64-manylinux_2_28"),
    "python3.12": ("3.12", "x86_64-manylinux_2_31"),
}
# Published as source only; it is plain Python, so the building interpreter does not matter.
_SOURCE_ONLY: Final = ("oss2",)


class PackagesError(Exception):
    """The packages could not be installed; says why."""


def installed_packages(runtime: Runtime, source: Path, cache: Path) -> Path:
    """The folder with the locked packages, which are installed first if necessary.

    Args:
        runtime: that they are for.
        source: folder with ``requirements.lock``, and with ``build.lock`` for their builder.
        cache: folder that keeps them from one build to the next.

    Raises:
        PackagesError: they could not be installed, or not as they were published.
    """
    folder = cache / _fingerprint(runtime, source)
    if folder.exists():
        if not any(_changed_files(folder)):
            return folder
        shutil.rmtree(folder)
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".install-") as scratch:
        fresh = Path(scratch) / "packages"
        _install(runtime, source, fresh)
        if any(_changed_files(fresh)):
            shutil.rmtree(fresh)
            _install(runtime, source, fresh, "--no-cache")
        if changed := sorted(_changed_files(fresh)):
            raise PackagesError(
                f"{', '.join(changed)} in {fresh} is not what was published: another program has "
                "changed it during the installation"
            )
        try:
            fresh.rename(folder)
        except OSError:
            # Another build may have finished first; its result is identical.
            if not folder.exists():
                raise
    return folder


def _changed_files(folder: Path) -> Iterator[str]:
    """The installed files that are missing, or differ from their hash in the package's RECORD.

    Source: https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    """
    for distribution in distributions(path=[str(folder)]):
        for file in distribution.files or ():
            if file.hash is None:
                continue
            path = Path(str(file.locate()))
            if not path.exists():
                yield str(file)
                continue
            digest = hashlib.new(file.hash.mode, path.read_bytes()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != file.hash.value:
                yield str(file)


def _fingerprint(runtime: Runtime, source: Path) -> str:
    """A fingerprint of everything that determines what is installed."""
    locks = [(source / name).read_text() for name in ("requirements.lock", "build.lock")]
    inputs = [version("uv"), *_options(runtime), *locks]
    return hashlib.sha256("\0".join(inputs).encode()).hexdigest()[:16]


def _options(runtime: Runtime) -> list[str]:
    python, platform = _TARGETS[runtime]
    return [
        *("--python-version", python, "--python-platform", platform),
        *("--require-hashes", "--no-deps", "--link-mode", "copy", "--only-binary", ":all:"),
        *(part for package in _SOURCE_ONLY for part in ("--no-binary", package)),
    ]


def _install(runtime: Runtime, source: Path, target: Path, *options: str) -> None:
    lock = source / "requirements.lock"
    command = [
        *("pip", "install", "--quiet", "--python", sys.executable, "--target", str(target)),
        *("--requirements", str(lock), "--build-constraints", str(source / "build.lock")),
        *_options(runtime),
        *options,
    ]
    try:
        subprocess.run([find_uv_bin(), *command], check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise PackagesError(f"uv is needed to install {lock}: {error}") from error
    except subprocess.CalledProcessError as error:
        raise PackagesError(
            f"the packages of {lock} cannot be installed for {runtime}. The package index must be "
            f"reachable once; then they are kept. uv says:\n{error.stderr.strip()}"
        ) from error
