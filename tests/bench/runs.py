"""Thaws the same objects in three ways on the same cloud, and measures each."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Any, Final, Literal

import oss2

from localcloud.meters import FC_INVOCATIONS, FNF_TRANSITIONS, OSS_REQUESTS
from oss_restore.cli.rehearsal.cdktf import PROJECT
from oss_restore.cli.rehearsal.scenario import ARTICLE_INPUT, CHOSEN_INPUT
from oss_restore.clients.control_api import FunctionWork, SeedObject
from tests.bench.memory import PeakMemory
from tests.site import BUCKET, Site, empty
from thaw.storage_classes import ARCHIVE, DEFAULT_TIER, MAX_DAYS, THAW_SECONDS

Contender = Literal["article", "chosen", "machine"]
CONTENDERS: Final[tuple[Contender, ...]] = ("article", "chosen", "machine")
SETTINGS: Final[Mapping[Contender, Mapping[str, Any]]] = {
    "article": {**ARTICLE_INPUT, "waitFor": "page"},
    "chosen": CHOSEN_INPUT,
}
OBJECT_BYTES: Final = 2**20


@dataclass(frozen=True)
class Case:
    """Objects of one class, and the way to thaw them."""

    contender: Contender
    storage_class: str
    objects: int

    @property
    def prefix(self) -> str:
        """Return the prefix of a case's objects, which no other case has."""
        return f"{self.contender}/{self.storage_class}/{self.objects}/"

    def key(self, number: int) -> str:
        """Return the key of one of its objects."""
        return f"{self.prefix}folder-{number // 1000:06d}/object-{number:09d}.bin"


@dataclass(frozen=True)
class Measured:
    """A case, measured from its start until every object was readable.

    Attributes:
        cloud_seconds: duration on the cloud's clock.
        wall_seconds: duration on this machine's clock.
        peak_bytes: peak memory of this process, the cloud, the functions and the client together.
        meters: billed quantities.
        work: the work of each function.
    """

    case: Case
    cloud_seconds: float
    wall_seconds: float
    peak_bytes: int
    meters: Mapping[str, float] = field(default_factory=dict)
    work: Mapping[str, FunctionWork] = field(default_factory=dict)

    @property
    def requests(self) -> float:
        """Return the number of requests to OSS."""
        return sum(n for name, n in self.meters.items() if name.startswith(OSS_REQUESTS))

    @property
    def transitions(self) -> float:
        """Return the number of step transitions of Serverless Workflow."""
        return self.meters.get(FNF_TRANSITIONS, 0)

    @property
    def invocations(self) -> float:
        """Return the number of function calls."""
        return self.meters.get(FC_INVOCATIONS, 0)


class UnfinishedThawError(Exception):
    """A contender ended with unreadable objects, which would make its figures meaningless."""


def measure(site: Site, case: Case) -> Measured:
    """Fill the bucket, thaw, check, measure and empty it again.

    Raises:
        UnfinishedThawError: some objects cannot be read.
    """
    site.fill(
        SeedObject(key=case.key(n), size=OBJECT_BYTES, storage_class=case.storage_class)
        for n in range(case.objects)
    )
    thaw = _ready_machine(site, case) if case.contender == "machine" else partial(_run, site, case)
    cloud_started, started = site.control.now(), monotonic()
    with PeakMemory(os.getpid()) as peak, site.billing() as bill, site.working() as work:
        thaw()
        wall_seconds = monotonic() - started
        cloud_seconds = site.control.now() - cloud_started
    _check(site.bucket(), case)
    empty(site.bucket())
    return Measured(
        case,
        cloud_seconds=cloud_seconds,
        wall_seconds=wall_seconds,
        peak_bytes=peak.bytes,
        meters={name: amount for name, amount in bill.items() if amount},
        work=work,
    )


def days(case: Case) -> int:
    """Return the days that the objects must stay readable, so that all of them are at the end.

    One is enough, unless each page waits for its own thaw before the next one is sent.
    """
    if case.contender != "article":
        return 1
    tier = "" if case.storage_class == ARCHIVE else DEFAULT_TIER
    pages: int = -(-case.objects // ARTICLE_INPUT["maxKeys"])
    return min(
        MAX_DAYS[case.storage_class], 1 + pages * THAW_SECONDS[case.storage_class, tier] // 86_400
    )


def run_input(case: Case, endpoint: str) -> dict[str, Any]:
    """Return the input of the run that thaws a case's objects."""
    return {
        **SETTINGS[case.contender],
        "endpoint": endpoint,
        "bucketName": BUCKET,
        "prefix": case.prefix,
        "storageClasses": [case.storage_class],
        "days": days(case),
    }


def _run(site: Site, case: Case) -> None:
    result = site.run(**run_input(case, site.endpoints.oss))
    if result.verdict.exit_code:
        raise UnfinishedThawError(f"{case}: {result.verdict.sentence}")


def _ready_machine(site: Site, case: Case) -> Callable[[], None]:
    """Start the program and wait until it is ready: its interpreter's start is not measured."""
    program = [sys.executable, "-m", "tests.bench.one_machine"]
    arguments = [str(site.endpoints_file), BUCKET, case.prefix]
    process = subprocess.Popen(
        [*program, *arguments],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()

    def begin() -> None:
        process.communicate("\n")
        if process.returncode != 0:
            raise UnfinishedThawError(f"{case}: the program ended with {process.returncode}")

    return begin


def _check(bucket: oss2.Bucket, case: Case) -> None:
    readable = sum(
        'ongoing-request="false"' in (item.restore_info or "")
        for item in oss2.ObjectIteratorV2(bucket, prefix=case.prefix, max_keys=1000)
    )
    if readable != case.objects:
        raise UnfinishedThawError(f"{case}: only {readable} objects are readable")
