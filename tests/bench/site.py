"""The local cloud for measurements: a fresh account with the product deployed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from oss_restore.cli.rehearsal.cdktf import Cdktf
from tests.bench.figures import Figure
from tests.bench.yardsticks import EMPTY_STACK, empty_app, in_turns
from tests.site import BUCKET, ENVIRONMENT, Site, change_file, deployed_site

# The quotas of a fresh account: the reference values of docs 122093 and 52930.
QUOTAS: Final[Mapping[str, float]] = {
    "step_entries_per_second": 100,
    "cold_archive_restores_per_second": 500,
    "deep_cold_archive_restores_per_second": 100,
}


@contextmanager
def bench_site(workdir: Path) -> Iterator[Site]:
    """Provide a deployment on a cloud with a fresh account's quotas, and an empty bucket."""
    with deployed_site(workdir, Cdktf) as site:
        site.control.set(QUOTAS)
        site.bucket().create_bucket()
        yield site


def allow_copies(site: Site, destination: str) -> None:
    """Let runs copy to a bucket, and deploy that."""
    change_file(
        site.environments / f"{ENVIRONMENT}.yaml",
        buckets=[{"name": BUCKET, "promote": True}],
        destinations=[{"name": destination}],
    )
    site.outputs.update(site.deployer.deploy(ENVIRONMENT))


def of_deploying(site: Site, folder: Path) -> list[Figure]:
    """Return the durations of cdktf for a deployment, and for one without changes.

    Args:
        site: the deployment.
        folder: a folder for an empty app, which is deployed in turns with it.

    Raises:
        RuntimeError: something has changed.
    """
    (folder / "empty").mkdir()
    reattach = site.endpoints.tf_reattach_providers
    app = empty_app(folder / "empty", environments=site.environments, reattach=reattach)

    def again() -> None:
        if changes := site.deployer.deploy_again(ENVIRONMENT):
            raise RuntimeError(f"the second deploy changed {changes} resources")

    second = in_turns(again, lambda: app.deploy_again(EMPTY_STACK), turns=1)
    first = site.deploy_seconds / (second.seconds / second.times)
    return [
        Figure("cdktf_deploy", round(site.deploy_seconds, 1), "s"),
        Figure("cdktf_deploy_over_empty_app", round(first, 2), "x", 3),
        Figure("cdktf_second_deploy", round(second.seconds, 1), "s"),
        Figure("cdktf_second_deploy_over_empty_app", round(second.times, 2), "x", 2),
    ]
