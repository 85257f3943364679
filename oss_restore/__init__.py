"""The operator's command line."""

from __future__ import annotations

import sys
from pathlib import Path

# The packages that it imports: beside it in a checkout, under its own name in a wheel.
_PACKAGES = Path(__file__).with_name("_packages")
if _PACKAGES.is_dir():
    sys.path.insert(0, str(_PACKAGES))
