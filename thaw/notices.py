"""The notification at the end of a run, and its wording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass
from typing import Any, Final

from thaw.after_thaw import Goal, parse_after_thaw
from thaw.json_reader import camel_case
from thaw.notification_targets import Ending
from thaw.run_input import input_fields
from thaw.standings import Standing, moment_text
from thaw.verdict import ExitCode, Verdict

_HEADLINES: Final[Mapping[Ending, str]] = {
    "succeeded": "succeeded",
    "failures": "ended, and not everything is {achieved}",
    "failed": "FAILED",
    "stopped": "was stopped",
}
_GOALS: Final[Mapping[Goal, str]] = {
    "thaw": "readable",
    "copy": "copied",
    "promote": "promoted",
}
_LONGEST_TEXT: Final = 500  # characters of an input field or an error message
_DETAILS: Final = tuple(
    (camel_case(f.name), f.default)
    for f in input_fields()
    if f.default is not MISSING  # all but the endpoint and the bucket
)


@dataclass(frozen=True)
class Notice:
    """The notice of a run's end.

    Attributes:
        run_id: the run's id.
        environment: the deployment's name.
        ending: how the run ended.
        bucket: the run's bucket; empty if its input names none.
        options: the other fields of its input that differ from their defaults.
        summary: its summary; empty if it failed before it had one.
        verdict: the verdict on it.
        report: URL of its ledger.
        seconds: its duration; None if unknown.
    """

    run_id: str
    environment: str
    ending: Ending
    bucket: str
    options: Mapping[str, object]
    summary: Mapping[str, Any]
    verdict: Verdict
    report: str
    seconds: float | None

    @property
    def id(self) -> str:
        """An id shared by all notifications of this end, by which receivers can drop duplicates."""
        return f"{self.environment}/{self.run_id}/end"

    @property
    def title(self) -> str:
        """The title, on one line."""
        headline = _HEADLINES[self.ending].format(achieved=_GOALS[self.verdict.goal])
        return f"oss-restore {self.environment}: the run {headline}"

    @property
    def next_steps(self) -> Sequence[str]:
        """Suggestions for the operator."""
        run = f"--run {self.run_id}"
        status = f"oss-restore status {self.environment} {run}"
        extend = f"oss-restore extend {self.environment} {run} --days DAYS"
        kept = [f"keep the objects readable for longer: {extend}"]
        kept = kept if self.verdict.readable_until else []
        if self.ending == "failures":
            return (
                f"see failures.csv in {self.report}",
                "start the same run again: what is thawing or readable is not paid for twice",
                *kept,
            )
        if self.ending == "failed":
            remedy = "correct what the error names, and start the run again: nothing is paid twice"
            return (f"see how far it came: {status}", remedy)
        if self.ending == "stopped":
            return ("start the same run again to go on: nothing is paid for twice",)
        if self.verdict.dry_run:
            return ("start it without dryRun to thaw what it found",)
        return (f"see its report: {status}", *kept)

    def to_json(self) -> dict[str, object]:
        """Return all fields, and those derived from them."""
        return {
            "id": self.id,
            "title": self.title,
            "runId": self.run_id,
            "environment": self.environment,
            "ending": self.ending,
            "bucket": self.bucket,
            "asked": dict(self.options),
            "summary": dict(self.summary),
            "verdict": self.verdict.to_json(),
            "error": self.verdict.error,
            "cause": self.verdict.cause,
            "report": self.report,
            "seconds": self.seconds,
            "next": list(self.next_steps),
        }

    def markdown(self) -> str:
        """Format the notice in the subset of Markdown that chat rooms support."""
        lines = [f"### {self.title}", f"- **{_plain(self.verdict.sentence)}**"]
        lines += [f"- run: {_code(self.run_id)}", f"- bucket: {_code(self.bucket)}"]
        if self.seconds is not None:
            lines.append(f"- took: {duration(self.seconds)}")
        if self.options:
            options = ", ".join(f"{name} {value}" for name, value in self.options.items())
            lines.append(f"- asked for: {_code(options)}")
        if until := moment_text(self.verdict.readable_until):
            lines.append(f"- readable until: {_code(until)}")
        lines += self._counts()
        if self.verdict.cost is not None:
            lines.append(f"- cost: {_code(str(self.verdict.cost.total))}")
        lines.append(f"- ledger: {_code(self.report)}")
        lines += [f"- next: {_code(step)}" for step in self.next_steps]
        return "\n".join([*lines, f"\n{self.id}"])

    def _counts(self) -> list[str]:
        return [
            f"- {storage_class}: "
            + ", ".join(
                f"{number} {_words(standing)}" for standing, number in standings.counts.items()
            )
            for storage_class, standings in sorted(self.verdict.standings.by_class.items())
        ]


def ending_of(verdict: Verdict) -> Ending:
    """Return how a run ended, as receivers select it."""
    if verdict.exit_code == ExitCode.STOPPED:
        return "stopped"
    if verdict.ending != "succeeded":
        return "failed"
    good = (ExitCode.READABLE, ExitCode.NOT_YET)
    return "succeeded" if verdict.exit_code in good else "failures"


def options_of(run_input: Mapping[str, Any]) -> dict[str, object]:
    """Return the fields of a run's input, except the bucket, that differ from their defaults.

    Args:
        run_input: the complete input, or the operator's, which may be invalid.
    """
    chosen = run_input.get("chosen") or ()
    values = ((name, run_input.get(name), default) for name, default in _DETAILS)
    return {
        name: shorten(_shown(value))
        for name, value, default in values
        if value not in (None, default, _as_json(default)) and name not in chosen
    }


def shorten(text: str) -> str:
    """Shorten a text to a length that fits into a notice."""
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def duration(seconds: float) -> str:
    """Format a duration, such as ``2 h 5 min``."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _as_json(default: object) -> object:
    return list(default) if isinstance(default, tuple) else default


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, Mapping) and not value.keys().isdisjoint(("copy", "promote")):
        return str(parse_after_thaw(value))
    if isinstance(value, Mapping):
        return str(value.get("key", value))
    return str(value)


def _code(text: str) -> str:
    """Format text as code, so that none of it is read as Markdown."""
    return "`" + " ".join(text.replace("`", "'").split()) + "`"


def _plain(text: str) -> str:
    """Remove Markdown and line breaks from a sentence."""
    return " ".join("".join(c for c in text if c not in "*_`[]<>").split())


def _words(standing: Standing) -> str:
    """Return the name of a standing in words, such as ``frozen again``."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in standing.value)
