"""The zip that Function Compute runs: our functions, and pinned oss2 with what it imports.

The same inputs give the same bytes on every machine: entries are sorted, have fixed times and
modes, and are stored, not deflated, since deflate's output differs between builds of zlib. Stored
it stays below 10 MB because of what is left out (see ``_is_needed``).
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import crcmod

from infra.model import Runtime

ROOT: Final = Path(__file__).parent.parent
FUNCTIONS: Final = ROOT / "functions"
BUILD: Final = ROOT / "build"

# Python and platform of each runtime; Debian 10 has glibc 2.28.
_TARGETS: Final[Mapping[Runtime, tuple[str, str]]] = {
    "python3.10": ("3.10", "x86_64-manylinux_2_28"),
}
# Published as source only; it is plain Python, so the building interpreter does not matter.
_SOURCE_ONLY: Final = ("oss2",)

_INSTALLERS: Final = frozenset({"RECORD", "INSTALLER", "REQUESTED", "uv_build.json", ".lock"})
_NEVER_RUN: Final = frozenset({"bin", "__pycache__", "tests", "SelfTest"})
# Native code of elliptic curves and post-quantum keys, a third of everything. oss2 imports
# pycryptodome for AES and RSA only, and nothing that it imports loads these.
_UNUSED_LIBRARIES: Final = ("_ec_nat", "_ed25519", "_ed448", "_curve", "_mlkem", "_mldsa")

_crc64 = crcmod.mkCrcFun(0x142F0E1EBA9EA3693, initCrc=0, rev=True, xorOut=0xFFFFFFFFFFFFFFFF)


class BundleError(Exception):
    """The bundle could not be built; says why."""


@dataclass(frozen=True)
class Bundle:
    """A built bundle.

    Attributes:
        path: of the zip.
        checksum: CRC-64/XZ of the zip as a decimal number, which is how Function Compute and the
            provider's ``code_checksum`` write it.
    """

    path: Path
    checksum: str


def build_bundle(
    runtime: Runtime, target: Path, *, source: Path = FUNCTIONS, build: Path = BUILD
) -> Bundle:
    """Builds the functions' zip.

    Args:
        runtime: that it is for.
        target: where the zip goes; moved there whole, so that two builds at once do no harm.
        source: folder of the functions and their lock file.
        build: folder that keeps the vendored packages from one build to the next.

    Raises:
        BundleError: the packages could not be installed.
    """
    vendored = _vendored(source / "requirements.lock", runtime, build)
    content = _zipped({**_packages(vendored), **_functions(source)})
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".bundle-") as scratch:
        finished = Path(scratch) / target.name
        finished.write_bytes(content)
        finished.replace(target)
    return Bundle(target, checksum(content))


def checksum(content: bytes) -> str:
    """CRC-64/XZ as a decimal number."""
    return str(_crc64(content))


def _vendored(lock: Path, runtime: Runtime, build: Path) -> Path:
    """A folder with the locked packages, installed for the runtime."""
    key = hashlib.sha256(f"{runtime}\n{lock.read_text()}".encode()).hexdigest()[:16]
    folder = build / "vendor" / key
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".install-") as scratch:
            _install(lock, runtime, Path(scratch) / "packages")
            # Another build may have been faster; what it made is the same.
            with suppress(FileExistsError, OSError):
                (Path(scratch) / "packages").rename(folder)
    return folder


def _install(lock: Path, runtime: Runtime, target: Path) -> None:
    python, platform = _TARGETS[runtime]
    command = [
        *(str(Path(sys.executable).with_name("uv")), "pip", "install", "--quiet", "--no-config"),
        *("--target", str(target), "--requirements", str(lock), "--require-hashes", "--no-deps"),
        *("--python-version", python, "--python-platform", platform, "--link-mode", "copy"),
        *("--only-binary", ":all:"),
        *(part for package in _SOURCE_ONLY for part in ("--no-binary", package)),
    ]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except OSError as error:
        raise BundleError(f"uv is needed beside {sys.executable}: {error}") from error
    except subprocess.CalledProcessError as error:
        raise BundleError(f"the functions' packages cannot be installed: {error.stderr}") from error


def _packages(folder: Path) -> dict[str, Path]:
    """The vendored files that a function needs, by name in the zip."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    return {name: path for name, path in files.items() if path.is_file() and _is_needed(name)}


def _is_needed(name: str) -> bool:
    path = PurePosixPath(name)
    return (
        (_INSTALLERS | _NEVER_RUN).isdisjoint(path.parts)
        and path.suffix not in {".pyc", ".pyi"}
        and not (path.suffix == ".so" and path.name.startswith(_UNUSED_LIBRARIES))
    )


def _functions(source: Path) -> dict[str, Path]:
    """Our own modules as a package; at the root, where FC looks, the handlers' module.

    The packages that stand in for others are at the root too, under the others' names.
    """
    modules = {f"functions/{path.name}": path for path in source.glob("*.py")}
    stand_ins = {
        path.relative_to(source / "stand_ins").as_posix(): path
        for path in (source / "stand_ins").glob("*/**/*.py")
    }
    return {**modules, **stand_ins, "index.py": modules["functions/index.py"]}


def _zipped(files: Mapping[str, Path]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, path in sorted(files.items()):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # the earliest that a zip can say
            entry.create_system = 3  # Unix, so that the modes count
            entry.external_attr = (0o100755 if path.suffix == ".so" else 0o100644) << 16
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()
