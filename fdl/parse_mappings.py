"""Parses mappings and paths (docs 122493)."""

from __future__ import annotations

from typing import Final

from fdl.document import YamlNode
from fdl.errors import ExpressionSyntaxError
from fdl.fields import Fields, ParseReport, list_of, text_of
from fdl.paths import Path, Root
from fdl.tree import Constant, FieldMapping

_MAPPING_ROOTS: Final[tuple[Root, ...]] = ("$input", "$local", "$context")
_ERROR_SOURCES: Final = ("$local.error", "$local.cause")


def mappings(fields: Fields, name: str, report: ParseReport) -> tuple[FieldMapping, ...] | None:
    """Parse a list of mappings, which may be empty; return None if it is missing."""
    node = fields.take(name)
    return None if node is None else tuple(_line(item, report) for item in list_of(node, report))


def error_mappings(fields: Fields, report: ParseReport) -> tuple[FieldMapping, ...]:
    """Parse ``errorMappings``, whose only sources are ``$local.error`` and ``$local.cause``."""
    node = fields.take("errorMappings")
    lines = () if node is None else tuple(_line(item, report) for item in list_of(node, report))
    if node is not None and any(
        isinstance(line.source, Path) and line.source.text not in _ERROR_SOURCES for line in lines
    ):
        report.problem(node, "bad-path", f"a source here is one of {', '.join(_ERROR_SOURCES)}")
    return lines


def _line(node: YamlNode, report: ParseReport) -> FieldMapping:
    fields = Fields(node, report)
    target = fields.text("target", required=True)
    source = fields.take("source")
    fields.close()
    if source is None or source.value is None:
        return FieldMapping(target, None)
    if isinstance(source.value, str) and source.value.startswith(_MAPPING_ROOTS):
        return FieldMapping(target, path(source, report, *_MAPPING_ROOTS))
    return FieldMapping(target, Constant(source.plain()))


def path(node: YamlNode, report: ParseReport, *roots: Root) -> Path:
    """Parse a path that starts with one of the roots."""
    text = text_of(node, report)
    if text:
        try:
            parsed = Path.parse(text)
        except ExpressionSyntaxError as error:
            report.problem(node, "bad-path", str(error))
        else:
            if parsed.root not in roots:
                report.problem(node, "bad-path", f"{text}: a path must start with {roots[0]} here")
            return parsed
    return Path.parse(roots[0])
