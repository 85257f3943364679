"""The Python that a function runs on: of its runtime's version, if this machine has one.

It is searched for in the usual places: an environment variable, the interpreter of the local cloud,
the PATH, pyenv and uv. If there is none, functions run on the local cloud's own interpreter, and
their deployment produces a warning.
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
_OLDEST: Final = (3, 9)  # that runtime.py can be read by
_PROBE: Final = "import sys; print(*sys.version_info[:3], sep='.')"
_PROBE_SECONDS: Final = 20


@dataclass(frozen=True)
class PythonInterpreter:
    """The Python that functions of a runtime run on.

    Attributes:
        runtime: theirs.
        path: of the interpreter.
        version: its own, such as ``3.10.13``.
    """

    runtime: str
    path: str
    version: str

    @property
    def warning(self) -> str:
        """A warning if its version differs from the runtime's; otherwise empty."""
        wanted = RUNTIME_VERSIONS[self.runtime]
        if _minor(self.version) == wanted:
            return ""
        if _numbers(wanted) < _OLDEST:
            remedy = "the local cloud cannot use one so old"
        else:
            remedy = f"install python{wanted}, or name one in {variable(self.runtime)}"
        return (
            f"functions of runtime {self.runtime} run on Python {self.version} here: there is no"
            f" Python {wanted} on this machine; {remedy}"
        )


def variable(runtime: str) -> str:
    """The environment variable that names the interpreter of a runtime."""
    return f"LOCALCLOUD_PYTHON_{RUNTIME_VERSIONS[runtime].replace('.', '_')}"


def interpreter(runtime: str) -> PythonInterpreter:
    """The Python for functions of a runtime.

    Raises:
        CloudError: ``InvalidArgument``, the variable names no Python of that version.
    """
    return _interpreter(runtime, os.environ.get(variable(runtime), ""))


@cache
def _interpreter(runtime: str, named: str) -> PythonInterpreter:
    wanted = RUNTIME_VERSIONS[runtime]
    if named:
        version = _version(named)
        if version is None or _minor(version) != wanted:
            raise CloudError(
                "InvalidArgument",
                f"{variable(runtime)} names {named}, which is not Python {wanted}"
                + (f" but {version}" if version else ""),
            )
        return PythonInterpreter(runtime, named, version)
    if _numbers(wanted) >= _OLDEST:
        for path in _candidates(wanted):
            version = _version(path)
            if version is not None and _minor(version) == wanted:
                return PythonInterpreter(runtime, path, version)
    return PythonInterpreter(runtime, sys.executable, _own_version())


def _candidates(wanted: str) -> Iterator[str]:
    """Possible locations of a Python of that version, the likeliest first."""
    if _minor(_own_version()) == wanted:
        yield sys.executable
    name = f"python{wanted}"
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if folder and (Path(folder) / name).is_file():
            yield str(Path(folder) / name)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    uv = os.environ.get("UV_PYTHON_INSTALL_DIR")
    uv_folder = Path(uv) if uv else Path.home() / ".local" / "share" / "uv" / "python"
    for versions, pattern in ((pyenv, f"{wanted}.*"), (uv_folder, f"cpython-{wanted}.*")):
        for path in sorted(versions.glob(f"{pattern}/bin/{name}"), reverse=True):
            yield str(path)


def _version(path: str) -> str | None:
    """The version of the Python at a path; None for what does not run, such as pyenv's shims."""
    try:
        answer = subprocess.run(
            [path, "-I", "-S", "-c", _PROBE],
            capture_output=True,
            text=True,
            timeout=_PROBE_SECONDS,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def _own_version() -> str:
    return ".".join(map(str, sys.version_info[:3]))


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
