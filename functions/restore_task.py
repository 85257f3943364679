"""The work of a restore task: request the objects of a slice that still need a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from functions.rate_limit import Pacer
from functions.restore_requests import (
    FRESH_SECONDS,
    Claim,
    ObjectSnapshot,
    Sender,
    claim_freely,
    look_at,
    outcome_since_listed,
)
from thaw.errors import RunError
from thaw.ledger import Part
from thaw.lookup import ObjectName
from thaw.outcomes import Outcome, OutcomeRecord
from thaw.page_chunks import PageObject
from thaw.run_input import Run
from thaw.store import Store

# Age at which a listing is old; the rest of the 40 seconds is enough to request a group.
_OLD_SECONDS: Final = FRESH_SECONDS / 2
# Outcomes of further rows for the same object, by the outcome of the first.
_OUTCOMES_OF_REPEATED_ROWS: Final = {
    Outcome.REQUESTED: Outcome.ALREADY_THAWING,
    Outcome.UPGRADED: Outcome.ALREADY_THAWING,
    Outcome.EXTENDED: Outcome.ALREADY_READABLE,
}


def restore_objects(
    store: Store,
    run: Run,
    objects: Sequence[PageObject],
    pacer: Pacer,
    *,
    now: float,
    retried: bool,
    claim: Claim = claim_freely,
) -> Part:
    """Request the objects of a slice, each once even if several rows of a manifest name it.

    Args:
        store: the run's bucket.
        run: the run.
        objects: the objects, as their page listed them.
        pacer: limits the rate.
        now: OSS's clock, in seconds since 1970.
        retried: whether an earlier attempt of this task may have requested some of them. If
            so, or if their page was listed a while ago, all of them are looked at first.
        claim: claims an object for this task.

    Raises:
        RunError: as :meth:`functions.restore_requests.Sender.send`.
    """
    by_name: dict[ObjectName, PageObject] = {}
    for obj in objects:
        by_name.setdefault(obj.name, obj)
    age = now - min(obj.listed_at for obj in objects)
    outcomes: dict[ObjectName, Outcome] = {}
    looked_at = store.retry.monotonic() - max(0.0, age)
    if retried or age >= _OLD_SECONDS:
        snapshot = look_at(store, run, list(by_name.values()))
        looked_at = snapshot.at
        for name, obj in by_name.items():
            outcome = outcome_since_listed(obj, snapshot.of(obj), run, retried=retried)
            if outcome is not None:
                outcomes[name] = outcome
    to_send = [obj for name, obj in by_name.items() if name not in outcomes]
    results = Sender(store, run, pacer, retried, looked_at, claim).send(to_send)
    records = {obj.name: record for obj, record in zip(to_send, results, strict=True)}
    records |= {name: by_name[name].record(outcome) for name, outcome in outcomes.items()}
    return Part(
        [
            records[obj.name] if by_name[obj.name] is obj else _repeated(records[obj.name])
            for obj in objects
        ]
    )


def _repeated(record: OutcomeRecord) -> OutcomeRecord:
    """Return the record of a further row for the same object, for which nothing was sent."""
    outcome = _OUTCOMES_OF_REPEATED_ROWS.get(record.outcome)
    return record if outcome is None else replace(record, outcome=outcome, http_status=0)


def give_up_objects(
    store: Store, run: Run, objects: Sequence[PageObject], *, error: str, cause: str, retried: bool
) -> Part:
    """Return the outcomes of a slice on which the flow has given up, and send nothing.

    A listing shows the effect of earlier attempts; if it fails, too, all objects have failed.

    Args:
        store: the run's bucket.
        run: the run.
        objects: the objects, as their page listed them.
        error: name of the error that the flow caught.
        cause: message of that error.
        retried: whether an attempt of the task may have requested some of them.
    """
    try:
        snapshot = look_at(store, run, objects)
    except RunError as listing_error:
        cause = f"{cause[:500]}; and listing failed: {listing_error}"
        snapshot = ObjectSnapshot({}, 0.0)

    def record(obj: PageObject) -> OutcomeRecord:
        outcome = outcome_since_listed(obj, snapshot.of(obj), run, retried=retried)
        if outcome is not None:
            return obj.record(outcome)
        return obj.record(Outcome.FAILED, code=error, message=cause[:1000])

    return Part([record(obj) for obj in objects])
