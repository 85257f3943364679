"""Of the verdict on a run. Its English sentences are those of :mod:`thaw.verdict`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from oss_restore.language import N_, gettext
from oss_restore.times import local_time
from thaw.standings import Standing
from thaw.verdict import Verdict

# Named here for the catalogues; a test compares them with those of the verdict.
SENTENCES: Final = (
    N_("The run is still going on."),
    N_("The run failed: {error}: {cause}."),
    N_("The run was stopped."),
    N_("The run was stopped: {cause}."),
    N_("The run timed out."),
    N_("{count:,} objects would be requested; a dry run sends nothing."),
    N_("1 object would be requested; a dry run sends nothing."),
    N_("The manifest has no usable row: all {count:,} are wrong."),
    N_("The manifest has no usable row: its only one is wrong."),
    N_("No object was found."),
    N_("There is nothing to thaw."),
    N_("All {count:,} objects are readable."),
    N_("The only object is readable."),
    N_("All {count:,} objects are readable until {until}."),
    N_("The only object is readable until {until}."),
    N_("{readable:,} of {count:,} objects are readable."),
    N_("{readable:,} of {count:,} objects are readable until {until}."),
    N_("{count:,} are still thawing."),
    N_("1 is still thawing."),
    N_("{count:,} are frozen again."),
    N_("1 is frozen again."),
    N_("{count:,} have been deleted."),
    N_("1 has been deleted."),
    N_("{count:,} have been overwritten."),
    N_("1 has been overwritten."),
    N_("{count:,} have changed their storage class."),
    N_("1 has changed its storage class."),
    N_("{count:,} were refused."),
    N_("1 was refused."),
    N_("{count:,} failed."),
    N_("1 failed."),
    N_("{count:,} were not requested."),
    N_("1 was not requested."),
    N_("All {count:,} objects are copied."),
    N_("The only object is copied."),
    N_("{done:,} of {count:,} objects are copied."),
    N_("All {count:,} objects are promoted, and never have to be thawed again."),
    N_("The only object is promoted, and never has to be thawed again."),
    N_("{done:,} of {count:,} objects are promoted."),
    N_("{count:,} were there before."),
    N_("1 was there before."),
    N_("{count:,} could not be copied."),
    N_("1 could not be copied."),
    N_("{count:,} are only readable."),
    N_("1 is only readable."),
    N_("{count:,} rows of the manifest name an object that does not exist."),
    N_("1 row of the manifest names an object that does not exist."),
    N_("{count:,} rows of the manifest are wrong: {problems}."),
    N_("1 row of the manifest is wrong: {problems}."),
    N_("{count:,} rows of the manifest name objects that the run's filters leave out."),
    N_("1 row of the manifest names an object that the run's filters leave out."),
    N_("What is wrong: {problems}."),
    N_("{count:,} objects were listed and have no record."),
    N_("1 object was listed and has no record."),
    N_(
        "The run did not get to its verdict: this command has worked it out from the"
        " ledger and the bucket."
    ),
    N_("Where its objects stand is not known: {problem}."),
)
_STANDINGS: Final[Mapping[Standing, str]] = {
    Standing.READABLE: N_("readable"),
    Standing.THAWING: N_("still thawing"),
    Standing.FROZEN_AGAIN: N_("frozen again"),
    Standing.DELETED: N_("deleted"),
    Standing.OVERWRITTEN: N_("overwritten"),
    Standing.CLASS_CHANGED: N_("of another storage class"),
    Standing.REFUSED: N_("refused"),
    Standing.FAILED: N_("failed"),
    Standing.NOT_REQUESTED: N_("not requested"),
    Standing.NOTHING_TO_THAW: N_("nothing to thaw in it"),
    Standing.COPIED: N_("copied"),
    Standing.PROMOTED: N_("promoted"),
    Standing.PRESENT: N_("there before"),
    Standing.COPY_FAILED: N_("not copied"),
}


def sentence_of(found: Verdict) -> str:
    """The verdict in the current language."""
    return " ".join(gettext(one.chosen).format(**_shown(one.values)) for one in found.phrases)


def _shown(values: Mapping[str, object]) -> Mapping[str, object]:
    """The values of a phrase, with times as people read them."""
    until = values.get("until")
    return {**values, "until": local_time(str(until))} if until else values


def standing_name(standing: Standing) -> str:
    """What a standing is called in the current language."""
    return gettext(_STANDINGS[standing])
