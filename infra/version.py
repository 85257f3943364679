"""The version of this package, which everything it deploys carries."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

VERSION: Final = version("oss-restore")  # defined in pyproject.toml only
