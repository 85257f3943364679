"""The state of the objects that a manifest's rows name."""

from __future__ import annotations

import time
from collections.abc import Callable

from functions.status import LOOK_SECONDS, RangeStatus, StatusCheck
from thaw.manifest.reading import Manifest, ManifestCursor
from thaw.run_input import Run

_LOOKED_UP_AT_ONCE = 1000


def manifest_status(
    manifest: Manifest,
    run: Run,
    *,
    after: str,
    until: str,
    monotonic: Callable[[], float] = time.monotonic,
) -> RangeStatus:
    """Check the objects that rows name, as :func:`functions.status.range_status` checks keys.

    Args:
        manifest: the run's.
        run: whose.
        after: the cursor after which the rows start.
        until: the cursor at which they end; empty for the end of the manifest.
        monotonic: seconds, for the time budget.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    check = StatusCheck(run, last="", status=RangeStatus(cursor=after))
    deadline = monotonic() + LOOK_SECONDS
    for row_slice in manifest.row_slices(ManifestCursor.parse(after), size=_LOOKED_UP_AT_ONCE):
        if check.status.cursor != after and monotonic() >= deadline:
            check.pause()
            break
        for named in manifest.objects(row_slice):
            if until and str(named.cursor) > until:
                return check.status
            found = named.found
            if found is not None and not check.pass_object(
                str(named.cursor), found.listed, found.now
            ):
                return check.status
        check.status.cursor = str(row_slice.until)
        if until and check.status.cursor >= until:
            break
    return check.status
