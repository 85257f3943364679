"""Tags of objects and buckets: headers, XML and limits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus
from xml.etree.ElementTree import Element

from localcloud.errors import CloudError
from localcloud.oss.xml import child, element, text


@dataclass(frozen=True, slots=True)
class TagLimits:
    """Limits of tags: number, length and characters."""

    count: int
    key: int
    value: int
    characters: re.Pattern[str]


# Letters of every script, digits, blanks and some symbols (docs putobjecttagging).
OBJECT_LIMITS: Final = TagLimits(10, 128, 256, re.compile(r"[\w +\-=.:/]*"))
# EC 0010-00000219; oss2's test_bucket_tagging has other characters too.
BUCKET_LIMITS: Final = TagLimits(20, 64, 128, re.compile(r"(?!https?://|Aliyun).*", re.DOTALL))


def _invalid_tag(message: str) -> CloudError:
    return CloudError("InvalidTag", message, 400, ec="0010-00000219")


def _checked(pairs: Iterable[tuple[str, str]], limits: TagLimits) -> dict[str, str]:
    tags: dict[str, str] = {}
    for key, value in pairs:
        if not 1 <= len(key) <= limits.key or len(value) > limits.value:
            raise _invalid_tag(
                f"A tag's key has 1 to {limits.key} characters, its value up to {limits.value}."
            )
        if not all(limits.characters.fullmatch(text) for text in (key, value)):
            raise _invalid_tag(f"{key!r}={value!r} is not a valid tag.")
        if key in tags:
            raise _invalid_tag(f"The tag {key!r} appears twice.")
        tags[key] = value
    if len(tags) > limits.count:
        raise _invalid_tag(f"There may be at most {limits.count} tags.")
    return tags


def read_header(text: str) -> dict[str, str]:
    """Parse ``x-oss-tagging``: URL-encoded ``key=value`` pairs, joined by ``&``.

    Raises:
        CloudError: ``InvalidTag``.
    """
    pairs: list[tuple[str, str]] = []
    for part in text.split("&") if text else ():
        key, _, value = part.partition("=")
        if "=" in value:
            raise _invalid_tag(f"{part!r} does not have the form key=value.")
        pairs.append((unquote_plus(key), unquote_plus(value)))
    return _checked(pairs, OBJECT_LIMITS)


def read_document(document: Element, limits: TagLimits) -> dict[str, str]:
    """Parse the tags in a ``<Tagging>`` document.

    Raises:
        CloudError: ``InvalidTag``.
    """
    nodes = document.findall("TagSet/Tag")
    return _checked(((n.findtext("Key") or "", n.findtext("Value") or "") for n in nodes), limits)


def write_document(tags: Mapping[str, str]) -> Element:
    """Make a ``<Tagging>`` document."""
    root = element("Tagging")
    tag_set = child(root, "TagSet")
    for key, value in tags.items():
        node = child(tag_set, "Tag")
        text(node, "Key", key)
        text(node, "Value", value)
    return root
