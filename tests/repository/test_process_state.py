"""Changes of a test to its process do not affect the next one."""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn

import pytest

from oss_restore.language import current_language, set_language
from oss_restore.redaction import redact, remember
from tests.process_state import restored_process


def change_everything(folder: Path) -> None:
    os.environ["OSS_RESTORE_LANG"] = "zh"
    os.environ["TZ"] = "Asia/Shanghai"
    del os.environ["PATH"]
    time.tzset()
    os.chdir(folder)
    set_language("zh")
    remember("a-secret-value")
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    logging.getLogger().addFilter(bool)
    logging.disable(logging.CRITICAL)
    sys.excepthook = print
    tempfile.tempdir = str(folder)


def state() -> list[object]:
    root = logging.getLogger()
    return [
        dict(os.environ),
        time.localtime(0),
        Path.cwd(),
        current_language(),
        redact("a-secret-value"),
        signal.getsignal(signal.SIGTERM),
        [*root.filters],
        root.manager.disable,
        sys.excepthook,
        tempfile.tempdir,
    ]


def test_changes_are_reverted_even_if_the_test_fails(tmp_path: Path) -> None:
    before = state()
    with pytest.raises(AssertionError, match="halfway"), restored_process():
        fail_after_changes(tmp_path, before)
    assert state() == before


def fail_after_changes(folder: Path, before: list[object]) -> NoReturn:
    change_everything(folder)
    assert not [value for value, old in zip(state(), before, strict=True) if value == old]
    raise AssertionError("halfway")
