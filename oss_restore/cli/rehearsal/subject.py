"""The subject of a rehearsal: an environment, its buckets, and runs over their objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

from infra.model.generations import Generation, Runtime
from oss_restore.cli.rehearsal.notification_receiver import NotificationReceiver
from oss_restore.cli.rehearsal.objects import sample_objects
from oss_restore.clients.control_api import SeedObject
from oss_restore.clients.target import LocalEndpoints
from thaw.after_thaw import Goal

WriteFiles: TypeAlias = Callable[[Path, LocalEndpoints], Path]

ENVIRONMENT: Final = "rehearsal"
BUCKET: Final = "rehearsal-archive"
_OUTSIDE: Final = "outside-of-the-rehearsal/"


@dataclass(frozen=True)
class RehearsedBucket:
    """A bucket whose objects are thawed.

    Attributes:
        prefixes: prefixes of the objects that runs may thaw; empty for all objects.
        region: region of the bucket; empty for the cloud's region.
        versions: whether it keeps versions.
        longest_key: maximum bytes of a key, less than OSS's if copies get a prefix.
    """

    name: str
    prefixes: tuple[str, ...] = ()
    region: str = ""
    versions: bool = False
    longest_key: int = 1023

    def objects(self, count: int) -> Iterator[SeedObject]:
        """Make its objects, with its prefixes in turn, and a few that no run may thaw."""
        if not self.prefixes:
            yield from (item for item in sample_objects(count) if self._has_room(item.key))
            return
        for number, item in enumerate(sample_objects(count)):
            key = f"{self.prefixes[number % len(self.prefixes)]}{item.key}"
            if self._has_room(key):
                yield item.model_copy(update={"key": key})
        if not self.is_in_scope(_OUTSIDE):
            for item in sample_objects(3):
                yield item.model_copy(update={"key": _OUTSIDE + item.key})

    def is_in_scope(self, key: str) -> bool:
        """Return whether runs may thaw an object."""
        return not self.prefixes or key.startswith(self.prefixes)

    def _has_room(self, key: str) -> bool:
        return len(key.encode()) <= self.longest_key


@dataclass(frozen=True)
class RehearsedRun:
    """A run with its goal.

    Attributes:
        bucket: the bucket of its objects.
        given: the run's input; its default endpoint is the local cloud's.
        goal: the goal of the run.
        destination: bucket and prefix of its copies.
    """

    bucket: RehearsedBucket
    given: Mapping[str, Any]
    goal: Goal = "thaw"
    destination: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class RehearsalSubject:
    """The subject of a rehearsal.

    Attributes:
        environment: name of the environment.
        runs: the runs, in order.
        write_files: writes the environment's file for a local cloud, and returns its folder.
        cloud_arguments: further arguments of ``oss-restore cloud``.
        other_buckets: further buckets that must exist.
        variables: Terraform's variables.
        runtime: runtime of the functions.
        offline: whether the deployment is isolated from all other machines.
        receiver: receiver of the environment's notifications.
        not_rehearsed: texts about parts of the environment that a local cloud does not support.
    """

    environment: str
    runs: tuple[RehearsedRun, ...]
    write_files: WriteFiles
    cloud_arguments: tuple[str, ...] = ()
    other_buckets: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    runtime: Runtime = "python3.10"
    offline: bool = False
    receiver: NotificationReceiver | None = None
    not_rehearsed: tuple[str, ...] = ()

    @property
    def buckets(self) -> list[RehearsedBucket]:
        """The buckets with runs."""
        return list(dict.fromkeys(run.bucket for run in self.runs))


def standard_subject(run_input: Mapping[str, Any], generation: Generation) -> RehearsalSubject:
    """Make an environment with one bucket.

    Args:
        run_input: input of the run; endpoint and bucket are filled in.
        generation: generation of Function Compute.
    """

    def write_files(workdir: Path, endpoints: LocalEndpoints) -> Path:
        return write_environment(
            workdir, endpoints, name=ENVIRONMENT, bucket=BUCKET, generation=generation
        )

    given = {name: value for name, value in run_input.items() if name != "endpoint"}
    return RehearsalSubject(
        ENVIRONMENT, (RehearsedRun(RehearsedBucket(BUCKET), given),), write_files
    )


def write_environment(
    workdir: Path,
    endpoints: LocalEndpoints,
    *,
    name: str,
    bucket: str,
    generation: Generation = 2,
) -> Path:
    """Write the environment file for a deployment to a local cloud, and return its folder.

    It differs from a usual one in its endpoints and limits.

    Args:
        workdir: folder for the environments folder and Terraform's state.
        endpoints: endpoints of the local cloud.
        name: name of the environment.
        bucket: bucket whose objects its runs may thaw.
        generation: generation of Function Compute.
    """
    document = {
        "name": name,
        "account": endpoints.account_id,
        "region": endpoints.region,
        "generation": generation,
        "buckets": [{"name": bucket}],
        "report": {"endpoint": endpoints.oss},
        # A few processes replace many instances, and so should not be limited in speed.
        "limits": {"objects_per_second": 100_000, "steps_per_second": 10_000},
        "backend": {"local": {"path": str(workdir / "terraform.tfstate")}},
        "provider": {
            "protocol": "HTTP",
            "endpoints": {
                product: getattr(endpoints, product)
                for product in ("fc", "fnf", "oss", "ram", "sts")
            },
        },
    }
    folder = workdir / "environments"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    return folder
