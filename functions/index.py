"""FC's entry point, copied to the root of the bundle; handlers are ``index.NAME``."""

from __future__ import annotations

# Named like the functions in FC, which are named as in the article.
from functions.copy_handlers import copy_objects as copyObjects  # noqa: N812 - the function's name in FC
from functions.copy_handlers import plan_copies as planCopies  # noqa: N812 - the function's name in FC
from functions.end_handlers import notify_run as notifyRun  # noqa: N812 - the function's name in FC
from functions.end_handlers import summarize_run as summarizeRun  # noqa: N812 - the function's name in FC
from functions.page_handlers import list_archive_files as listArchiveFiles  # noqa: N812 - the function's name in FC
from functions.page_handlers import restore
from functions.page_handlers import restore_status as restoreStatus  # noqa: N812 - the function's name in FC
from functions.start_handlers import prepare_run as prepareRun  # noqa: N812 - the function's name in FC

__all__ = [
    "copyObjects",
    "listArchiveFiles",
    "notifyRun",
    "planCopies",
    "prepareRun",
    "restore",
    "restoreStatus",
    "summarizeRun",
]
