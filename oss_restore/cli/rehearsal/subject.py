"""What a rehearsal is of: an environment, its buckets, and the runs in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from infra.model.generations import Generation, Runtime
from oss_restore.cli.rehearsal.environment_file import write_environment
from oss_restore.cli.rehearsal.notification_receiver import NotificationReceiver
from oss_restore.cli.rehearsal.objects import sample_objects
from oss_restore.clients.control_api import SeedObject
from oss_restore.clients.target import LocalEndpoints

Goal: TypeAlias = Literal["thaw", "copy", "promote"]
WriteFiles: TypeAlias = Callable[[Path, LocalEndpoints], Path]

ENVIRONMENT: Final = "rehearsal"
BUCKET: Final = "rehearsal-archive"
_OUTSIDE: Final = "outside-of-the-rehearsal/"


@dataclass(frozen=True)
class RehearsedBucket:
    """A bucket whose objects are thawed.

    Attributes:
        prefixes: the places in it that runs may touch; empty for all of it.
        region: where it is, if that is not the cloud's region.
        versions: whether it keeps versions.
        longest_key: in bytes; copies may need room for a prefix.
    """

    name: str
    prefixes: tuple[str, ...] = ()
    region: str = ""
    versions: bool = False
    longest_key: int = 1023

    def objects(self, count: int) -> Iterator[SeedObject]:
        """Make its objects: in the places in turn, and a few where no run may touch them."""
        if not self.prefixes:
            yield from (one for one in sample_objects(count) if self._has_room(one.key))
            return
        for number, one in enumerate(sample_objects(count)):
            key = f"{self.prefixes[number % len(self.prefixes)]}{one.key}"
            if self._has_room(key):
                yield one.model_copy(update={"key": key})
        if not self.is_in_scope(_OUTSIDE):
            for one in sample_objects(3):
                yield one.model_copy(update={"key": _OUTSIDE + one.key})

    def is_in_scope(self, key: str) -> bool:
        """Whether runs may touch an object."""
        return not self.prefixes or key.startswith(self.prefixes)

    def _has_room(self, key: str) -> bool:
        return len(key.encode()) <= self.longest_key


@dataclass(frozen=True)
class RehearsedRun:
    """A run, and what it is to achieve.

    Attributes:
        given: its input; an endpoint that is left out is the local cloud's own.
        destination: of copies, bucket and prefix.
    """

    bucket: RehearsedBucket
    given: Mapping[str, Any]
    goal: Goal = "thaw"
    destination: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class RehearsalSubject:
    """What a rehearsal is of.

    Attributes:
        environment: its name.
        runs: one after another.
        write_files: writes the environment's file for a local cloud, and returns its folder.
        cloud_arguments: of ``oss-restore cloud``.
        other_buckets: that must be there, too.
        variables: of Terraform.
        runtime: of the functions.
        offline: whether the deployment is cut off from every other machine.
        receiver: of the environment's notifications.
        not_rehearsed: what of the environment a local cloud does not show, in words.
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
        """Those with runs in them."""
        return list(dict.fromkeys(run.bucket for run in self.runs))


def standard_subject(run_input: Mapping[str, Any], generation: Generation) -> RehearsalSubject:
    """Make up an environment with one bucket.

    Args:
        run_input: of the run; endpoint and bucket are filled in.
        generation: of Function Compute.
    """

    def write_files(workdir: Path, endpoints: LocalEndpoints) -> Path:
        return write_environment(
            workdir, endpoints, name=ENVIRONMENT, bucket=BUCKET, generation=generation
        )

    given = {name: value for name, value in run_input.items() if name != "endpoint"}
    return RehearsalSubject(
        ENVIRONMENT, (RehearsedRun(RehearsedBucket(BUCKET), given),), write_files
    )
