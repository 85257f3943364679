"""The state of a run as a line of text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from oss_restore.durations import exact
from oss_restore.language import gettext as _
from oss_restore.language import ngettext
from oss_restore.reporting.estimate import estimate_of
from oss_restore.runs.state import RunState
from oss_restore.times import local_time


def line(state: RunState) -> str:
    """Describe the progress, position and estimated end of a run."""
    texts = progress(state), position(state), estimated_end(state)
    return "; ".join(filter(None, texts))


def progress(state: RunState) -> str:
    """Describe the progress of a run."""
    return ", ".join(_progress(state))


def _progress(state: RunState) -> Iterator[str]:
    counts, pages = state.counts, state.totals.pages
    yield ngettext("{pages:,} page listed", "{pages:,} pages listed", pages).format(pages=pages)
    if state.expected is None or state.sent:
        yield ngettext(
            "{submitted:,} object requested", "{submitted:,} objects requested", counts.submitted
        ).format(submitted=counts.submitted)
    else:
        yield _("{submitted:,} of {expected:,} objects requested").format(
            submitted=counts.submitted, expected=state.expected
        )
    if not state.sent and not state.ended and state.rate:
        yield _("{rate:,.1f}/s").format(rate=state.rate)
    for objects, text in (
        (counts.under_way, _("{objects:,} already thawing or readable")),
        (counts.refused, _("{objects:,} refused")),
        (counts.failed, _("{objects:,} failed")),
    ):
        if objects:
            yield text.format(objects=objects)
    if state.waiting:
        yield _("all requested: waiting until they are readable")
    if state.readable_objects is not None:
        yield _("at least {objects:,} readable").format(objects=state.readable_objects)
    if state.copied_objects is not None:
        yield _("{objects:,} copies done").format(objects=state.copied_objects)


def position(state: RunState) -> str:
    """Describe the current position of a run."""
    parts = [_("in step {step}").format(step=state.step)] if state.step else []
    if state.shards > 1:
        parts.append(
            ngettext("{listers:,} lister", "{listers:,} listers", state.shards).format(
                listers=state.shards
            )
        )
    if state.legs > state.shards:
        parts.append(_("leg {leg:,}").format(leg=state.legs))
    return ", ".join(parts)


def estimated_end(state: RunState) -> str:
    """Describe the estimated end of a run; empty if unknown."""
    estimate = estimate_of(state)
    parts = []
    if estimate.all_sent is not None and not state.sent:
        parts.append(_by(_("all requested by {moment} (in {left})"), estimate.all_sent, state.now))
    if estimate.all_readable is not None and (state.waiting or not state.sent):
        parts.append(_by(_("readable by {moment} (in {left})"), estimate.all_readable, state.now))
    return ", ".join(parts)


def _by(message: str, moment: datetime, now: datetime) -> str:
    left = max(moment - now, timedelta())
    return message.format(moment=local_time(moment), left=exact(left))
