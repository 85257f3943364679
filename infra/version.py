"""The version of this package, which is on everything that it deploys."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

VERSION: Final = version("oss-restore")  # pyproject.toml says it, and nothing else does
