"""The XML that OSS reads and writes."""

from __future__ import annotations

from urllib.parse import quote
from xml.etree.ElementTree import Element, ParseError, SubElement
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring


class MalformedXmlError(Exception):
    """The text is no well-formed XML, or not the document that the call wants."""


def element(tag: str) -> Element:
    """A new document's root."""
    return Element(tag)


def child(parent: Element, tag: str) -> Element:
    """A new element inside another."""
    return SubElement(parent, tag)


def text(parent: Element, tag: str, value: str) -> None:
    """A new element that holds text."""
    SubElement(parent, tag).text = value


def render(root: Element) -> bytes:
    """The document as it is sent."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    _write(root, parts)
    return "".join(parts).encode()


def _write(node: Element, parts: list[str]) -> None:
    """ElementTree's own writer also looks for namespaces, and takes more than twice as long."""
    parts.append(f"<{node.tag}>")
    if node.text:
        parts.append(escape(node.text))
    for inner in node:
        _write(inner, parts)
    parts.append(f"</{node.tag}>")


def parse(body: bytes, *, root: str) -> Element:
    """Reads a document.

    Raises:
        MalformedXmlError: it is not well-formed, is unsafe, or has another root element.
    """
    try:
        document: Element = fromstring(body)
    except (ParseError, DefusedXmlException, UnicodeDecodeError, LookupError) as error:
        raise MalformedXmlError(str(error)) from error
    if document.tag != root:
        raise MalformedXmlError(f"expected <{root}>, found <{document.tag}>")
    return document


def url_encode(key: str) -> str:
    """How ``encoding-type=url`` writes keys, so that control characters survive."""
    return quote(key, safe="")
