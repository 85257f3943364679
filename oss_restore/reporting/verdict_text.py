"""Texts about verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from oss_restore.language import N_, gettext, translate
from oss_restore.times import local_time
from thaw.after_thaw import Goal
from thaw.phrases import Phrase
from thaw.standings import Standing
from thaw.verdict import Verdict

_STANDINGS: Final[Mapping[Standing, str]] = {
    Standing.READABLE: N_("readable"),
    Standing.THAWING: N_("still thawing"),
    Standing.FROZEN_AGAIN: N_("frozen again"),
    Standing.DELETED: N_("deleted"),
    Standing.OVERWRITTEN: N_("overwritten"),
    Standing.CLASS_CHANGED: N_("storage class changed"),
    Standing.REFUSED: N_("refused"),
    Standing.FAILED: N_("failed"),
    Standing.NOT_REQUESTED: N_("not requested"),
    Standing.NOTHING_TO_THAW: N_("nothing to thaw"),
    Standing.COPIED: N_("copied"),
    Standing.PROMOTED: N_("promoted"),
    Standing.PRESENT: N_("already present"),
    Standing.COPY_FAILED: N_("not copied"),
}


def sentence_of(verdict: Verdict) -> str:
    """Describe the verdict in the current language, with local times."""
    return " ".join(map(_text_of, verdict.phrases))


def _text_of(phrase: Phrase) -> str:
    until = phrase.values.get("until")
    return translate(phrase, until=local_time(str(until))) if until else translate(phrase)


def standing_name(standing: Standing) -> str:
    """Return the name of a standing in the current language."""
    return gettext(_STANDINGS[standing])


# The names of objects for which a goal is achieved, and of the others.
_GOALS: Final[Mapping[Goal, tuple[str, str]]] = {
    "thaw": (N_("Known to be readable"), N_("Not readable")),
    "copy": (N_("Copied"), N_("Not copied")),
    "promote": (N_("Promoted"), N_("Not promoted")),
}


def done_name(goal: Goal) -> str:
    """Return the name of objects for which a goal is achieved, in the current language."""
    return gettext(_GOALS[goal][0])


def missed_name(goal: Goal) -> str:
    """Return the name of objects for which a goal is not achieved."""
    return gettext(_GOALS[goal][1])
