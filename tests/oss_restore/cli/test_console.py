"""What a command prints is what the cloud said."""

from __future__ import annotations

import pytest
from rich.console import Console

from oss_restore.cli import console


@pytest.mark.parametrize("name", ["out", "err"])
def test_names_between_colons_are_no_emoji(name: str) -> None:
    printed: Console = getattr(console, name)
    with printed.capture() as captured:
        printed.print("acs:ram::1:role/fire:fire:", markup=False)
    assert captured.get() == "acs:ram::1:role/fire:fire:\n"
