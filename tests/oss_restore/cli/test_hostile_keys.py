"""Keys that would control a terminal or forge a line, in every command that prints keys."""

from __future__ import annotations

from typing import Final

import oss2
import pytest

from oss_restore.clients.control_api import SeedObject
from tests.oss_restore.conftest import Cli
from tests.site import BUCKET, QUICK, Site

KEYS: Final = (
    "a\x1b[2J\x1b]0;title\x07b",
    "a\nAll 9 objects are readable.\r\x08",
    "a\u202egnp.exe\u2066\u200f",
    "a\x9b31m\x85\u2028",
    "a:fire:[red]x[/red]:ram:",
)
SHOWN: Final = r"a\x1b[2J\x1b]0;title\x07b"


@pytest.fixture
def refused(site: Site, bucket: oss2.Bucket) -> str:
    """Return a run in which every request was refused, with a message like its keys."""
    site.fill([SeedObject(key=key, size=9, storage_class="ColdArchive") for key in KEYS])
    site.reject("*")
    run = site.run(**QUICK)
    site.control.clear_faults()
    assert run.outcomes == {"rejected": len(KEYS)}
    return run.execution.name


def test_no_command_prints_a_hostile_key_unescaped(site: Site, refused: str, cli: Cli) -> None:
    of_run = (*site.arguments, "--run", refused)
    in_bucket = (*site.arguments, "--bucket", BUCKET)
    shown = []
    for command in (
        ("failures", *of_run),
        ("report", *of_run),
        ("status", *of_run),
        ("watch", *of_run),
        ("list", *site.arguments),
        ("failures", *of_run, "--json"),
        ("report", *of_run, "--json"),
        ("export-manifest", *of_run),
        ("plan", *in_bucket),
        ("plan", *in_bucket, "--prefix", KEYS[2]),
        ("smoke", *site.arguments, "--yes", "--thaw", f"oss://{BUCKET}/{KEYS[0]}"),
        ("retry-failed", *of_run, "--yes", "--wait"),
        ("extend", *of_run, "--days", "2", "--yes", "--wait"),
        ("refreeze", *in_bucket, "--yes"),
        ("status", *site.arguments, "--run", KEYS[1]),
    ):
        finished = cli(*command)
        output = finished.out + finished.err
        assert all(line.isprintable() for line in output.split("\n")), (command, output)
        assert "\nAll 9 objects" not in output
        shown.append(output)
    assert SHOWN in shown[0]
    assert "a:fire:[red]x[/red]:ram:" in shown[0]
