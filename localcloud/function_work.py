"""What each function has done, in terms that do not depend on how busy this machine is.

A bill goes by durations, which also tell what else the machine did meanwhile. Calls, requests to
OSS and CPU time are the function's own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field


@dataclass
class WorkOfFunction:
    """What one function has done.

    Attributes:
        calls: of its handler.
        seconds: that these are billed for.
        cpu_seconds: of its processes, during calls that they answered.
        requests: to OSS, by operation; as in the meters, those that are billed.
    """

    calls: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    requests: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, object]:
        """As the control API answers it."""
        return {
            "calls": self.calls,
            "seconds": self.seconds,
            "cpuSeconds": self.cpu_seconds,
            "requests": dict(sorted(self.requests.items())),
        }


class WorkMeters:
    """The work of all functions since the cloud's start, by the function's name."""

    def __init__(self) -> None:
        self._by_function: defaultdict[str, WorkOfFunction] = defaultdict(WorkOfFunction)

    def called(self, function: str, *, seconds: float, cpu_seconds: float) -> None:
        """Add a call that has ended."""
        work = self._by_function[function]
        work.calls += 1
        work.seconds += seconds
        work.cpu_seconds += cpu_seconds

    def requested(self, function: str, operation: str) -> None:
        """Add a request that OSS has answered."""
        self._by_function[function].requests[operation] += 1

    def read(self) -> dict[str, WorkOfFunction]:
        """The work of each function, in order of name."""
        return dict(sorted(self._by_function.items()))

    def reset(self) -> None:
        """Start again from nothing."""
        self._by_function.clear()
