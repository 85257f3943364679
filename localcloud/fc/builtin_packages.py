"""Installs a runtime's built-in packages, for functions that rely on them.

Their versions differ between runtimes and change without notice, so functions should bring their
own. They are available only with the setting ``builtin_packages``, and are installed with uv from
its package index, once per runtime.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from localcloud.cache_folder import cache_folder
from localcloud.errors import CloudError
from localcloud.fc.interpreters import PythonInterpreter

BUILTIN_PACKAGES: Final[Mapping[str, tuple[str, ...]]] = {  # docs 158208
    "python3": (),  # unknown
    "python3.9": ("oss2==2.15.0", "aliyun-fc2==2.5.0"),
    "python3.10": ("oss2==2.16.0", "aliyun-fc2==2.5.2", "requests==2.28.1"),
    "python3.12": ("oss2==2.18.6",),
}
_INSTALL_SECONDS: Final = 300


async def builtin_packages(python: PythonInterpreter) -> tuple[Path, ...]:
    """Return a runtime's package folders; install the packages on first use.

    Args:
        python: the interpreter of the runtime's functions.

    Raises:
        CloudError: ``ServiceUnavailable``, the packages cannot be installed.
    """
    if not BUILTIN_PACKAGES[python.runtime]:
        return ()
    folder = packages_folder(python)
    if not folder.is_dir():
        await asyncio.to_thread(_install, python, folder)
    return (folder,)


def packages_folder(python: PythonInterpreter) -> Path:
    """Return the folder that caches the packages for an interpreter across runs."""
    listed = "\n".join((python.version, *BUILTIN_PACKAGES[python.runtime]))
    digest = hashlib.sha256(listed.encode()).hexdigest()[:12]
    return cache_folder("packages") / f"{python.runtime}-{digest}"


def _install(python: PythonInterpreter, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        installed = Path(temporary) / "packages"
        command = (
            *(
                _uv(),
                "pip",
                "install",
                "--quiet",
                "--python",
                python.path,
                "--target",
                str(installed),
            ),
            *BUILTIN_PACKAGES[python.runtime],
        )
        try:
            subprocess.run(
                command, check=True, capture_output=True, text=True, timeout=_INSTALL_SECONDS
            )
        except subprocess.CalledProcessError as error:
            raise _unavailable(python, error.stderr.strip()) from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _unavailable(python, str(error)) from error
        if not folder.is_dir():  # unless another cloud installed it first
            installed.rename(folder)


def _uv() -> str:
    try:
        from uv import find_uv_bin  # noqa: PLC0415 - an extra of the package, or on the PATH
    except ModuleNotFoundError:
        return shutil.which("uv") or "uv"
    return find_uv_bin()


def _unavailable(python: PythonInterpreter, reason: str) -> CloudError:
    message = f"the built-in packages of {python.runtime} cannot be installed by uv: {reason}"
    return CloudError("ServiceUnavailable", message, 503)
