"""Listing a bucket with progress on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

from oss_restore.cli.console import err, step
from oss_restore.language import gettext as _
from oss_restore.language import ngettext
from oss_restore.planning.survey import Progress

_LINE_SECONDS: Final = 10.0


@contextmanager
def listing_progress() -> Iterator[Progress]:
    """Show the progress of a listing, in place on a terminal or as occasional lines elsewhere."""
    with step(_("List the bucket")) as shown:
        due = monotonic() + _LINE_SECONDS

        def show(scanned: int, key: str) -> None:
            nonlocal due
            shown.update(
                ngettext(
                    "{scanned:,} object listed, up to {key}",
                    "{scanned:,} objects listed, up to {key}",
                    scanned,
                ).format(scanned=scanned, key=key)
            )
            if not err.is_terminal and monotonic() >= due:
                err.print_line(shown.note)
                due = monotonic() + _LINE_SECONDS

        yield show
