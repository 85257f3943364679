"""The state of a run, read from its executions on a deployment."""

from __future__ import annotations

import oss2

from oss_restore.clients.context import DeploymentContext
from oss_restore.reporting.estimate import estimate_of
from oss_restore.runs.observer import Observer, observer_of
from oss_restore.runs.state import RunState
from tests.site import ENVIRONMENT, QUICK, Site, archived


def look(site: Site, name: str, *, back: bool = False) -> RunState:
    return Observer(site.workflow, site.deployment.main_flow, name).look(back=back)


def test_parallel_listers_are_shown_as_one_run(site: Site, bucket: oss2.Bucket) -> None:
    site.fill(archived(12))
    site.fill(archived(9, prefix="more/"))
    name = site.start(**QUICK, prefixes=["data/", "more/"])
    result = site.wait(name)
    assert result.verdict.exit_code == 0
    state = look(site, name, back=True)
    assert (state.shards, state.legs) == (2, 2)
    assert state.totals.outcomes == {"requested": 21}
    assert state.submitted[-1].objects == 21
    assert state.readable[-1].objects == 21
    counts = [point.objects for point in state.submitted]
    assert counts == sorted(counts)
    assert state.run_input is not None
    assert state.run_input.prefixes == ("data/", "more/")


def test_figures_cover_the_run_and_not_its_bucket_and_never_decrease(
    site: Site, bucket: oss2.Bucket
) -> None:
    site.fill(archived(90))
    site.fill(archived(30, prefix="elsewhere/"))
    bucket.put_object("data/", b"")
    name = site.start(**{**QUICK, "prefix": "data/", "maxKeys": 10})
    context = DeploymentContext(
        environment=ENVIRONMENT, folder=site.environments, cloud=site.endpoints_file
    )
    observer = observer_of(context, name)
    states = [observer.look()]
    while not states[-1].ended:
        states.append(observer.look(wait_seconds=1))
    for figures in (
        [state.counts.submitted for state in states],
        [state.readable_objects or 0 for state in states],
    ):
        assert figures == sorted(figures)
        assert figures[-1] == 90


def test_a_stopped_run_shows_its_progress(site: Site, bucket: oss2.Bucket) -> None:
    site.fill(archived(8))
    with site.control.held_clock():
        name = site.start(**QUICK)
        site.wait_for_step(name, "awaitReadable")
        site.stop(name)
        site.wait(name)
    state = look(site, name)
    assert state.result.execution.status == "Stopped"
    assert (state.counts.submitted, state.sent) == (8, True)
    assert estimate_of(state).all_readable is None


def test_a_run_with_wrong_input_has_no_objects(site: Site, bucket: oss2.Bucket) -> None:
    name = site.start(maxKeys=0)
    site.wait(name)
    state = look(site, name)
    assert (state.run_input, state.counts.submitted) == (None, 0)
    assert state.result.error.endswith("InvalidInput")
