"""``oss-restore stop``, on a deployment."""

from __future__ import annotations

import oss2

from tests.oss_restore.conftest import Cli
from tests.site import Site, archived

SMALL_PAGES = {"maxKeys": 20, "groupSize": 20, "waitFor": "page", "pollInterval": 21_600}


def test_a_stopped_run_ends_and_the_next_one_pays_only_for_the_rest(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    site.fill(archived(60))
    with site.billing() as bill:
        with site.control.held_clock():
            name = site.start(**SMALL_PAGES)
            site.wait_for_step(name, "invokeRestoreFlow")
            stopped = cli("stop", "--yes", *site.arguments)
        assert stopped.status == 0, stopped.err
        assert stopped.err.startswith(f"Stopped {name}.")
        result = site.wait(name)
        assert (result.execution.status, result.error) == ("Stopped", "RunStopped")
        assert "stopped by" in result.cause
        again = site.run(**{**SMALL_PAGES, "waitFor": "run"})
    assert again.verdict.exit_code == 0
    assert again.summary["listed"] == again.outcomes.total() == 60
    assert bill["oss.requests.RestoreObject"] == 60
    assert site.census().unreadable == []

    status = cli("status", *site.arguments, "--run", name)
    assert status.status == 4
    assert "Stopped" in status.out
    repeated = cli("stop", "--yes", *site.arguments, "--run", name)
    assert repeated.status == 1
    assert "has already ended: Stopped" in repeated.err


def test_stopping_an_unknown_run_is_refused(site: Site, cli: Cli) -> None:
    finished = cli("stop", "--yes", *site.arguments, "--run", "no-such-run")
    assert finished.status == 3
    assert "ExecutionNotExists" in finished.err


def test_json_output_has_flow_run_and_status(site: Site, bucket: oss2.Bucket, cli: Cli) -> None:
    site.fill(archived(3))
    with site.control.held_clock():
        name = site.start(**SMALL_PAGES)
        finished = cli("stop", "--yes", *site.arguments, "--run", name, "--json")
    assert finished.json == {
        "flow": site.deployment.main_flow,
        "run": name,
        "status": "Stopped",
    }
