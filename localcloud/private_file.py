"""Writes files that contain keys: readable only by their owner, and written atomically."""

from __future__ import annotations

import os
from pathlib import Path


def write_private_file(path: Path, content: bytes) -> None:
    """Write a file atomically, readable only by its owner.

    Raises:
        OSError: the file cannot be written; an existing file is unchanged.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(content)
        part.replace(path)
    except OSError as error:
        error.filename = str(path)  # the path that the caller knows
        raise
    finally:
        part.unlink(missing_ok=True)
