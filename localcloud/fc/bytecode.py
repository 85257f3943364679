"""Keeps the bytecode of functions' code between clouds, so that only the first one compiles it.

Bytecode is only read for a source of the same time and size, so code must be unpacked with a fixed
time. Its files are named after the version of Python, and replaced atomically by Python's loader,
so that clouds can share a folder.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from localcloud.cache_folder import cache_folder
from localcloud.work_folder import remove_tree

KEPT: Final = 32  # folders of bytecode; this project's functions take 2 MB


def bytecode_folder(checksum: str) -> Path | None:
    """Return the folder for the bytecode of the code with a checksum; keep only the latest ones.

    Returns None unless it can be created in a folder that only this user can write to: whoever
    writes bytecode decides what functions do.
    """
    try:
        cache = cache_folder("bytecode")
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = cache.stat()
        if status.st_uid != os.getuid() or status.st_mode & 0o022:
            return None
        folder = cache / checksum
        folder.mkdir(mode=0o700, exist_ok=True)
        os.utime(folder)  # its last use
    except (OSError, RuntimeError):
        return None
    _remove_oldest(cache)
    return folder


def _remove_oldest(cache: Path) -> None:
    # Another cloud may still use a removed folder: Python creates it again as needed.
    with suppress(OSError):
        folders = sorted(cache.iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True)
        for folder in folders[KEPT:]:
            remove_tree(folder)
