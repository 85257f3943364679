"""The response of ``listArchiveFiles``."""

from __future__ import annotations

from functions.earlier_release import OF_PAGES
from thaw.outcomes import Outcome
from thaw.page_chunks import PageIndex, end_of_page
from thaw.poll_intervals import first_wait
from thaw.run_input import Run


def answer(page: PageIndex, run: Run) -> dict[str, object]:
    """A page as the flow sees it: counts, slices, and a page number instead of a key."""
    thawing = [
        name for name, outcomes in page.sorted_out.items() if Outcome.ALREADY_THAWING in outcomes
    ]
    waits = run.wait_for == "page" and not run.dry_run
    nothing_to_do = not page.slices and not (waits and thawing)
    return {
        "bucketName": run.bucket_name,
        "filesGroup": [part.to_json() for part in page.slices],
        "archiveFilesCount": sum(part.objects for part in page.slices),
        "empty": _word(nothing_to_do),
        "end": _word(page.end),
        "page": page.page,
        "nextPage": page.page + 1,
        "marker": end_of_page(page.page),
        "firstWait": first_wait(page.to_send, thawing, run),
        **OF_PAGES,
    }


def _word(truth: bool) -> str:
    """A boolean as text, which flows can compare."""
    return "true" if truth else "false"
