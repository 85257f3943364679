"""The state of the tests' process, which is restored after a test."""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from oss_restore.language import current_language, set_language
from oss_restore.redaction import _redactor

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
_PYTESTS_OWN: Final = "PYTEST_CURRENT_TEST"


@contextmanager
def restored_process() -> Iterator[None]:
    """Restore what commands and functions set for their process, however the block ends."""
    environ, folder, language = _environ(), Path.cwd(), current_language()
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    hook, temporary = sys.excepthook, tempfile.tempdir
    root, disabled = logging.getLogger(), logging.root.manager.disable
    filters, outputs = root.filters.copy(), root.handlers.copy()
    try:
        yield
    finally:
        root.filters, root.handlers = filters, outputs
        logging.disable(disabled)
        sys.excepthook, tempfile.tempdir = hook, temporary
        for number, handler in handlers.items():
            signal.signal(number, handler)
        set_language(language)
        _redactor.forget()
        os.chdir(folder)
        _restore_environ(environ)


def _environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != _PYTESTS_OWN}


def _restore_environ(environ: dict[str, str]) -> None:
    now = _environ()
    for name in now.keys() - environ.keys():
        del os.environ[name]
    os.environ.update(environ)
    if now.get("TZ") != environ.get("TZ"):
        time.tzset()
