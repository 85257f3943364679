"""Renders an environment's flow definitions from templates, and lints them."""

from __future__ import annotations

import math
import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from jinja2 import Environment as Templates
from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError

from fdl.lint import lint
from infra.model.environment import Environment, FunctionName
from infra.model.flow_limits import MAX_EVENTS
from infra.model.names import FLOWS, FlowKind, Names
from thaw.errors import RETRYABLE_ERRORS
from thaw.ledger_layout import SUMMARY

TEMPLATES: Final = Path(__file__).parents[2] / "flow_templates"

# Retryable errors of Function Compute and the flow (docs 122494), and our own. Whether a function's
# exception reaches the flow with a prefix is not documented, so both names are listed.
_FUNCTION_ERRORS: Final = (
    "FC.ResourceThrottled",
    "FC.ResourceExhausted",
    "FC.InternalServerError",
    "FC.Unknown",
    "FnF.TaskTimeout",
    *RETRYABLE_ERRORS,
    *(f"FC.{error}" for error in RETRYABLE_ERRORS),
)
# The call was refused, so the function did not run.
_THROTTLING_ERRORS: Final = ("FC.ResourceThrottled", "FC.ResourceExhausted")
# Retryable errors of StartExecution.
_START_ERRORS: Final = ("fnf.ResourceThrottled", "fnf.Throttling", "fnf.InternalServerError")

_RESPONSE_SECONDS: Final = 30  # for the request and the response to travel
_CHILD_TIMEOUT_SECONDS: Final = 365 * 86_400  # maximum duration of an execution (docs 149829)


_TEMPLATE_RULE: Final = "template"


@dataclass(frozen=True)
class FlowFinding:
    """A fault in a flow.

    Attributes:
        template: the template's file name.
        line: line number from 1, in the rendered text, or in the template if rendering failed.
        rule: id of the lint rule, or ``template``.
        message: the location in the flow, and what is wrong.
    """

    template: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        label = "line" if self.rule == _TEMPLATE_RULE else "rendered line"
        return f"{self.template}, {label} {self.line}: {self.message} [{self.rule}]"


class InvalidFlowError(Exception):
    """A rendered flow cannot be deployed. Holds every finding."""

    def __init__(self, findings: Iterable[FlowFinding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))


@dataclass(frozen=True)
class FunctionTask:
    """The values that a template needs to call a function.

    Attributes:
        arn: the function's ARN as written in a flow.
        timeout_seconds: the task's timeout. Whether it applies to each attempt or to all of them
            is not documented, so it allows for one full attempt and every wait.
    """

    arn: str
    timeout_seconds: int


@dataclass(frozen=True)
class FlowDefinition:
    """A flow that is ready to be deployed."""

    kind: FlowKind
    name: str
    text: str


def render_flows(
    environment: Environment, templates: Path = TEMPLATES
) -> tuple[FlowDefinition, ...]:
    """Render the definitions of an environment's flows, children before parents.

    Raises:
        InvalidFlowError: a template cannot be rendered, or the linter finds an error in its flow.
    """
    names = Names(environment)
    parameters = _parameters(environment)
    rendered = []
    findings: list[FlowFinding] = []
    for kind in FLOWS:
        template = f"{kind}.yaml.j2"
        try:
            text = _engine(templates).get_template(template).render(parameters)
        except (
            TemplateError,
            TypeError,
        ) as error:  # TypeError: ``tojson`` of a value that is not JSON
            findings.append(_template_fault(template, error))
            continue
        findings += _lint_errors(template, text)
        rendered.append(FlowDefinition(kind, names.flow(kind), text))
    if findings:
        raise InvalidFlowError(findings)
    return tuple(rendered)


@lru_cache
def _engine(templates: Path) -> Templates:
    return Templates(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - the text is YAML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _parameters(environment: Environment) -> Mapping[str, object]:
    names = Names(environment)
    return {
        "functions": {name: _function_task(environment, name) for name in names.deployed},
        "flows": {kind: f"acs:fnf:::flow/{names.flow(kind)}" for kind in FLOWS},
        "errors": {
            "of_functions": _FUNCTION_ERRORS,
            "of_starts": _START_ERRORS,
            "of_throttling": _THROTTLING_ERRORS,
        },
        "retry": environment.retry,
        "run_defaults": environment.run_defaults.to_json(),
        "summary": SUMMARY,
        "limits": {
            "max_events": MAX_EVENTS,
            "relay_at_event": environment.limits.relay_at_event,
            "relay_look_at_event": environment.limits.relay_look_at_event(environment.retry),
            "copy_relay_at_event": environment.limits.copy_relay_at_event(environment.retry),
        },
        "child_timeout_seconds": _CHILD_TIMEOUT_SECONDS,
    }


def _function_task(environment: Environment, name: FunctionName) -> FunctionTask:
    waits = math.ceil(environment.retry.total_wait)
    timeout = environment.functions.size_of(name).timeout
    return FunctionTask(
        arn=Names(environment).functions.in_flows(name),
        timeout_seconds=timeout + waits + _RESPONSE_SECONDS,
    )


def _template_fault(template: str, error: Exception) -> FlowFinding:
    """Make a finding for a fault in a template, or in one that it imports."""
    if isinstance(error, TemplateSyntaxError):
        return FlowFinding(error.name or template, error.lineno, _TEMPLATE_RULE, str(error.message))
    # Jinja adds the template's line numbers to the traceback.
    frames = traceback.extract_tb(error.__traceback__)
    found = next((frame for frame in reversed(frames) if frame.filename.endswith(".j2")), None)
    if found is None:
        return FlowFinding(template, 1, _TEMPLATE_RULE, str(error))
    return FlowFinding(Path(found.filename).name, found.lineno or 1, _TEMPLATE_RULE, str(error))


def _lint_errors(template: str, text: str) -> Iterator[FlowFinding]:
    for finding in lint(text):
        if finding.severity == "error":
            message = f"{finding.where}: {finding.message}"
            yield FlowFinding(template, finding.line, finding.rule, message)
