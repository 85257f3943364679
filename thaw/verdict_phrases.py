"""The sentences of a verdict. The command line translates them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from thaw.after_thaw import Goal
from thaw.phrases import Phrase
from thaw.standings import Standing

RUNNING: Final = Phrase("The run is still in progress.")
DIED: Final = Phrase("The run failed: {error}: {cause}.")
STOPPED: Final = Phrase("The run was stopped.")
STOPPED_BY: Final = Phrase("The run was stopped: {cause}.")
TIMED_OUT: Final = Phrase("The run timed out.")
DRY_RUN: Final = Phrase(
    "{count:,} object would be requested; a dry run sends nothing.",
    "{count:,} objects would be requested; a dry run sends nothing.",
)
NO_USABLE_ROW: Final = Phrase(
    "The manifest has no usable row: its only one is wrong.",
    "The manifest has no usable row: all {count:,} are wrong.",
)
NOTHING_FOUND: Final = Phrase("No object was found.")
NOTHING_IN_SCOPE: Final = Phrase("There is nothing to thaw.")
ALL_READABLE: Final = Phrase("The only object is readable.", "All {count:,} objects are readable.")
ALL_READABLE_UNTIL: Final = Phrase(
    "The only object is readable until {until}.",
    "All {count:,} objects are readable until {until}.",
)
SOME_READABLE: Final = Phrase("{readable:,} of {count:,} objects are readable.")
SOME_READABLE_UNTIL: Final = Phrase("{readable:,} of {count:,} objects are readable until {until}.")
PARTS: Final[Mapping[Standing, Phrase]] = {
    Standing.THAWING: Phrase("{count:,} is still thawing.", "{count:,} are still thawing."),
    Standing.FROZEN_AGAIN: Phrase("{count:,} is frozen again.", "{count:,} are frozen again."),
    Standing.DELETED: Phrase("{count:,} has been deleted.", "{count:,} have been deleted."),
    Standing.OVERWRITTEN: Phrase(
        "{count:,} has been overwritten.", "{count:,} have been overwritten."
    ),
    Standing.CLASS_CHANGED: Phrase(
        "{count:,} has changed its storage class.", "{count:,} have changed their storage class."
    ),
    Standing.REFUSED: Phrase("{count:,} was refused.", "{count:,} were refused."),
    Standing.FAILED: Phrase("{count:,} failed."),
    Standing.NOT_REQUESTED: Phrase("{count:,} was not requested.", "{count:,} were not requested."),
}

# For runs that copy or promote, by whether all objects are copied or promoted.
AFTER_THAW: Final[Mapping[Goal, Mapping[bool, Phrase]]] = {
    "copy": {
        True: Phrase("The only object is copied.", "All {count:,} objects are copied."),
        False: Phrase("{done:,} of {count:,} objects are copied."),
    },
    "promote": {
        True: Phrase(
            "The only object is promoted, and never has to be thawed again.",
            "All {count:,} objects are promoted, and never have to be thawed again.",
        ),
        False: Phrase("{done:,} of {count:,} objects are promoted."),
    },
}
PARTS_AFTER_THAW: Final[Mapping[Standing, Phrase]] = {
    Standing.PRESENT: Phrase("{count:,} was already present.", "{count:,} were already present."),
    Standing.COPY_FAILED: Phrase("{count:,} could not be copied."),
    Standing.READABLE: Phrase("{count:,} is only readable.", "{count:,} are only readable."),
    **PARTS,
}
REMOVED: Final = Phrase(
    "{count:,} archived version is removed.", "{count:,} archived versions are removed."
)
NOT_THERE: Final = Phrase(
    "{count:,} row of the manifest names an object that does not exist.",
    "{count:,} rows of the manifest name an object that does not exist.",
)
WRONG_ROWS: Final = Phrase(
    "{count:,} row of the manifest is wrong: {problems}.",
    "{count:,} rows of the manifest are wrong: {problems}.",
)
LEFT_OUT: Final = Phrase(
    "{count:,} row of the manifest names an object that the run's filters leave out.",
    "{count:,} rows of the manifest name objects that the run's filters leave out.",
)
PROBLEMS: Final = Phrase("What is wrong: {problems}.")
WORKED_OUT: Final = Phrase(
    "The run ended without a verdict; this command has derived one from the ledger and the bucket."
)
NOT_WORKED_OUT: Final = Phrase("The state of its objects is unknown: {problem}.")
UNACCOUNTED: Final = Phrase(
    "{count:,} object was listed and has no record.",
    "{count:,} objects were listed and have no record.",
)
