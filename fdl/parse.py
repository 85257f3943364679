"""The parser, which turns a definition into the tree that the engine runs and the linter reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fdl.document import YamlNode, read_document
from fdl.errors import FlowSyntaxError, Problem
from fdl.fields import Fields, ParseReport
from fdl.parse_mappings import mappings
from fdl.parse_steps import YEAR_SECONDS, StepParser
from fdl.semantics import Semantics
from fdl.tree import Flow

_DEFAULTS = Semantics()
_VERSIONS = ("v1", "v1beta1")  # only v1 is documented, but most official samples use v1beta1


@dataclass(frozen=True, slots=True)
class Parsed:
    """The result of parsing a definition.

    Attributes:
        flow: None if the tree would contain placeholders for invalid parts.
        problems: errors that make the definition invalid; ``flow`` may be set nevertheless.
        notes: things that are accepted, but risky.
        lines: line number of every value, by its dotted path.
    """

    flow: Flow | None
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    lines: Mapping[str, int]


def parse(text: str, semantics: Semantics = _DEFAULTS) -> Flow:
    """Parse a definition.

    Raises:
        FlowSyntaxError: holds every problem in the text, by line.
    """
    parsed = examine(text, semantics)
    if parsed.problems or parsed.flow is None:
        raise FlowSyntaxError(parsed.problems)
    return parsed.flow


def examine(text: str, semantics: Semantics = _DEFAULTS) -> Parsed:
    """Parse a definition that may be invalid. Never raises."""
    document = read_document(text)
    report = ParseReport(semantics, notes=document.notes)
    root = document.root or YamlNode("$", 1, None)
    flow = None
    if document.root is not None or not document.problems:
        flow = _flow(root, report)
    lines: dict[str, int] = {}
    for node in root.walk():
        lines.setdefault(node.where, node.line)
    unread = {problem.where for problem in document.problems if problem.where != "$"}
    problems = [problem for problem in report.problems if problem.where not in unread]
    return Parsed(
        flow=None if document.problems or not report.tree_is_true else flow,
        problems=tuple(sorted([*document.problems, *problems], key=_line)),
        notes=tuple(sorted(report.notes, key=_line)),
        lines=lines,
    )


def _flow(root: YamlNode, report: ParseReport) -> Flow:
    fields = Fields(root, report)
    version = _one_of(fields, "version", _VERSIONS, report)
    if version == "v1beta1" and report.semantics.version_v1beta1 == "reject":
        report.problem(root, "bad-value", "version v1beta1 is not documented; write v1")
    _one_of(fields, "type", ("flow",), report)
    fields.text("name")  # in the vendor's CreateFlow sample; the request's name counts
    flow = Flow(
        version=version,
        steps=StepParser(report).series(fields),
        input_mappings=mappings(fields, "inputMappings", report),
        output_mappings=mappings(fields, "outputMappings", report),
        timeout_seconds=fields.integer("timeoutSeconds", lowest=1, highest=YEAR_SECONDS),
    )
    fields.close()
    return flow


def _one_of(fields: Fields, name: str, values: tuple[str, ...], report: ParseReport) -> str:
    text = fields.text(name, required=True)
    if text and text not in values:
        report.problem(fields.node, "bad-value", f"{name} is {' or '.join(values)}, not {text}")
    return text


def _line(problem: Problem) -> int:
    return problem.line
