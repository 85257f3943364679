"""Parses steps (docs 122494 to 122501, and the schema)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypedDict

from fdl.document import YamlNode
from fdl.errors import ExpressionSyntaxError, SyntaxRule, TargetSyntaxError
from fdl.expressions import Condition, parse_condition
from fdl.fields import Fields, ParseReport, integer_of, text_of, texts_of
from fdl.parse_mappings import error_mappings, mappings, path
from fdl.paths import Path
from fdl.targets import parse_action, parse_resource
from fdl.times import parse_rfc3339, parse_seconds
from fdl.tree import (
    ApiTarget,
    Catch,
    Choice,
    Constant,
    Fail,
    FieldMapping,
    Foreach,
    FunctionTarget,
    Option,
    Parallel,
    Pass,
    Pattern,
    Retry,
    Series,
    Step,
    Succeed,
    Target,
    Task,
    Wait,
)

YEAR_SECONDS: Final = 31_536_000  # maximum duration of an execution (docs 149829)
_RETRY_SECONDS: Final = 86_400
_MANY: Final = 2**31 - 1
_PATTERNS: Mapping[str, Pattern] = MappingProxyType(
    {"requestResponse": "requestResponse", "sync": "sync", "waitForCallback": "waitForCallback"}
)


class _Common(TypedDict):
    """The fields of every step."""

    name: str
    line: int
    input_mappings: tuple[FieldMapping, ...] | None
    output_mappings: tuple[FieldMapping, ...] | None


@dataclass(frozen=True, slots=True)
class _Scope:
    """The names in a step's series that the step may refer to."""

    siblings: frozenset[str]
    taken: dict[str, int]  # line of each step, by name


class StepParser:
    """Parses the steps of one flow."""

    def __init__(self, report: ParseReport) -> None:
        self._report = report
        self._taken: dict[str, int] = {}
        self._makers: dict[str, Callable[[Fields, _Common, _Scope], Step]] = {
            "task": self._task,
            "pass": lambda fields, common, _: Pass(**common, end=fields.flag("end")),
            "wait": self._wait,
            "succeed": lambda _fields, common, _scope: Succeed(**common),
            "fail": self._fail,
            "choice": self._choice,
            "parallel": self._parallel,
            "foreach": self._foreach,
        }

    def series(self, fields: Fields) -> Series:
        """Parse the field ``steps`` of a flow, branch, iteration or option."""
        nodes = fields.items("steps")
        everywhere = self._report.semantics.duplicate_step_names == "error"
        scope = _Scope(frozenset(map(_name, nodes)), self._taken if everywhere else {})
        steps = tuple(self._step(node, scope) for node in nodes)
        position: dict[str, int] = {}
        for index, step in enumerate(steps):
            position.setdefault(step.name, index)
        return Series(steps, MappingProxyType(position))

    def _step(self, node: YamlNode, scope: _Scope) -> Step:
        fields = Fields(node, self._report)
        kind = fields.text("type", required=True)
        common = _Common(
            name=self._unique_name(fields, scope),
            line=node.line,
            input_mappings=mappings(fields, "inputMappings", self._report),
            output_mappings=mappings(fields, "outputMappings", self._report),
        )
        make = self._makers.get(kind)
        if make is None:
            if kind == "loop":
                self._report.problem(node, "not-supported", "loop steps are not documented")
            elif kind:
                known = ", ".join(self._makers)
                self._report.problem(node, "wrong-type", f"unknown step type {kind} ({known})")
            return Pass(**common)
        step = make(fields, common, scope)
        fields.close()
        return step

    def _unique_name(self, fields: Fields, scope: _Scope) -> str:
        name = fields.text("name", required=True)
        if name in scope.taken:
            message = f"the name {name} is already used by the step on line {scope.taken[name]}"
            self._report.problem(fields.node, "duplicate-name", message)
        elif name:
            scope.taken[name] = fields.node.line
        return name

    def _task(self, fields: Fields, common: _Common, scope: _Scope) -> Step:
        pattern = fields.take("pattern")
        catch = tuple(self._catch(node, scope) for node in fields.items("catch", required=False))
        errors = fields.node if "errorMappings" in fields else None
        task = Task(
            **common,
            target=self._target(fields),
            pattern="requestResponse" if pattern is None else self._pattern(pattern),
            service_params=self._service_params(fields),
            timeout_seconds=fields.integer("timeoutSeconds", lowest=1, highest=YEAR_SECONDS),
            retry=tuple(self._retry(node) for node in fields.items("retry", required=False)),
            catch=catch,
            error_mappings=error_mappings(fields, self._report),
            end=fields.flag("end"),
        )
        if errors is not None and not catch:
            self._report.problem(errors, "bad-value", "errorMappings require a catch")
        return task

    def _target(self, fields: Fields) -> Target:
        arn, action = fields.take("resourceArn"), fields.take("action")
        if (arn is None) == (action is None):
            rule: SyntaxRule = "missing-field" if arn is None else "bad-value"
            self._report.problem(fields.node, rule, "needs either resourceArn or action")
        node = arn or action
        text = text_of(node, self._report) if node else ""
        if node is None or not text:
            return ApiTarget(text)
        try:
            target = parse_resource(text) if arn else parse_action(text)
        except TargetSyntaxError as error:
            self._report.problem(node, "bad-arn", str(error))
            return ApiTarget(text)
        is_fc3 = isinstance(target, FunctionTarget) and not target.service
        if is_fc3 and self._report.semantics.fc3_arn == "reject":
            self._report.problem(node, "bad-arn", "a Function Compute 3.0 ARN is not documented")
        return target

    def _pattern(self, node: YamlNode) -> Pattern:
        text = text_of(node, self._report)
        if text and text not in _PATTERNS:
            message = f"there is no pattern {text} ({', '.join(_PATTERNS)})"
            self._report.problem(node, "bad-value", message)
        return _PATTERNS.get(text, "requestResponse")

    def _service_params(self, fields: Fields) -> Mapping[str, Path | Constant] | None:
        node = fields.take("serviceParams")
        if node is None:
            return None
        if not isinstance(node.value, dict):
            Fields(node, self._report)  # reports the type
            return None
        return MappingProxyType({name: self._param(value) for name, value in node.value.items()})

    def _param(self, node: YamlNode) -> Path | Constant:
        text = node.value
        if isinstance(text, str) and (text == "$" or text.startswith(("$.", "$["))):
            return path(node, self._report, "$")
        return Constant(node.plain())

    def _retry(self, node: YamlNode) -> Retry:
        fields = Fields(node, self._report)
        interval = fields.integer("intervalSeconds", lowest=1, highest=_RETRY_SECONDS)
        longest = fields.integer("maxIntervalSeconds", lowest=1, highest=_RETRY_SECONDS)
        attempts = fields.integer("maxAttempts", lowest=0, highest=_MANY)
        multiplier = fields.number("multiplier", lowest=1)
        retry = Retry(texts_of(fields.items("errors"), self._report))
        fields.close()
        return Retry(
            errors=retry.errors,
            interval_seconds=retry.interval_seconds if interval is None else interval,
            max_interval_seconds=retry.max_interval_seconds if longest is None else longest,
            max_attempts=retry.max_attempts if attempts is None else attempts,
            multiplier=retry.multiplier if multiplier is None else multiplier,
        )

    def _catch(self, node: YamlNode, scope: _Scope) -> Catch:
        fields = Fields(node, self._report)
        errors = texts_of(fields.items("errors"), self._report)
        target = fields.require("goto")
        if (steps := fields.take("steps")) is not None:
            message = "steps in a catch are not documented; use goto instead"
            self._report.problem(steps, "not-supported", message)
        fields.close()
        return Catch(errors, self._goto(target, scope) or "")

    def _goto(self, node: YamlNode | None, scope: _Scope) -> str | None:
        if node is None:
            return None
        name = text_of(node, self._report)
        if name and name not in scope.siblings:
            message = f"goto {name}: a goto may only name a step in the same series"
            self._report.problem(node, "goto-no-sibling", message)
        return name

    def _wait(self, fields: Fields, common: _Common, _scope: _Scope) -> Step:
        duration, timestamp = fields.take("duration"), fields.take("timestamp")
        if (duration is None) == (timestamp is None):
            rule: SyntaxRule = "missing-field" if duration is None else "bad-value"
            self._report.problem(fields.node, rule, "needs either duration or timestamp")
        return Wait(
            **common,
            duration=None if duration is None else self._duration(duration),
            timestamp=None if timestamp is None else self._timestamp(timestamp),
            end=fields.flag("end"),
        )

    def _duration(self, node: YamlNode) -> int | Path:
        if not isinstance(node.value, str):
            return integer_of(node, self._report, 0, _MANY)
        seconds = parse_seconds(node.value)
        if seconds is None:
            return path(node, self._report, "$")
        message = f"the duration is a string; write {node.value} without quotes"
        self._report.note(node, "numeric-string", message)
        return seconds

    def _timestamp(self, node: YamlNode) -> str | Path:
        text = text_of(node, self._report)
        if text.startswith("$"):
            return path(node, self._report, "$")
        if text and parse_rfc3339(text) is None:
            message = f"{text} is not an RFC 3339 time such as 2030-01-31T12:00:00+08:00"
            self._report.problem(node, "bad-value", message)
        return text

    def _fail(self, fields: Fields, common: _Common, _scope: _Scope) -> Step:
        return Fail(**common, error=fields.text("error"), cause=fields.text("cause"))

    def _choice(self, fields: Fields, common: _Common, scope: _Scope) -> Step:
        options = tuple(self._option(node, scope) for node in fields.items("choices"))
        default = fields.take("default")
        return Choice(
            **common,
            options=options,
            default=self._option(default, scope, is_default=True) if default else None,
            end=fields.flag("end"),
        )

    def _option(self, node: YamlNode, scope: _Scope, *, is_default: bool = False) -> Option:
        fields = Fields(node, self._report)
        condition = None if is_default else self._condition(fields)
        steps = self.series(fields) if "steps" in fields else None
        goto = self._goto(fields.take("goto"), scope)
        fields.close()
        return Option(condition, steps, goto)

    def _condition(self, fields: Fields) -> Condition:
        node = fields.require("condition")
        text = text_of(node, self._report) if node else ""
        if node and text:
            try:
                return parse_condition(text, self._report.semantics)
            except ExpressionSyntaxError as error:
                self._report.problem(node, "bad-condition", str(error))
        return parse_condition("false")

    def _parallel(self, fields: Fields, common: _Common, _scope: _Scope) -> Step:
        branches = tuple(self._branch(node) for node in fields.items("branches"))
        return Parallel(**common, branches=branches, end=fields.flag("end"))

    def _branch(self, node: YamlNode) -> Series:
        fields = Fields(node, self._report)
        series = self.series(fields)
        fields.close()
        return series

    def _foreach(self, fields: Fields, common: _Common, _scope: _Scope) -> Step:
        node = fields.require("iterationMapping")
        iteration = Fields(node, self._report) if node else None
        collection = iteration.require("collection") if iteration else None
        foreach = Foreach(
            **common,
            collection=path(collection, self._report, "$") if collection else Path.parse("$"),
            item=iteration.text("item", required=True) if iteration else "",
            index=(iteration.text("index") or None) if iteration else None,
            steps=self.series(fields),
            end=fields.flag("end"),
        )
        if iteration:
            iteration.close()
        if foreach.item == foreach.index:
            self._report.problem(fields.node, "bad-value", "item and index need different names")
        return foreach


def _name(node: YamlNode) -> str:
    name = node.value.get("name") if isinstance(node.value, dict) else None
    return name.value if name and isinstance(name.value, str) else ""
