"""Whole numbers as requests spell them."""

from __future__ import annotations

import re
from typing import Final

_DIGITS: Final = re.compile(r"[0-9]{1,18}")


def whole_number(text: str) -> int | None:
    """The number that up to 18 digits stand for; None for any other text.

    ``int`` alone also reads digits of other scripts, and raises for thousands of them.
    """
    return int(text) if _DIGITS.fullmatch(text) else None
