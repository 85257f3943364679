"""The display of a run's flow, whose tasks are shown as the run reaches them."""

from __future__ import annotations

import io

import oss2

from oss_restore.cli.console import Terminal
from oss_restore.cli.flow_display import FlowDisplay
from tests.oss_restore.conftest import Cli
from tests.site import QUICK, Site, archived


def drawn(display: FlowDisplay) -> list[list[str]]:
    text = io.StringIO()
    Terminal(file=text, width=80).print(display.table())
    return [line.split() for line in text.getvalue().splitlines()]


def test_each_task_is_shown_with_its_state_and_reported_once(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    site.fill(archived(3))
    with site.control.held_clock():
        run = site.start(**QUICK)
        display = FlowDisplay(site.workflow, site.deployment.main_flow, run)
        site.wait_for_step(run, "awaitReadable")
        assert "init" in display.read()
        assert display.read() == []
        rows = drawn(display)
        assert ["✔", "init"] in rows
        assert ["●", "awaitReadable"] in rows
        assert ["·", "tellEnd"] in rows
        status = cli("status", *site.arguments, "--run", run)
        assert f"Next: oss-restore watch {' '.join(site.arguments)} --run {run}" in status.err
    site.wait(run)
    display.read()
    assert ["✔", "tellEnd"] in drawn(display)
    status = cli("status", *site.arguments, "--run", run)
    assert f"Next: oss-restore report {' '.join(site.arguments)} --run {run}" in status.err
