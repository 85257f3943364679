"""Writes a flow as a Mermaid flowchart, which many forges and editors render."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fdl.graph.model import Edge, SeriesGraph, StepNode

_PLAIN = re.compile(r"[\w .,:$/()-]", re.ASCII)  # needs no escape in a quoted label


def mermaid(graph: SeriesGraph) -> str:
    """Write a graph as Mermaid text."""
    return "\n".join(["flowchart TD", *(f"  {line}" for line in _lines(graph)), ""])


def _lines(graph: SeriesGraph) -> Iterator[str]:
    for step in graph.steps:
        yield from _step(step)
    for edge in graph.edges:
        if edge.target < len(graph.steps):
            yield _edge(graph, edge)


def _step(step: StepNode) -> Iterator[str]:
    if step.kind == "choice":
        yield f"{step.id}{{{_quote(step.name)}}}"
        for number, inner in enumerate(step.inner):
            frame = f"{step.id}_{number}"
            yield from _frame(frame, inner.label, inner.series)
            yield f"{step.id} -->|{_quote(inner.label)}| {frame}"
    elif step.inner:
        yield f"subgraph {step.id}[{_quote(step.name)}]"
        for number, inner in enumerate(step.inner):
            for line in _frame(f"{step.id}_{number}", inner.label, inner.series):
                yield f"  {line}"
        yield "end"
    elif step.ends or step.fails:
        yield f"{step.id}([{_quote(*_words(step))}])"
    else:
        yield f"{step.id}[{_quote(*_words(step))}]"


def _frame(identity: str, label: str, series: SeriesGraph) -> Iterator[str]:
    yield f"subgraph {identity}[{_quote(label)}]"
    for line in _lines(series):
        yield f"  {line}"
    yield "end"


def _edge(graph: SeriesGraph, edge: Edge) -> str:
    source = graph.steps[edge.source].id
    if edge.inner is not None:
        source = f"{source}_{edge.inner}"
    arrow = "-.->" if edge.kind == "catch" else "-->"
    label = f"|{_quote(edge.label)}|" if edge.label else ""
    return f"{source} {arrow}{label} {graph.steps[edge.target].id}"


def _words(step: StepNode) -> list[str]:
    return [step.name, *([step.calls] if step.calls else [])]


def _quote(*lines: str) -> str:
    return f'"{"<br/>".join(map(_escape, lines))}"'


def _escape(text: str) -> str:
    return "".join(char if _PLAIN.match(char) else f"#{ord(char)};" for char in text)
