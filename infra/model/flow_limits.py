"""Limits of an execution and retries of its tasks, which together may make 5,000 events."""

from __future__ import annotations

from typing import Final

from pydantic import Field, model_validator

from infra.model.config_model import ConfigModel
from infra.model.field_types import fault
from thaw.chosen_settings import Allowance, copies_at_once
from thaw.limits import MAX_FOREACH, MAX_SHARDS

MAX_EVENTS: Final = 5_000  # per execution (Serverless Workflow limits, docs 122093)

# Upper estimates of events (docs 123157): 4 per simple step, 7 per function task, 8 per child flow,
# and 3 more per retry.
_RETRY_EVENTS: Final = 3
# restoreFlow: an iteration whose group fails has 2 events of its own and two tasks, the first with
# retries. Besides the iterations there are three tasks, the last of which hands over.
_GROUP_EVENTS: Final = 16
_EVENTS_BESIDE_GROUPS: Final = 64
_TASKS_BESIDE_GROUPS: Final = 3
# mainRestoreFlow, from a guard that just fails to fire, past the next guard to the end: nine tasks.
_EVENTS_AFTER_GUARD: Final = 100
_TASKS_AFTER_GUARD: Final = 9
# lookFlow, from a guard that just fails to fire to the next one's child: two tasks and the checks.
_LOOK_EVENTS: Final = 9
_EVENTS_BESIDE_LOOKS: Final = 32
_TASKS_BESIDE_LOOKS: Final = 2


class RetryConfig(ConfigModel):
    """How a task is retried. Times are in seconds; the first call does not count.

    Attributes:
        interval: delay before the first retry.
        multiplier: factor from one delay to the next.
        max_interval: maximum delay.
        max_attempts: maximum number of retries.
    """

    interval: int = Field(default=1, ge=1, le=86_400)
    multiplier: float = Field(default=1.5, ge=1, le=10)
    max_interval: int = Field(default=10, ge=1, le=86_400)
    max_attempts: int = Field(default=10, ge=1, le=100)

    @model_validator(mode="after")
    def _check_intervals(self) -> RetryConfig:
        if self.max_interval < self.interval:
            raise fault(f"{self.max_interval} is below interval {self.interval}", "max_interval")
        return self

    @property
    def total_wait(self) -> float:
        """Seconds spent waiting when every attempt fails."""
        waits = (self.interval * self.multiplier**n for n in range(self.max_attempts))
        return sum(min(wait, self.max_interval) for wait in waits)

    @property
    def events(self) -> int:
        """Maximum number of events that a task's retries add to its execution."""
        return _RETRY_EVENTS * self.max_attempts


_DEFAULT: Final = Allowance()


class FlowLimits(ConfigModel):
    """Limits of an execution.

    Attributes:
        max_groups_per_page: maximum groups per page; each is one iteration of a foreach.
        instances: Function Compute instances that a run may use; an account's quota is 100 or 300.
        objects_per_second: RestoreObject requests per second, unless a run's input sets them; an
            account's quota is 10,000 requests of all kinds.
        steps_per_second: step transitions per second of a run; an account's quota is 100.
        relay_at_event: event id at which an execution hands over to a new one; an execution may
            have 5,000 events.
    """

    max_groups_per_page: int = Field(default=MAX_FOREACH, ge=1, le=MAX_FOREACH)
    instances: int = Field(default=_DEFAULT.instances, ge=1)
    objects_per_second: float = Field(default=_DEFAULT.objects_per_second, gt=0)
    steps_per_second: float = Field(default=_DEFAULT.steps_per_second, gt=0)
    relay_at_event: int = Field(default=4000, ge=20, le=MAX_EVENTS)

    @property
    def allowance(self) -> Allowance:
        """Return the share of the account's quotas that a run may use."""
        return Allowance(
            groups=self.max_groups_per_page,
            instances=self.instances,
            objects_per_second=self.objects_per_second,
            steps_per_second=self.steps_per_second,
        )

    def copy_relay_at_event(self, retry: RetryConfig) -> int:
        """Return the event id at which a copying execution hands over, with room for one turn."""
        turn = copies_at_once(self.allowance, 1) * (_GROUP_EVENTS + retry.events)
        beside = _EVENTS_BESIDE_GROUPS + _TASKS_BESIDE_GROUPS * retry.events
        return max(1, min(self.relay_at_event, MAX_EVENTS - turn - beside))

    def relay_look_at_event(self, retry: RetryConfig) -> int:
        """Return the event id at which an execution that checks pages hands over."""
        looks = max(self.allowance.calls, MAX_SHARDS) * (_LOOK_EVENTS + retry.events)
        after_guard = _EVENTS_BESIDE_LOOKS + _TASKS_BESIDE_LOOKS * retry.events + looks
        return max(1, min(self.relay_at_event, MAX_EVENTS - after_guard))

    def check_events(self, retry: RetryConfig) -> None:
        """Check that no execution can exceed the service's limit of events.

        Raises:
            PydanticCustomError: an execution could exceed it.
        """
        events = (
            _EVENTS_BESIDE_GROUPS
            + _TASKS_BESIDE_GROUPS * retry.events
            + self.max_groups_per_page * (_GROUP_EVENTS + retry.events)
        )
        if events > MAX_EVENTS:
            raise fault(
                f"{retry.max_attempts} retries with limits.max_groups_per_page "
                f"{self.max_groups_per_page} can make {events} events in one execution, over the "
                f"service's {MAX_EVENTS}; lower one of them",
                "retry.max_attempts",
            )
        latest = MAX_EVENTS - _EVENTS_AFTER_GUARD - _TASKS_AFTER_GUARD * retry.events
        if self.relay_at_event > latest:
            raise fault(
                f"{self.relay_at_event} is too late with retry.max_attempts {retry.max_attempts}: "
                f"what follows may exceed the service's {MAX_EVENTS} events; at most {latest}",
                "limits.relay_at_event",
            )
