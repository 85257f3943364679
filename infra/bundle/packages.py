"""Installs the packages that the functions import, for the functions' runtime.

The lock files alone determine what is installed: each file has a hash, and packages published as
source only are built by a locked builder. uv checks hashes when it downloads a package; unpacked
files may have been changed since, in its cache or here, so every installed file is checked too.
"""

from __future__ import annotations

import base64
import hashlib
import os
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
# Published as source only; pure Python, so any interpreter can build it.
_SOURCE_ONLY: Final = ("oss2",)


class PackagesError(Exception):
    """The packages could not be installed; the message says why."""


def installed_packages(runtime: Runtime, source: Path, cache: Path) -> Path:
    """Return the folder with the locked packages; install them first if necessary.

    Args:
        runtime: the runtime to install for.
        source: folder with ``requirements.lock``, and ``build.lock`` for the builder.
        cache: folder that caches them between builds.

    Raises:
        PackagesError: they could not be installed, or differ from what was published.
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
                f"{', '.join(changed)} in {fresh} differs from what was published: another program "
                "changed it during the installation"
            )
        try:
            fresh.rename(folder)
        except OSError:
            # A concurrent build may have finished first; its result is identical.
            if not folder.exists():
                raise
    return folder


def _changed_files(folder: Path) -> Iterator[str]:
    """Yield the installed files that are missing or do not match their hash in RECORD.

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
    """Return a fingerprint of everything that determines what is installed."""
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
    # uv leaves lock files in the folder for temporary files.
    environment = {**os.environ, "TMPDIR": str(target.parent)}
    try:
        subprocess.run(
            [find_uv_bin(), *command], check=True, capture_output=True, text=True, env=environment
        )
    except FileNotFoundError as error:
        raise PackagesError(f"uv is needed to install {lock}: {error}") from error
    except subprocess.CalledProcessError as error:
        raise PackagesError(
            f"the packages in {lock} cannot be installed for {runtime}. The package index must be "
            f"reachable once; then they are cached. uv reports:\n{error.stderr.strip()}"
        ) from error
