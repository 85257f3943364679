"""Finds the Python interpreter for a function: of its runtime's version, if this machine has one.

It is looked up in the usual places: an environment variable, the local cloud's interpreter, the
PATH, pyenv and uv. Without a match, functions run on the local cloud's own interpreter, and
deploying them produces a warning.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from localcloud.errors import CloudError

RUNTIME_VERSIONS: Final[Mapping[str, str]] = {  # docs 158208, 2512973
    "python3": "3.6",
    "python3.9": "3.9",
    "python3.10": "3.10",
    "python3.12": "3.12",
}
_OLDEST: Final = (3, 9)  # oldest version that can run runtime.py
_PROBE: Final = "import sys; print(*sys.version_info[:3], sep='.')"
_PROBE_SECONDS: Final = 20


@dataclass(frozen=True)
class PythonInterpreter:
    """The Python interpreter for functions of a runtime.

    Attributes:
        runtime: the functions' runtime.
        path: the interpreter's path.
        version: the interpreter's version, such as ``3.10.13``.
    """

    runtime: str
    path: str
    version: str

    @property
    def warning(self) -> str:
        """A warning if the version differs from the runtime's; otherwise empty."""
        required = RUNTIME_VERSIONS[self.runtime]
        if _minor(self.version) == required:
            return ""
        if _numbers(required) < _OLDEST:
            remedy = "the local cloud does not support versions this old"
        else:
            remedy = f"install python{required}, or set {variable(self.runtime)} to one"
        return (
            f"functions of runtime {self.runtime} run on Python {self.version} here: there is no"
            f" Python {required} on this machine; {remedy}"
        )


def variable(runtime: str) -> str:
    """Return the environment variable for the interpreter of a runtime."""
    return f"LOCALCLOUD_PYTHON_{RUNTIME_VERSIONS[runtime].replace('.', '_')}"


def interpreter(runtime: str) -> PythonInterpreter:
    """Return the Python interpreter for functions of a runtime.

    Raises:
        CloudError: ``InvalidArgument``, the variable does not name a Python of that version.
    """
    return _interpreter(runtime, os.environ.get(variable(runtime), ""))


@cache
def _interpreter(runtime: str, configured: str) -> PythonInterpreter:
    required = RUNTIME_VERSIONS[runtime]
    if configured:
        version = _version(configured)
        if version is None or _minor(version) != required:
            raise CloudError(
                "InvalidArgument",
                f"{variable(runtime)} names {configured}, which is not Python {required}"
                + (f" but {version}" if version else ""),
            )
        return PythonInterpreter(runtime, configured, version)
    if _numbers(required) >= _OLDEST:
        for path in _candidates(required):
            version = _version(path)
            if version is not None and _minor(version) == required:
                return PythonInterpreter(runtime, path, version)
    return PythonInterpreter(runtime, sys.executable, _own_version())


def _candidates(required: str) -> Iterator[str]:
    """Yield possible locations of a Python of that version, likeliest first."""
    if _minor(_own_version()) == required:
        yield sys.executable
    name = f"python{required}"
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        # A shim takes as long to start as ten interpreters, which are below in "versions".
        if folder and Path(folder) != pyenv / "shims" and (Path(folder) / name).is_file():
            yield str(Path(folder) / name)
    uv = os.environ.get("UV_PYTHON_INSTALL_DIR")
    uv_folder = Path(uv) if uv else Path.home() / ".local" / "share" / "uv" / "python"
    for versions, pattern in (
        (pyenv / "versions", f"{required}.*"),
        (uv_folder, f"cpython-{required}.*"),
    ):
        for path in sorted(versions.glob(f"{pattern}/bin/{name}"), reverse=True):
            yield str(path)


def _version(path: str) -> str | None:
    """Return the version of the Python at a path; None if it does not run, like pyenv's shims."""
    try:
        finished = subprocess.run(
            [path, "-I", "-S", "-c", _PROBE],
            capture_output=True,
            text=True,
            timeout=_PROBE_SECONDS,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return finished.stdout.strip()


def _own_version() -> str:
    return ".".join(map(str, sys.version_info[:3]))


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
