"""The local cloud that runs are measured on: a fresh account, and the product deployed into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Final

from tests.bench.figures import Figure
from tests.site import ENVIRONMENT, Site, deployed_site

# What a fresh account has: the reference values of docs 122093 and 52930.
QUOTAS: Final[Mapping[str, float]] = {
    "step_entries_per_second": 100,
    "cold_archive_restores_per_second": 500,
    "deep_cold_archive_restores_per_second": 100,
}


@contextmanager
def bench_site(workdir: Path) -> Iterator[Site]:
    """A deployment on a cloud with a fresh account's quotas, and an empty bucket."""
    with deployed_site(workdir) as site:
        site.control.set(QUOTAS)
        site.bucket().create_bucket()
        yield site


def of_deploying(site: Site) -> list[Figure]:
    """Seconds that cdktf took to deploy, and takes to find that nothing changes.

    Raises:
        RuntimeError: something did change.
    """
    started = perf_counter()
    changes = site.cdktf.deploy_again(ENVIRONMENT)
    if changes:
        raise RuntimeError(f"the second deploy changed {changes} resources")
    return [
        Figure("cdktf_deploy", round(site.deploy_seconds, 1), "s", 10),
        Figure("cdktf_second_deploy", round(perf_counter() - started, 1), "s", 8),
    ]
