"""What an execution may do, and how its tasks are retried: together, at most 5,000 events."""

from __future__ import annotations

from typing import Final

from pydantic import Field, model_validator

from infra.model.config_model import ConfigModel
from infra.model.field_types import fault
from thaw.chosen_settings import Allowance, copies_at_once
from thaw.limits import MAX_FOREACH, MAX_SHARDS

MAX_EVENTS: Final = 5_000  # per execution (Serverless Workflow limits, docs 122093)

# Events, by the upper estimate (docs 123157): 4 of a simple step, 7 of a function's task, 8 of a
# child's, and 3 more of each retry.
_RETRY_EVENTS: Final = 3
# restoreFlow: one iteration whose group fails has 2 of its own and two tasks, of which the first is
# retried; beside the iterations it has three tasks, of which the last hands over.
_GROUP_EVENTS: Final = 16
_EVENTS_BESIDE_GROUPS: Final = 64
_TASKS_BESIDE_GROUPS: Final = 3
# mainRestoreFlow, from one guard that does not fire yet, over the next, to the end: nine tasks.
_EVENTS_AFTER_GUARD: Final = 100
_TASKS_AFTER_GUARD: Final = 9
# lookFlow, from a guard that does not fire yet to the next one's child: two tasks beside the looks.
_LOOK_EVENTS: Final = 9
_EVENTS_BESIDE_LOOKS: Final = 32
_TASKS_BESIDE_LOOKS: Final = 2


class RetryConfig(ConfigModel):
    """How a task is retried. Times in seconds; the first call is not counted.

    Attributes:
        interval: wait before the first retry.
        multiplier: growth from one wait to the next.
        max_interval: longest wait.
        max_attempts: number of retries.
    """

    interval: int = Field(default=1, ge=1, le=86_400)
    multiplier: float = Field(default=1.5, ge=1, le=10)
    max_interval: int = Field(default=10, ge=1, le=86_400)
    max_attempts: int = Field(default=10, ge=1, le=100)

    @model_validator(mode="after")
    def _agree(self) -> RetryConfig:
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
        """Events that the retries of one task add to its execution, at the most."""
        return _RETRY_EVENTS * self.max_attempts


_USUAL: Final = Allowance()


class FlowLimits(ConfigModel):
    """What an execution may do.

    Attributes:
        max_groups_per_page: groups that one page may have; each is one iteration of a foreach.
        instances: Function Compute instances that a run may keep busy; an account has 100 or 300.
        objects_per_second: RestoreObject requests per second of a run whose input does not set
            them; an account has 10,000 requests of all kinds.
        steps_per_second: step entries per second of such a run; an account has 100.
        relay_at_event: event id at which an execution hands over to a new one; an execution
            may have 5,000 events.
    """

    max_groups_per_page: int = Field(default=MAX_FOREACH, ge=1, le=MAX_FOREACH)
    instances: int = Field(default=_USUAL.instances, ge=1)
    objects_per_second: float = Field(default=_USUAL.objects_per_second, gt=0)
    steps_per_second: float = Field(default=_USUAL.steps_per_second, gt=0)
    relay_at_event: int = Field(default=4000, ge=20, le=MAX_EVENTS)

    @property
    def allowance(self) -> Allowance:
        """What a run may use of its account's quotas."""
        return Allowance(
            groups=self.max_groups_per_page,
            instances=self.instances,
            objects_per_second=self.objects_per_second,
            steps_per_second=self.steps_per_second,
        )

    def copy_relay_at_event(self, retry: RetryConfig) -> int:
        """Event id at which an execution that copies hands over, with room for a whole turn."""
        turn = copies_at_once(self.allowance, 1) * (_GROUP_EVENTS + retry.events)
        beside = _EVENTS_BESIDE_GROUPS + _TASKS_BESIDE_GROUPS * retry.events
        return max(1, min(self.relay_at_event, MAX_EVENTS - turn - beside))

    def relay_look_at_event(self, retry: RetryConfig) -> int:
        """Event id at which an execution that looks at pages hands over."""
        looks = max(self.allowance.calls, MAX_SHARDS) * (_LOOK_EVENTS + retry.events)
        after_guard = _EVENTS_BESIDE_LOOKS + _TASKS_BESIDE_LOOKS * retry.events + looks
        return max(1, min(self.relay_at_event, MAX_EVENTS - after_guard))

    def check_events(self, retry: RetryConfig) -> None:
        """Checks that no execution can have more events than the service allows.

        Raises:
            PydanticCustomError: one can.
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
                f"what follows may pass the service's {MAX_EVENTS} events; at most {latest}",
                "limits.relay_at_event",
            )
