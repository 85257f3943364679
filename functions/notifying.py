"""Notify targets of the end of a run, each once, even if calls are repeated.

A call may be repeated, and several steps of a flow may notice at the same time that the run has
failed. So each target has a file in the run's ledger, and the call that creates the file sends the
notification. A repeated call of the same step sends it again, with the same id, unless the file
says that it was delivered.

Nothing here fails a run: a failed delivery is logged and reported in the result.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeVar, cast

from functions.delivery import DeliveryError
from functions.log import Log
from thaw.errors import FATAL_ERRORS, RETRYABLE_ERRORS, RunError, RunStopped, StorageRefused
from thaw.ledger import Ledger
from thaw.notices import Notice, ending_of, options_of, shorten
from thaw.notification_targets import NotificationTarget
from thaw.standings import Standings
from thaw.verdict import Ending, Verdict

T = TypeVar("T")

DeliveryStatus = Literal["notified", "notified before", "not selected", "NOT NOTIFIED"]

_OWN_ERRORS = (*FATAL_ERRORS, *RETRYABLE_ERRORS)


def notice_of_end(
    ledger: Ledger,
    *,
    run_id: str,
    environment: str,
    given: Mapping[str, Any],
    error: str = "",
    cause: str = "",
) -> Notice:
    """Compose the notice of a run that has ended.

    Args:
        ledger: the run's ledger.
        run_id: the run's id.
        environment: the deployment's name.
        given: the input to use if the ledger has none.
        error: name of the error that ended the run; empty if none did.
        cause: the message of that error.

    Raises:
        RunError: the run has not failed, and its summary cannot be read.
    """
    run_input = _if_readable(lambda: _parsed(ledger.read("input.json"))) or given
    summary = _if_readable(lambda: _parsed(ledger.read("summary.json"))) or {}
    verdict = _verdict(ledger, summary, error, shorten(cause))
    return Notice(
        run_id=run_id,
        environment=environment,
        ending=ending_of(verdict),
        bucket=str(run_input.get("bucketName", "")),
        options=options_of(run_input),
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
    """Notify every target that selected this kind of ending.

    Args:
        notice: the message.
        targets: the receivers.
        ledger: the run's ledger.
        send: delivers a notice to a target; raises DeliveryError or OSError.
        step: the calling step, which is the same in a repeated call.
        journal: the log for the results.

    Returns:
        The results, by the targets' names.
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
        return "not selected"
    mark = f"notices/{target.name}.json"
    claim = {"step": step, "id": notice.id, "ending": notice.ending}
    try:
        if not ledger.create(mark, claim) and not _is_ours(ledger, mark, step):
            return "notified before"
    except RunError as error:  # better notified twice than not at all
        journal.error("a notice cannot be recorded", target=target.name, error=str(error))
    try:
        send(target, notice)
    except (DeliveryError, OSError) as error:
        journal.error("the notice was not accepted", target=target.name, error=str(error))
        return "NOT NOTIFIED"
    journal.info("target notified", target=target.name, ending=notice.ending)
    try:
        ledger.write_json(mark, {**claim, "told": True})
    except RunError as error:
        journal.error("a notice cannot be recorded", target=target.name, error=str(error))
    return "notified"


def _is_ours(ledger: Ledger, mark: str, step: str) -> bool:
    """Return whether an earlier call of the same step claimed a notice and did not deliver it."""
    claim = _parsed(ledger.read(mark))
    return claim.get("step") == step and not claim.get("told")


def same_error(name: str, cause: str) -> Exception:
    """Return an exception that FC reports under the name of the error that ended the run.

    It is not documented whether the flow sees the functions' own errors with a prefix, so it is
    removed.
    """
    prefix, _, bare = name.rpartition(".")
    shown = bare if prefix == "FC" and bare in _OWN_ERRORS else name
    return cast("Exception", type(shown, (RunError,), {})(cause))


def _verdict(ledger: Ledger, summary: Mapping[str, Any], error: str, cause: str) -> Verdict:
    """Return the run's own verdict or, if it failed before it had one, one of its error."""
    recorded = summary.get("verdict")
    if recorded:
        return Verdict.from_json(recorded)
    if not error:  # how the run ended is unknown, and must not be reported as a success
        raise StorageRefused(f"there is no summary.json in {ledger.url}")
    name = error.rpartition(".")[2]
    ending: Ending = "stopped" if name == RunStopped.__name__ else "failed"
    return Verdict(Standings(), ending=ending, error=name, cause=cause, origin="unknown")


def _if_readable(read: Callable[[], T]) -> T | None:
    """Read optional data of a notice: an unreadable ledger may be the reason why the run failed."""
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
