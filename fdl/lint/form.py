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
    """A definition fits into one request to the service, 1,024 KiB unless configured otherwise."""
    size = len(subject.text.encode(errors="surrogatepass"))
    if size > subject.max_bytes:
        yield "$", f"{size:,} bytes are more than {subject.max_bytes:,}; move steps to a child flow"


def version_v1beta1(subject: Subject) -> Iterator[Violation]:
    """The documentation says that only version v1 is supported."""
    if subject.flow and subject.flow.version == "v1beta1":
        yield "version", "write v1"


def fc3_arn(subject: Subject) -> Iterator[Violation]:
    """Nothing shows that FDL v1 takes the resource name of a Function Compute 3.0 function."""
    for at in subject.steps:
        target = at.step.target if isinstance(at.step, Task) else None
        if isinstance(target, FunctionTarget) and not target.service:
            yield f"{at.where}.resourceArn", "try it on the service itself; 2.0 is documented"


def ambiguous_scalar(subject: Subject) -> Iterator[Violation]:
    """A scalar that YAML readers interpret differently (yes, 010, 1e3, a date) is quoted."""
    return subject.noted("ambiguous-scalar")


def numeric_string(subject: Subject) -> Iterator[Violation]:
    """A wait's duration is a number; that a string is converted is not documented."""
    return subject.noted("numeric-string")


def over_limit(subject: Subject) -> Iterator[Violation]:
    """A wait lasts 2 days at most, and a parallel step has 100 branches at most."""
    for at in subject.steps:
        if isinstance(at.step, Wait) and isinstance(at.step.duration, int | float):
            if at.step.duration > _LONGEST_WAIT:
                yield f"{at.where}.duration", f"the longest wait is {_LONGEST_WAIT} seconds"
        elif isinstance(at.step, Parallel) and len(at.step.branches) > _MOST_BRANCHES:
            yield f"{at.where}.branches", f"{_MOST_BRANCHES} branches are the most"


def mapping_without_source(subject: Subject) -> Iterator[Violation]:
    """The schema does not require a mapping's source, but nothing says what it is without one."""
    for where, lines in mapping_lists(subject):
        for index, line in enumerate(lines):
            if line.source is None:
                yield f"{where}[{index}]", f"give {line.target} a source"


def path_like_string(subject: Subject) -> Iterator[Violation]:
    """A string that starts with $ but is not a path in its position is passed on unchanged."""
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
