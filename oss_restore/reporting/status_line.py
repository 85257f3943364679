"""How a run stands, in a line of text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from oss_restore.durations import exact
from oss_restore.language import Message
from oss_restore.messages import watching as say
from oss_restore.reporting.estimate import estimate_of
from oss_restore.runs.state import RunState


def line(state: RunState) -> str:
    """Everything in one line."""
    return "; ".join(text for text in (progress(state), place(state), outlook(state)) if text)


def progress(state: RunState) -> str:
    """What it has done."""
    return ", ".join(_progress(state))


def _progress(state: RunState) -> Iterator[str]:
    counts, pages = state.counts, state.totals.pages
    if state.expected is None or state.sent:
        yield say.SO_FAR(pages=pages, submitted=counts.submitted)
    else:
        yield say.SO_FAR_OF(pages=pages, submitted=counts.submitted, expected=state.expected)
    if not state.sent and not state.ended and state.rate:
        yield say.AT_RATE(rate=state.rate)
    for objects, word in (
        (counts.under_way, say.UNDER_WAY),
        (counts.refused, say.REFUSED),
        (counts.failed, say.FAILED),
    ):
        if objects:
            yield word(objects=objects)
    if state.waiting:
        yield say.ALL_ASKED_FOR()
    if state.readable_objects is not None:
        yield say.READABLE(objects=state.readable_objects)


def place(state: RunState) -> str:
    """Where it is."""
    parts = [say.AT_STEP(step=state.step)] if state.step else []
    if state.shards > 1:
        parts.append(say.WITH_LISTERS(listers=state.shards))
    if state.legs > state.shards:
        parts.append(say.IN_LEG(leg=state.legs))
    return ", ".join(parts)


def outlook(state: RunState) -> str:
    """When it will be done; empty where nobody knows."""
    estimate = estimate_of(state)
    parts = []
    if estimate.all_sent is not None and not state.sent:
        parts.append(_by(say.ALL_SENT_BY, estimate.all_sent, state.now))
    if estimate.all_readable is not None and (state.waiting or not state.sent):
        parts.append(_by(say.READABLE_BY, estimate.all_readable, state.now))
    return ", ".join(parts)


def _by(message: Message, moment: datetime, now: datetime) -> str:
    left = max(moment - now, timedelta())
    local = moment.astimezone()
    return message(moment=f"{local:%Y-%m-%d %H:%M}", left=exact(left))
