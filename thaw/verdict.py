"""The verdict on a run, which is computed once, and its sentence and exit code.

``summary.json`` contains it. All reports on a run read it there; if a run ended without a summary,
they compute it with the same code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final, Literal

from thaw import verdict_phrases as words
from thaw.after_thaw import Goal, goal_of
from thaw.bills import Bill
from thaw.errors import AccessDenied, InvalidInput, RunStopped
from thaw.manifest.wrong_rows import WrongRows
from thaw.phrases import Phrase
from thaw.prices import built_in_prices
from thaw.run_input import RunInput
from thaw.run_usage import usage_of_run
from thaw.standings import GONE_ON, ClassStandings, CopyTally, Standing, Standings, moment_text
from thaw.storage_classes import UNKNOWN_CLASS
from thaw.totals import Totals

_LONGEST_NOTICE: Final = 86_400  # seconds

Ending = Literal["running", "succeeded", "failed", "stopped", "timedOut"]
Origin = Literal["run", "command", "unknown"]


class ExitCode(IntEnum):
    """Exit code of a command that reports on a run."""

    READABLE = 0  # everything in scope is readable, or a dry run has ended
    NOT_READABLE = 1
    WRONG_INPUT = 2
    REFUSED = 3
    STOPPED = 4
    NOT_YET = 5  # the run is in progress, or objects are still thawing; nothing has failed so far


_BY_ERROR: Final = {
    InvalidInput.__name__: ExitCode.WRONG_INPUT,
    AccessDenied.__name__: ExitCode.REFUSED,
    RunStopped.__name__: ExitCode.STOPPED,
}


@dataclass(frozen=True)
class Verdict:
    """The verdict on a run.

    Attributes:
        standings: the standings of the run's objects.
        listed: objects and rows that it has listed; each is in ``standings``.
        scanned: listed objects of any class.
        rows: rows of its manifest that name no object of the run.
        left_out: rows of its manifest whose objects are excluded by its filters.
        dry_run: whether it was a dry run.
        ending: how it ended.
        error: name of the error that ended it; empty if none did.
        cause: message of that error.
        origin: what computed the verdict: the run itself, or a command after it; ``unknown`` if
            nothing has looked at its objects.
        problem: why nothing could.
        cost: its bill, as far as prices are known; None if it was not computed.
        goal: its goal for each object.
    """

    standings: Standings
    listed: int = 0
    scanned: int = 0
    rows: WrongRows = field(default_factory=WrongRows)
    left_out: int = 0
    dry_run: bool = False
    ending: Ending = "succeeded"
    error: str = ""
    cause: str = ""
    origin: Origin = "run"
    problem: str = ""
    cost: Bill | None = None
    goal: Goal = "thaw"

    @property
    def objects(self) -> ClassStandings:
        """The standings of all classes together, without rows whose object does not exist."""
        total = ClassStandings()
        for storage_class, standings in self.standings.by_class.items():
            if storage_class != UNKNOWN_CLASS:
                total.add(standings)
        return total

    @property
    def in_scope(self) -> int:
        """The number of objects that should be readable."""
        return self.objects.in_scope

    @property
    def missing(self) -> int:
        """The number of rows of the manifest whose object did not exist."""
        standings = self.standings.by_class.get(UNKNOWN_CLASS, ClassStandings())
        return sum(standings.counts.values())

    def of(self, standing: Standing) -> int:
        """Return the number of objects with a standing."""
        return self.objects.counts[standing]

    @property
    def done(self) -> int:
        """The number of objects for which the run has achieved its goal."""
        if self.goal == "thaw":
            return self.of(Standing.READABLE)
        return sum(self.of(standing) for standing in GONE_ON)

    @property
    def unaccounted(self) -> int:
        """The number of listed objects without a standing; any but 0 is a bug of this project."""
        counted = self.missing + sum(self.objects.counts.values())
        return 0 if self.origin == "unknown" else max(0, self.listed - counted)

    @property
    def readable_until(self) -> int:
        """When the first readable copy expires, in seconds since 1970; 0 if there is none."""
        return self.objects.earliest

    @property
    def expiry_notice(self) -> float:
        """The time before :attr:`readable_until` at which to warn of it, in seconds.

        It is a day, or a quarter of the time for which copies are readable if that is shorter.
        """
        readable_for = max(0, self.readable_until - self.standings.last_look)
        return min(_LONGEST_NOTICE, readable_for / 4)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of every command that reports on the run."""
        if self.ending == "succeeded":
            return ExitCode.NOT_READABLE if self.origin == "unknown" else self._exit_code_of_success
        if self.ending == "running":
            return ExitCode.NOT_YET
        error = RunStopped.__name__ if self.ending == "stopped" else self.error
        return _BY_ERROR.get(error.rpartition(".")[2], ExitCode.NOT_READABLE)

    @property
    def _exit_code_of_success(self) -> ExitCode:
        if self._has_no_usable_row:
            return ExitCode.WRONG_INPUT
        if self.missing or self.rows.wrong or self.unaccounted:
            return ExitCode.NOT_READABLE
        if self.dry_run or self.done == self.in_scope:
            return ExitCode.READABLE
        if self.goal != "thaw":
            return ExitCode.NOT_READABLE
        on_the_way = self.of(Standing.READABLE) + self.of(Standing.THAWING)
        return ExitCode.NOT_YET if on_the_way == self.in_scope else ExitCode.NOT_READABLE

    @property
    def phrases(self) -> Iterator[Phrase]:
        """The sentences of the verdict, the most important first."""
        yield from self._ending_phrases()
        if self.ending == "running":
            return
        yield from self._object_phrases()
        if self.missing:
            yield words.NOT_THERE.filled(count=self.missing)
        if self._has_no_usable_row:
            yield words.PROBLEMS.filled(problems=self.rows.in_words)
        elif self.rows.wrong:
            yield words.WRONG_ROWS.filled(count=self.rows.wrong, problems=self.rows.in_words)
        if self.left_out:
            yield words.LEFT_OUT.filled(count=self.left_out)
        if self.unaccounted:
            yield words.UNACCOUNTED.filled(count=self.unaccounted)
        if self.origin == "command":
            yield words.WORKED_OUT
        if self.problem:
            yield words.NOT_WORKED_OUT.filled(problem=self.problem)
        elif self.origin == "unknown" and self.ending == "succeeded":
            yield words.NOT_WORKED_OUT.filled(problem="the run has left no verdict")

    @property
    def sentence(self) -> str:
        """All sentences, in English."""
        return " ".join(map(str, self.phrases))

    @property
    def _has_no_usable_row(self) -> bool:
        return bool(self.rows.all) and not self.listed and not self.left_out

    def _ending_phrases(self) -> Iterator[Phrase]:
        if self.ending == "running":
            yield words.RUNNING
        elif self.ending == "failed":
            yield words.DIED.filled(error=self.error, cause=self.cause.rstrip("."))
        elif self.ending == "stopped":
            yield (
                words.STOPPED_BY.filled(cause=self.cause.rstrip("."))
                if self.cause
                else words.STOPPED
            )
        elif self.ending == "timedOut":
            yield words.TIMED_OUT

    def _object_phrases(self) -> Iterator[Phrase]:
        count = self.in_scope
        if self._has_no_usable_row:
            yield words.NO_USABLE_ROW.filled(count=self.rows.all)
        elif count and self.dry_run:
            yield words.DRY_RUN.filled(count=self.of(Standing.NOT_REQUESTED))
        elif count:
            yield from self._standing_phrases(count)
        elif self.ending == "succeeded" and not self.missing and self.origin != "unknown":
            yield words.NOTHING_IN_SCOPE if self.scanned else words.NOTHING_FOUND

    def _standing_phrases(self, count: int) -> Iterator[Phrase]:
        if self.goal == "thaw":
            yield from self._thaw_phrases(count)
            parts = words.PARTS
        else:
            phrase = words.AFTER_THAW[self.goal][self.done == count]
            yield phrase.filled(count=count, done=self.done)
            parts = words.PARTS_AFTER_THAW
        for standing, part in parts.items():
            if objects := self.of(standing):
                yield part.filled(count=objects)
        if self.standings.removed:
            yield words.REMOVED.filled(count=self.standings.removed)

    def _thaw_phrases(self, count: int) -> Iterator[Phrase]:
        readable, until = self.of(Standing.READABLE), moment_text(self.readable_until)
        if readable == count:
            text = words.ALL_READABLE_UNTIL if until else words.ALL_READABLE
        else:
            text = words.SOME_READABLE_UNTIL if until else words.SOME_READABLE
        yield text.filled(count=count, readable=readable, until=until)

    def to_json(self) -> dict[str, object]:
        """Return it as in the summary, with the values derived from it."""
        return {
            "sentence": self.sentence,
            "exitCode": int(self.exit_code),
            "ending": self.ending,
            "error": self.error,
            "cause": self.cause,
            "dryRun": self.dry_run,
            "origin": self.origin,
            "problem": self.problem,
            "goal": self.goal,
            "listed": self.listed,
            "scanned": self.scanned,
            "inScope": self.in_scope,
            "all": self.objects.to_json(),
            **self.standings.to_json(),
            "missing": self.missing,
            "wrongRows": self.rows.to_json(),
            "leftOut": self.left_out,
            "unaccounted": self.unaccounted,
            "cost": self.cost and self.cost.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Verdict:
        """Parse what :meth:`to_json` returned.

        Raises:
            InvalidInput: the data is anything else.
        """
        try:
            return cls(
                standings=Standings.from_json(data),
                listed=int(data["listed"]),
                scanned=int(data["scanned"]),
                rows=WrongRows.from_json(data["wrongRows"]),
                left_out=int(data.get("leftOut", 0)),
                dry_run=bool(data["dryRun"]),
                ending=data["ending"],
                error=str(data["error"]),
                cause=str(data["cause"]),
                origin=data["origin"],
                problem=str(data["problem"]),
                cost=Bill.from_json(data["cost"]) if data.get("cost") else None,
                goal=data.get("goal", "thaw"),  # the only goal in releases before 0.2
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"not a verdict: {error!r}") from error


def verdict_of(
    run: RunInput, totals: Totals, standings: Standings, rows: WrongRows, *, seconds: float
) -> Verdict:
    """Compute the verdict of a run that has reached its end.

    Args:
        run: the run's complete input.
        totals: the totals of the whole run.
        standings: the standings of its objects.
        rows: rows of its manifest that name no object of the run.
        seconds: its duration.
    """
    return Verdict(
        standings,
        totals.listed,
        totals.scanned,
        rows,
        left_out=left_out_of(run, totals),
        dry_run=run.dry_run,
        cost=cost_of_run(run, totals, seconds=seconds, copies=standings.copies),
        goal=goal_of(run.then),
    )


def left_out_of(run: RunInput, totals: Totals) -> int:
    """Return the number of rows of a run's manifest whose objects are excluded by its filters."""
    return 0 if run.manifest is None else totals.scanned - totals.listed


def cost_of_run(
    run: RunInput,
    totals: Totals,
    *,
    seconds: float,
    copies: Mapping[str, CopyTally] | None = None,
) -> Bill:
    """Compute the bill of a run, by the project's price list."""
    usage = usage_of_run(run, totals, seconds=seconds, copies=copies or {})
    return usage.bill(built_in_prices())
