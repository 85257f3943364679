"""CloudMonitor alarms as configured in an environment, and the resulting rules.

Function Compute's project, metric names and dimensions are documented (docs 53001, 53010), except
for the name of the throttling metric, which comes from a console's source. Serverless Workflow's
metrics (docs 2527025) and project (docs: metrics of the services) are documented; their names in
CloudMonitor and their dimensions are assumed. An environment can override what is assumed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal, get_args

from pydantic import Field, model_validator

from infra.model.config_model import ConfigModel
from infra.model.field_types import fault

FC_PROJECT: Final = "acs_fc"
FNF_PROJECT: Final = "acs_fnf"

Dimensions = Sequence[Mapping[str, str]]


class AlarmRule(ConfigModel):
    """An alarm condition: a metric reaches a threshold over a period.

    Attributes:
        enabled: whether the alarm exists.
        threshold: the value that raises the alarm.
        period: length of a period in seconds.
        times: consecutive periods over the threshold.
        project: CloudMonitor project of the metric.
        metric: the metric's name.
        statistics: how the values of a period are aggregated.
        dimensions: dimensions to filter by; derived when left out.
    """

    enabled: bool = True
    threshold: int = Field(ge=1)
    period: int = Field(default=60, ge=60, multiple_of=60)
    times: int = Field(default=1, ge=1)
    project: str
    metric: str
    statistics: str = "Value"
    dimensions: Annotated[tuple[dict[str, str], ...] | None, Field(strict=False)] = None


class FailedRuns(AlarmRule):
    """A run failed."""

    threshold: int = Field(default=1, ge=1)
    project: str = FNF_PROJECT
    metric: str = "ExecutionsFailed"


class TimedOutRuns(AlarmRule):
    """A run reached the service's time limit."""

    threshold: int = Field(default=1, ge=1)
    project: str = FNF_PROJECT
    metric: str = "ExecutionsTimedOut"


class LongRuns(AlarmRule):
    """A run took longer than the threshold in milliseconds, four days by default.

    The service reports the duration when the run ends. The query ``unfinished`` finds runs that do
    not end.
    """

    threshold: int = Field(default=4 * 86_400_000, ge=1)
    project: str = FNF_PROJECT
    metric: str = "ExecutionExecTimeMs"


class FunctionErrors(AlarmRule):
    """Invocations of a function failed."""

    threshold: int = Field(default=10, ge=1)
    project: str = FC_PROJECT
    metric: str = "FunctionFunctionErrors"


class Throttling(AlarmRule):
    """Invocations of a function were throttled by the account's concurrency limit."""

    threshold: int = Field(default=100, ge=1)
    times: int = Field(default=3, ge=1)
    project: str = FC_PROJECT
    metric: str = "FunctionConcurrencyThrottles"


RuleName = Literal["failed_runs", "timed_out_runs", "long_runs", "function_errors", "throttling"]


class Alarms(ConfigModel):
    """CloudMonitor alarms and their recipients.

    Attributes:
        contacts: names of the account's alarm contacts; the stack makes a group of them.
        contact_groups: names of existing groups.
        silence: seconds until an alarm that persists is sent again.
        failed_runs: a run failed.
        timed_out_runs: a run timed out.
        long_runs: a run took too long.
        function_errors: a function failed.
        throttling: a function was throttled.
    """

    contacts: Annotated[tuple[str, ...], Field(strict=False)] = ()
    contact_groups: Annotated[tuple[str, ...], Field(strict=False)] = ()
    silence: int = Field(default=3600, ge=300, le=86_400)
    failed_runs: FailedRuns = FailedRuns()
    timed_out_runs: TimedOutRuns = TimedOutRuns()
    long_runs: LongRuns = LongRuns()
    function_errors: FunctionErrors = FunctionErrors()
    throttling: Throttling = Throttling()

    @model_validator(mode="after")
    def _require_contacts(self) -> Alarms:
        if not self.contacts and not self.contact_groups:
            raise fault("name contacts or contact_groups, or nobody is notified", "contacts")
        return self

    @property
    def rules(self) -> Iterator[tuple[RuleName, AlarmRule]]:
        """Yield the names and rules that are enabled."""
        rules: dict[RuleName, AlarmRule] = {n: getattr(self, n) for n in get_args(RuleName)}
        return ((name, rule) for name, rule in rules.items() if rule.enabled)


@dataclass(frozen=True)
class MetricSources:
    """The dimensions of a deployment's metrics in each project."""

    functions: Dimensions
    main_flow: Dimensions

    def of(self, rule: AlarmRule) -> str:
        """Return a rule's dimensions in CloudMonitor's format, JSON."""
        derived = self.functions if rule.project == FC_PROJECT else self.main_flow
        chosen = derived if rule.dimensions is None else rule.dimensions
        return json.dumps([dict(names) for names in chosen], sort_keys=True, separators=(",", ":"))
