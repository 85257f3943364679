"""The result of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from oss_restore.clients.flow_executions import FlowExecution
from thaw.standings import Standings
from thaw.verdict import Ending, Verdict


@dataclass(frozen=True)
class Result:
    """The result of a run so far, or at its end.

    Attributes:
        execution: the root execution.
        summary: the result of ``summarizeRun``; empty if the run did not reach it.
        error, cause: why the run failed, if it did.
    """

    execution: FlowExecution
    summary: dict[str, Any]
    error: str = ""
    cause: str = ""

    @property
    def outcomes(self) -> Counter[str]:
        """The number of objects by outcome."""
        return Counter(self.summary.get("outcomes", {}))

    @property
    def planned(self) -> Counter[str]:
        """The number of objects that a dry run would have requested, by storage class."""
        return Counter(self.summary.get("planned", {}) if self.summary.get("dryRun") else {})

    @property
    def verdict(self) -> Verdict:
        """The verdict in the execution's output; without its objects if the run failed.

        :func:`oss_restore.runs.verdict_reading.read_verdict` adds them.
        """
        verdict = self.summary.get("verdict")
        if verdict:
            return Verdict.from_json(verdict)
        ending = _ENDINGS[self.execution.status]
        return Verdict(
            Standings(), ending=ending, error=self.error, cause=self.cause, origin="unknown"
        )


_ENDINGS: Final[Mapping[str, Ending]] = {
    "Starting": "running",
    "Running": "running",
    "Succeeded": "succeeded",
    "Failed": "failed",
    "Stopped": "stopped",
    "TimedOut": "timedOut",
}
