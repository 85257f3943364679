"""Rules about how a definition is written."""

from __future__ import annotations

from collections.abc import Iterator

from fdl.lint.references import mapping_lists
from fdl.lint.rules import Subject, Violation
from fdl.tree import Constant, FunctionTarget, Parallel, Task, Wait
from fdl.values import Json

_LONGEST_WAIT = 172_800  # seconds (docs 122495)
_MOST_BRANCHES = 100  # docs 122498


def definition_too_large(subject: Subject) -> Iterator[Violation]:
    """A definition fits into one request to the service: 1,024 KiB unless configured otherwise."""
    size = len(subject.text.encode(errors="surrogatepass"))
    if size > subject.max_bytes:
        yield "$", f"{size:,} bytes, over the limit of {subject.max_bytes:,}; use a child flow"


def version_v1beta1(subject: Subject) -> Iterator[Violation]:
    """Only version v1 is documented as supported."""
    if subject.flow and subject.flow.version == "v1beta1":
        yield "version", "write v1"


def fc3_arn(subject: Subject) -> Iterator[Violation]:
    """Function Compute 3.0 functions are not documented as resources of FDL v1."""
    for at in subject.steps:
        target = at.step.target if isinstance(at.step, Task) else None
        if isinstance(target, FunctionTarget) and not target.service:
            yield f"{at.where}.resourceArn", "try it on the service itself; only 2.0 is documented"


def ambiguous_scalar(subject: Subject) -> Iterator[Violation]:
    """A scalar that YAML readers interpret differently (yes, 010, 1e3, a date) is quoted."""
    return subject.noted("ambiguous-scalar")


def numeric_string(subject: Subject) -> Iterator[Violation]:
    """A wait's duration is a number: conversion of a string is not documented."""
    return subject.noted("numeric-string")


def over_limit(subject: Subject) -> Iterator[Violation]:
    """A wait lasts at most 2 days, and a parallel step has at most 100 branches."""
    for at in subject.steps:
        if isinstance(at.step, Wait) and isinstance(at.step.duration, int | float):
            if at.step.duration > _LONGEST_WAIT:
                yield f"{at.where}.duration", f"the longest wait is {_LONGEST_WAIT} seconds"
        elif isinstance(at.step, Parallel) and len(at.step.branches) > _MOST_BRANCHES:
            yield f"{at.where}.branches", f"at most {_MOST_BRANCHES} branches are allowed"


def mapping_without_source(subject: Subject) -> Iterator[Violation]:
    """A mapping has a source: the schema does not require one, but its default is undocumented."""
    for where, lines in mapping_lists(subject):
        for index, line in enumerate(lines):
            if line.source is None:
                yield f"{where}[{index}]", f"give {line.target} a source"


def path_like_string(subject: Subject) -> Iterator[Violation]:
    """A string that starts with $ but is not a path here is passed on unchanged."""
    for where, lines in mapping_lists(subject):
        for index, line in enumerate(lines):
            if isinstance(line.source, Constant) and _holds_dollar(line.source.value):
                yield f"{where}[{index}].source", "is a constant: start it with $input or $local"
    for at in subject.steps:
        params = at.step.service_params if isinstance(at.step, Task) else None
        for name, value in (params or {}).items():
            if isinstance(value, Constant) and _holds_dollar(value.value):
                yield f"{at.where}.serviceParams.{name}", "is a constant: use $ or $.key alone"


def _holds_dollar(value: Json) -> bool:
    if isinstance(value, list):
        return any(map(_holds_dollar, value))
    if isinstance(value, dict):
        return any(map(_holds_dollar, value.values()))
    return isinstance(value, str) and value.startswith("$")
