"""Warnings of every command about a run before its readable copies expire."""

from __future__ import annotations

import shlex
from pathlib import Path

import oss2
import pytest

from oss_restore.clients.control_api import SeedObject
from tests.oss_restore.conftest import Cli
from tests.site import QUICK, Site
from thaw.standings import Standings
from thaw.verdict import Verdict

HOUR = 3600
DAY = 24 * HOUR


@pytest.mark.parametrize(("days", "notice"), [(1, DAY / 4), (2, DAY / 2), (4, DAY), (30, DAY)])
def test_the_warning_appears_a_day_before_or_in_the_last_quarter(days: int, notice: float) -> None:
    standings = Standings()
    standings.record_look(1_000_000)
    standings.count("Archive", "readable", expiry=1_000_000 + days * DAY)  # type: ignore[arg-type]
    assert Verdict(standings).expiry_notice == notice


def test_a_copy_that_expires_soon_is_reported_with_the_command_to_extend_it(
    site: Site, bucket: oss2.Bucket, cli: Cli, tmp_path: Path
) -> None:
    site.fill(SeedObject(key=key, size=10, storage_class="Archive") for key in "abc")
    name = site.run(**QUICK, days=4).execution.name
    of_run = (*site.arguments, "--run", name)
    command = ["oss-restore", "extend", *site.arguments, "--run", name, "--days", "DAYS"]
    listing = ("list", *site.arguments)
    commands = (("status", *of_run), ("watch", *of_run), ("report", *of_run), listing)
    for arguments in commands:
        lines = cli(*arguments).err.splitlines()  # a list warns about other runs, too
        assert [line for line in lines if name in line and "expire" in line] == []

    site.control.advance(3.5 * DAY)
    for arguments in commands:
        warning = cli(*arguments).err
        assert "the first copy expires in" in warning.lower()
        assert shlex.join(command) in warning
    page = tmp_path / "page.html"
    cli("report", *of_run, "--html", str(page))
    assert f"extend {site.arguments[0]}" in page.read_text()

    kept = cli(*command[1:-1], "2", "--yes", "--wait", "--json")
    assert kept.json["summary"]["outcomes"] == {"extended": 3}
    site.control.advance(DAY)
    assert "The first copy expired at" in cli("status", *of_run).err
    site.control.advance(DAY)
    assert "expires in" in cli(*listing).err  # about the run that has extended them
