"""The work of each function, in measures that do not depend on this machine's load.

Billed durations also depend on what else the machine is doing. The numbers of calls and of requests
to OSS, and CPU time, are the function's own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field


@dataclass
class WorkOfFunction:
    """The work of a function.

    Attributes:
        calls: number of handler calls.
        seconds: billed duration of the calls.
        cpu_seconds: CPU time of its processes during calls that they answered.
        requests: billed requests to OSS, by operation.
    """

    calls: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    requests: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, object]:
        """Return the work as the control API's JSON."""
        return {
            "calls": self.calls,
            "seconds": self.seconds,
            "cpuSeconds": self.cpu_seconds,
            "requests": dict(sorted(self.requests.items())),
        }


class WorkMeters:
    """The work of all functions since the cloud started, by function name."""

    def __init__(self) -> None:
        self._by_function: defaultdict[str, WorkOfFunction] = defaultdict(WorkOfFunction)

    def called(self, function: str, *, seconds: float, cpu_seconds: float) -> None:
        """Record a completed call."""
        work = self._by_function[function]
        work.calls += 1
        work.seconds += seconds
        work.cpu_seconds += cpu_seconds

    def requested(self, function: str, operation: str) -> None:
        """Record a request that OSS answered."""
        self._by_function[function].requests[operation] += 1

    def read(self) -> dict[str, WorkOfFunction]:
        """Return the work of each function, sorted by name."""
        return dict(sorted(self._by_function.items()))

    def reset(self) -> None:
        """Reset all counts."""
        self._by_function.clear()
