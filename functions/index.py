"""FC's entry point, copied to the root of the bundle; handlers are ``index.NAME``.

A handler is imported when it is looked up, so that a cold start of a function does not import what
only the others need.
"""

from __future__ import annotations

import gc
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from functions.handling import Handler

# Handlers by the functions' names in FC, which are as in the article.
HANDLERS: Final = {
    "copyObjects": ("functions.copy_handlers", "copy_objects"),
    "listArchiveFiles": ("functions.page_handlers", "list_archive_files"),
    "notifyRun": ("functions.end_handlers", "notify_run"),
    "planCopies": ("functions.copy_handlers", "plan_copies"),
    "prepareRun": ("functions.start_handlers", "prepare_run"),
    "restore": ("functions.page_handlers", "restore"),
    "restoreStatus": ("functions.page_handlers", "restore_status"),
    "summarizeRun": ("functions.end_handlers", "summarize_run"),
}


def __getattr__(name: str) -> Handler:
    """Import the handler of a function."""
    try:
        module, handler = HANDLERS[name]
    except KeyError:
        raise AttributeError(name) from None
    gc.disable()  # imports create many objects but little garbage
    try:
        found: Handler = getattr(import_module(module), handler)
    finally:
        gc.enable()
    return found
