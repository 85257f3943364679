"""The folder where this user's clouds keep what makes later runs faster."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder(name: str) -> Path:
    """Return the path of a part of the cache.

    Raises:
        RuntimeError: the user's home folder is not known.
    """
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "localcloud" / name
