"""Builds the zip that Function Compute runs: our functions, and pinned oss2 with its dependencies.

The same inputs give the same bytes on every machine: entries are sorted, have fixed times and
modes, and are stored, not deflated, since deflate's output differs between zlib builds. The zip
stays below 10 MB because ``_name_in_zip`` leaves out what is not needed.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import crcmod

from infra.bundle.packages import installed_packages
from infra.model.generations import Runtime

_ROOT: Final = Path(__file__).parents[2]
FUNCTIONS: Final = _ROOT / "functions"
THAW: Final = _ROOT / "thaw"
CACHE: Final = _ROOT / "build" / "packages"

_NEVER_RUN: Final = frozenset({"bin", "__pycache__", "tests"})
_LICENCES: Final = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")

_crc64 = crcmod.mkCrcFun(0x142F0E1EBA9EA3693, initCrc=0, rev=True, xorOut=0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True)
class Bundle:
    """A built bundle.

    Attributes:
        path: path of the zip.
        checksum: CRC-64/XZ of the zip as a decimal number, the format of Function Compute and of
            the provider's ``code_checksum``.
    """

    path: Path
    checksum: str


def build_bundle(
    runtime: Runtime,
    target: Path,
    *,
    source: Path = FUNCTIONS,
    core: Path = THAW,
    cache: Path = CACHE,
) -> Bundle:
    """Build the functions' zip.

    Args:
        runtime: the runtime to build for.
        target: path of the zip, which is replaced atomically, so concurrent builds are safe.
        source: folder with the functions and their lock files.
        core: folder with the package that the functions import.
        cache: folder that caches installed packages between builds.

    Raises:
        PackagesError: the packages could not be installed.
    """
    packages = installed_packages(runtime, source, cache)
    content = zip_files({**dict(_packages(packages)), **_functions(source, core)})
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".bundle-") as scratch:
        finished = Path(scratch) / target.name
        finished.write_bytes(content)
        finished.replace(target)
    return Bundle(target, checksum(content))


def checksum(content: bytes) -> str:
    """Return the CRC-64/XZ as a decimal number."""
    return str(_crc64(content))


def _packages(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the installed files that a function needs, with their names in the zip."""
    for path in folder.rglob("*"):
        name = _name_in_zip(PurePosixPath(path.relative_to(folder).as_posix()))
        if name and path.is_file():
            yield name, path


def _name_in_zip(path: PurePosixPath) -> str | None:
    """Return an installed file's name in the zip; None to leave it out."""
    package = path.parts[0]
    if package.endswith(".dist-info"):
        # The other metadata depends on who built and installed the package. Even the location of
        # licences depends on the builder, and uv may use a wheel that another version built.
        inner = PurePosixPath(*(part for part in path.parts[1:] if part != "licenses"))
        return f"{package}/{inner}" if path.name.startswith(_LICENCES) else None
    if (
        not _NEVER_RUN.isdisjoint(path.parts)
        or path.suffix in {".pyc", ".pyi"}
        or path.name == ".lock"
    ):
        return None
    return str(path)


def _functions(source: Path, core: Path) -> dict[str, Path]:
    """Return our own packages, and at the root, where FC looks for it, the handlers' module.

    Stubs of packages that are imported but never used are at the root too.
    """
    modules = {f"functions/{path.name}": path for path in source.glob("*.py")}
    imported = {
        f"thaw/{path.relative_to(core).as_posix()}": path
        for kind in ("*.py", "*.json")
        for path in core.rglob(kind)
    }
    stubs = {
        path.relative_to(source / "stubs").as_posix(): path
        for path in (source / "stubs").glob("*/**/*.py")
    }
    return {**imported, **modules, **stubs, "index.py": modules["functions/index.py"]}


def zip_files(files: Mapping[str, Path]) -> bytes:
    """Zip files reproducibly, by their names in the zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, path in sorted(files.items()):
            entry = zipfile.ZipInfo(
                name, (1980, 1, 1, 0, 0, 0)
            )  # the earliest time that a zip can store
            entry.create_system = 3  # Unix, so that file modes apply
            entry.external_attr = (0o100755 if path.suffix == ".so" else 0o100644) << 16
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()
