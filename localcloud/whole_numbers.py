"""Parses whole numbers in requests."""

from __future__ import annotations

import re
from typing import Final

_DIGITS: Final = re.compile(r"[0-9]{1,18}")


def whole_number(text: str) -> int | None:
    """Parse up to 18 digits; return None for any other text.

    ``int`` also accepts digits of other scripts, and raises for thousands of digits.
    """
    return int(text) if _DIGITS.fullmatch(text) else None
