"""Reads and writes OSS's XML."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote
from xml.etree.ElementTree import Element, ParseError, SubElement
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

# Characters that keys may contain but XML 1.0 cannot represent.
_REFERENCE: Final = re.compile(rb"&#(?:0*([0-9]{1,3})|x0*([0-9a-fA-F]{1,2}));")
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_STAND_IN: Final = 0x10FF00  # in a private use plane, with one code point for each
_BACK: Final = {_STAND_IN + code: code for code in range(0x20)}


class MalformedXmlError(Exception):
    """The text is not well-formed XML, or not the expected document."""


def element(tag: str) -> Element:
    """Create the root of a document."""
    return Element(tag)


def child(parent: Element, tag: str) -> Element:
    """Add a child element."""
    return SubElement(parent, tag)


def text(parent: Element, tag: str, value: str) -> None:
    """Add a child element with text."""
    SubElement(parent, tag).text = value


def render(root: Element) -> bytes:
    """Serialize the document."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    _write(root, parts)
    return "".join(parts).encode()


def _write(node: Element, parts: list[str]) -> None:
    """Serialize an element, twice as fast as ElementTree's writer, which handles namespaces too."""
    parts.append(f"<{node.tag}>")
    if node.text:
        parts.append(escape(node.text))
    for inner in node:
        _write(inner, parts)
    parts.append(f"</{node.tag}>")


def parse(body: bytes, *, root: str) -> Element:
    """Parse a document, allowing control characters like the service.

    Raises:
        MalformedXmlError: the document is not well-formed, is unsafe, or has another root element.
    """
    plain = _REFERENCE.sub(_stand_in_for_reference, body)
    plain = _CONTROL.sub(lambda match: _stand_in(match[0]), plain)
    try:
        document: Element = fromstring(plain)
    except (ParseError, DefusedXmlException, UnicodeDecodeError, LookupError) as error:
        raise MalformedXmlError(str(error)) from error
    if document.tag != root:
        raise MalformedXmlError(f"expected <{root}>, found <{document.tag}>")
    if plain != body:
        for node in document.iter():
            node.text = node.text and node.text.translate(_BACK)
    return document


def _stand_in(control: bytes) -> bytes:
    return chr(_STAND_IN + control[0]).encode()


def _stand_in_for_reference(match: re.Match[bytes]) -> bytes:
    code = int(match[1]) if match[1] else int(match[2], 16)
    control = bytes([code]) if code < 0x20 else b""  # noqa: PLR2004 - the first printable one
    return _stand_in(control) if _CONTROL.fullmatch(control) else match[0]


def url_encode(key: str) -> str:
    """Encode a key as ``encoding-type=url`` does, so that control characters survive."""
    return quote(key, safe="")
