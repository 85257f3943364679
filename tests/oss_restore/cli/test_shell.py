"""A run followed and stopped from a shell, each command in a separate process."""

from __future__ import annotations

import json

import oss2
from click.shell_completion import ShellComplete

from oss_restore.cli.program import NAME, program
from tests.oss_restore import shell
from tests.site import Site, archived


def test_a_run_can_be_followed_and_stopped(site: Site, bucket: oss2.Bucket) -> None:
    site.fill(archived(6))
    with site.control.held_clock():
        run = site.start(groupSize=10, pollInterval=21_600)
        site.wait_for_step(run, "awaitReadable")
        status, out, _ = shell.run("status", *site.arguments, "--json")
        assert (status, json.loads(out)["status"]) == (5, "Running")
        status, out, err = shell.run("stop", "--yes", *site.arguments)
        assert (status, out) == (0, "")
        assert err.startswith(f"Stopped {run}.")
    site.wait(run)
    assert completed("status", *site.arguments, "--run", start=run[:-2]) == [run]
    assert completed("status", *site.arguments, "--run", start="other-") == []
    status, out, err = shell.run("status", *site.arguments, "--run", run)
    assert status == 4
    assert "RunStopped" in out
    assert out.startswith("run ")


def completed(*arguments: str, start: str) -> list[str]:
    """Return what a shell completes the start of a word after these arguments to."""
    shell_complete = ShellComplete(program, {}, NAME, "_OSS_RESTORE_COMPLETE")
    return [item.value for item in shell_complete.get_completions(list(arguments), start)]


def test_invoking_a_function_that_raises_exits_1(site: Site) -> None:
    status, out, err = shell.run("invoke", *site.arguments[:1], "prepareRun", *site.arguments[1:])
    assert (status, out) == (1, "")
    assert "prepareRun raised InvalidInput" in err
