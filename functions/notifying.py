"""Tells of the end of a run: once to each target, whatever is called how often.

A call may be repeated, and several steps of one flow may find out at once that the run has died. So
each target has a file in the run's ledger: who creates it is the one to tell. The same step called
again tells again unless the file says that it was told; the notice has the same id then.

Nothing here fails a run: what could not be told is logged, and said in the answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeVar, cast

from functions.delivery import DeliveryError
from functions.log import Log
from thaw.errors import FATAL_ERRORS, RETRYABLE_ERRORS, RunError, RunStopped, StorageRefused
from thaw.ledger import Ledger
from thaw.notices import Notice, asked_for, ending_of, shortened
from thaw.notification_targets import NotificationTarget
from thaw.standings import Standings
from thaw.verdict import Ending, Verdict

T = TypeVar("T")

DeliveryStatus = Literal["told", "told before", "not asked for", "NOT TOLD"]

_OURS = (*FATAL_ERRORS, *RETRYABLE_ERRORS)


def notice_of_end(
    ledger: Ledger,
    *,
    run_id: str,
    environment: str,
    given: Mapping[str, Any],
    error: str = "",
    cause: str = "",
) -> Notice:
    """The notice of a run that has ended.

    Args:
        ledger: of the run.
        run_id: of the run.
        environment: the deployment's name.
        given: the run's input, in case that the ledger has none.
        error: name of the error that the run died of; empty if it did not.
        cause: what that error said.

    Raises:
        RunError: the summary of a run that did not die cannot be read.
    """
    run_input = _if_readable(lambda: _parsed(ledger.read("input.json"))) or given
    summary = _if_readable(lambda: _parsed(ledger.read("summary.json"))) or {}
    verdict = _verdict(ledger, summary, error, shortened(cause))
    return Notice(
        run_id=run_id,
        environment=environment,
        ending=ending_of(verdict),
        bucket=str(run_input.get("bucketName", "")),
        asked=asked_for(run_input),
        summary=summary,
        verdict=verdict,
        report=ledger.url,
        seconds=_if_readable(lambda: ledger.age("input.json")),
    )


def notify_targets(
    notice: Notice,
    targets: Iterable[NotificationTarget],
    ledger: Ledger,
    send: Callable[[NotificationTarget, Notice], None],
    *,
    step: str,
    journal: Log,
) -> dict[str, DeliveryStatus]:
    """Tells every target that wants to know of such an end.

    Args:
        notice: what to say.
        targets: who there is.
        ledger: of the run.
        send: hands a notice to a target; raises DeliveryError or OSError.
        step: what calls; the same when it calls again.
        journal: where it is said how that went.

    Returns:
        how it went, by the name of the target.
    """
    return {
        target.name: _notify(notice, target, ledger, send, step=step, journal=journal)
        for target in targets
    }


def _notify(
    notice: Notice,
    target: NotificationTarget,
    ledger: Ledger,
    send: Callable[[NotificationTarget, Notice], None],
    *,
    step: str,
    journal: Log,
) -> DeliveryStatus:
    if notice.ending not in target.endings:
        return "not asked for"
    mark = f"notices/{target.name}.json"
    claim = {"step": step, "id": notice.id, "ending": notice.ending}
    try:
        if not ledger.create(mark, claim) and not _is_ours(ledger, mark, step):
            return "told before"
    except RunError as error:  # better told twice than not at all
        journal.error("a notice cannot be marked", target=target.name, error=str(error))
    try:
        send(target, notice)
    except (DeliveryError, OSError) as error:
        journal.error("nobody took the notice", target=target.name, error=str(error))
        return "NOT TOLD"
    journal.info("end told", target=target.name, ending=notice.ending)
    try:
        ledger.write_json(mark, {**claim, "told": True})
    except RunError as error:
        journal.error("a notice cannot be marked", target=target.name, error=str(error))
    return "told"


def _is_ours(ledger: Ledger, mark: str, step: str) -> bool:
    """Whether an earlier call of the same step claimed a notice, and did not get to tell it."""
    claim = _parsed(ledger.read(mark))
    return claim.get("step") == step and not claim.get("told")


def same_error(name: str, cause: str) -> Exception:
    """An exception that FC reports under this name: what the run died of, once more.

    Whether the flow sees our own errors with a prefix is not documented, so they lose it here.
    """
    prefix, _, bare = name.rpartition(".")
    shown = bare if prefix == "FC" and bare in _OURS else name
    return cast("Exception", type(shown, (RunError,), {})(cause))


def _verdict(ledger: Ledger, summary: Mapping[str, Any], error: str, cause: str) -> Verdict:
    """The run's own; of one that died on the way, what it died of."""
    told = summary.get("verdict")
    if told:
        return Verdict.from_json(told)
    if not error:  # nobody knows how it ended, and nobody may be told that it did well
        raise StorageRefused(f"there is no summary.json in {ledger.url}")
    name = error.rpartition(".")[2]
    ending: Ending = "stopped" if name == RunStopped.__name__ else "failed"
    return Verdict(Standings(), ending=ending, error=name, cause=cause, origin="unknown")


def _if_readable(read: Callable[[], T]) -> T | None:
    """What may be missing from a notice: a run may have died of a ledger that cannot be read."""
    try:
        return read()
    except RunError:
        return None


def _parsed(body: bytes | None) -> dict[str, Any]:
    try:
        data = json.loads(body or b"")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
