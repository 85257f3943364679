"""Whatever a test sets for its process, the next one finds it as it was."""

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
from oss_restore.redaction import redacted, remember
from tests.process_state import process_put_back


def make_a_mess(folder: Path) -> None:
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
        redacted("a-secret-value"),
        signal.getsignal(signal.SIGTERM),
        [*root.filters],
        root.manager.disable,
        sys.excepthook,
        tempfile.tempdir,
    ]


def test_a_mess_is_cleared_up_even_where_the_test_fails(tmp_path: Path) -> None:
    before = state()
    with pytest.raises(AssertionError, match="halfway"), process_put_back():
        fail_after_a_mess(tmp_path, before)
    assert state() == before


def fail_after_a_mess(folder: Path, before: list[object]) -> NoReturn:
    make_a_mess(folder)
    assert not [one for one, old in zip(state(), before, strict=True) if one == old]
    raise AssertionError("halfway")
