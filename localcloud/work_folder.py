"""The work folder of a running cloud: sockets, unpacked code, files that functions write.

It is locked while its owner lives, so the next cloud to start recognizes the folder of a cloud that
was killed, removes it, and kills the processes that still work there.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_PREFIX: Final = "localcloud-"
_NEW_PREFIX: Final = "localcloud."
_LOCK: Final = "lock"
_PROC: Final = Path("/proc")


class WorkFolder:
    """A folder in the system's temporary folder, created on first use."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._removal: weakref.finalize[[Path, int], WorkFolder] | None = None

    def path(self) -> Path:
        """The folder, accessible only to its owner.

        Raises:
            OSError: it cannot be created.
        """
        if self._path is None:
            new = Path(tempfile.mkdtemp(prefix=_NEW_PREFIX))  # 0700
            descriptor = os.open(new / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            os.write(descriptor, f"{os.getpid()}\n".encode())
            # Renamed once it is locked: another cloud would take it over without the lock.
            path = new.rename(new.with_name(_PREFIX + new.name.removeprefix(_NEW_PREFIX)))
            self._removal = weakref.finalize(self, _remove, path, descriptor)
            self._path = path
        return self._path

    def folder(self, name: str) -> Path:
        """Return a subfolder, creating it if necessary."""
        path = self.path() / name
        path.mkdir(mode=0o700, exist_ok=True)
        return path

    def close(self) -> None:
        """Remove the folder and its contents; later use creates a new one."""
        if self._removal is not None:
            self._removal()
        self._path = self._removal = None


def remove_tree(path: Path) -> None:
    """Remove a folder, including read-only parts; ignore what cannot be removed."""
    for folder, _, _ in os.walk(path):
        with suppress(OSError):
            Path(folder).chmod(0o700)
    shutil.rmtree(path, ignore_errors=True)


def clear_abandoned() -> list[Path]:
    """Remove the folders of clouds that were killed, and kill the processes that work in them."""
    cleared = []
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        descriptor = _take_over(path / _LOCK)
        if descriptor is not None:
            for pid in _working_in(path):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            _remove(path, descriptor)
            cleared.append(path)
    return cleared


def _remove(path: Path, descriptor: int) -> None:
    remove_tree(path)
    os.close(descriptor)


def _take_over(lock: Path) -> int | None:
    """Lock an abandoned folder; return None if its owner lives, or it belongs to another user."""
    try:
        descriptor = os.open(lock, os.O_RDWR)
    except OSError:
        return None
    if os.fstat(descriptor).st_uid == os.getuid():
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
    os.close(descriptor)
    return None


def _working_in(path: Path) -> Iterator[int]:
    for process in _PROC.iterdir() if _PROC.is_dir() else ():
        if process.name.isdecimal():
            with suppress(OSError):  # it has exited, or belongs to another user
                if (process / "cwd").readlink().is_relative_to(path):
                    yield int(process.name)
