"""Decides whether a failed task is retried, and after what delay."""

from __future__ import annotations

from random import Random

from fdl.tree import Retry
from localcloud.fnf.failures import StepFailure
from localcloud.settings import Switches


class Retries:
    """The retry policies of one pass through a task.

    Args:
        policies: in the flow's order; the first that matches the error applies (oss-batch-process).
        switches: how attempts are counted, and whether delays have jitter.
        random: random numbers for the jitter.
    """

    def __init__(self, policies: tuple[Retry, ...], switches: Switches, random: Random) -> None:
        self._policies = policies
        self._switches = switches
        self._random = random
        self._used = [0] * len(policies)

    def delay_after(self, failure: StepFailure) -> float | None:
        """Return the delay before the next attempt in seconds; None if there is none.

        Delay n is ``interval * multiplier ** (n - 1)``, with a cap (docs 122494, 214310).
        """
        for index, policy in enumerate(self._policies):
            if failure.is_one_of(policy.errors):
                return self._take(index, policy)
        return None

    def _take(self, index: int, policy: Retry) -> float | None:
        per_step = self._switches.retry_counter == "per_step"
        used = sum(self._used) if per_step else self._used[index]
        if used >= policy.max_attempts:
            return None
        self._used[index] += 1
        delay = _back_off(policy, used)
        return self._random.uniform(0, delay) if self._switches.retry_jitter == "full" else delay


def _back_off(policy: Retry, used: int) -> float:
    try:
        delay = policy.interval_seconds * policy.multiplier**used
    except OverflowError:
        return policy.max_interval_seconds
    return min(delay, policy.max_interval_seconds)
