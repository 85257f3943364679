"""CloudMonitor alarms as configured in an environment, and the resulting rules.

Of Function Compute's metrics, project, names and dimensions are documented (docs 53001, 53010), but
for the name of the throttled calls, which was seen in the source of a console only. Of
Serverless Workflow's, the metrics are (docs 2527025), and the project (docs: metrics of the
services); that they have these names in CloudMonitor, and their dimensions, is assumed. What is
assumed can be said otherwise in the environment.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from infra.model.config_model import ConfigModel
from infra.model.field_types import fault

FC_PROJECT: Final = "acs_fc"
FNF_PROJECT: Final = "acs_fnf"

Dimensions = Sequence[Mapping[str, str]]


class AlarmRule(ConfigModel):
    """An alarm condition: a metric, over a period, reaches a threshold.

    Attributes:
        enabled: whether there is such an alarm.
        threshold: what is reached.
        period: seconds that one value is of.
        times: periods in a row.
        project: whose metric.
        metric: its name.
        statistics: how a period's values become one.
        dimensions: what the metric is asked of; derived when left out.
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
    """A run has failed."""

    threshold: int = Field(default=1, ge=1)
    project: str = FNF_PROJECT
    metric: str = "ExecutionsFailed"


class TimedOutRuns(AlarmRule):
    """A run has reached the service's time limit."""

    threshold: int = Field(default=1, ge=1)
    project: str = FNF_PROJECT
    metric: str = "ExecutionsTimedOut"


class LongRuns(AlarmRule):
    """A run took longer than the threshold in milliseconds; four days by default.

    The service reports it when the run ends. One that does not end is found by the query
    ``unfinished``.
    """

    threshold: int = Field(default=4 * 86_400_000, ge=1)
    project: str = FNF_PROJECT
    metric: str = "ExecutionExecTimeMs"


class FunctionErrors(AlarmRule):
    """Calls of a function ended in errors."""

    threshold: int = Field(default=10, ge=1)
    project: str = FC_PROJECT
    metric: str = "FunctionFunctionErrors"


class Throttling(AlarmRule):
    """Calls of a function were refused: the account's concurrency limit was reached."""

    threshold: int = Field(default=100, ge=1)
    times: int = Field(default=3, ge=1)
    project: str = FC_PROJECT
    metric: str = "FunctionConcurrencyThrottles"


RuleName = Literal["failed_runs", "timed_out_runs", "long_runs", "function_errors", "throttling"]


class Alarms(ConfigModel):
    """CloudMonitor alarms, and who receives them.

    Attributes:
        contacts: alarm contacts of the account, by name; they become a group of their own.
        contact_groups: existing groups.
        silence: seconds before a persisting alarm is sent again.
        failed_runs: a run has failed.
        timed_out_runs: a run has timed out.
        long_runs: a run took too long.
        function_errors: a function fails.
        throttling: a function is refused.
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
    def _need_contacts(self) -> Alarms:
        if not self.contacts and not self.contact_groups:
            raise fault("name contacts or contact_groups, or no one is notified", "contacts")
        return self

    @property
    def rules(self) -> Iterator[tuple[RuleName, AlarmRule]]:
        """The enabled rules, by name."""
        rules: Mapping[RuleName, AlarmRule] = {
            "failed_runs": self.failed_runs,
            "timed_out_runs": self.timed_out_runs,
            "long_runs": self.long_runs,
            "function_errors": self.function_errors,
            "throttling": self.throttling,
        }
        return ((name, rule) for name, rule in rules.items() if rule.enabled)


@dataclass(frozen=True)
class MetricSources:
    """The dimensions of a deployment's metrics, by project."""

    functions: Dimensions
    main_flow: Dimensions

    def of(self, rule: AlarmRule) -> str:
        """A rule's dimensions in CloudMonitor's format: JSON."""
        derived = self.functions if rule.project == FC_PROJECT else self.main_flow
        found = derived if rule.dimensions is None else rule.dimensions
        return json.dumps([dict(one) for one in found], sort_keys=True, separators=(",", ":"))
