"""The colours of the page have enough contrast."""

from __future__ import annotations

import re

import pytest

from oss_restore.console.app import STATIC

STYLE = (STATIC / "console.css").read_text()
# Texts and their backgrounds.
PAIRS = [
    *((text, ground) for text in ("text", "quiet", "sent", "bad") for ground in ("ground", "card")),
    ("sent", "open-ground"),
    ("ready", "good-ground"),
    ("bad", "bad-ground"),
    ("warn", "warn-ground"),
    ("quiet", "good-ground"),
    ("quiet", "open-ground"),
    ("quiet", "bad-ground"),
]


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): #([0-9a-f]{6});", block))


LIGHT, DARK = map(colours, re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL))


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.2)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_a_text_has_enough_contrast(scheme: dict[str, str], text: str, ground: str) -> None:
    lighter, darker = sorted(map(luminance, (scheme[text], scheme[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
