"""The figures of each contender, measured or computed by the model, in the same terms."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from localcloud.meters import OSS_REQUESTS
from localcloud.settings import MachineLimits
from oss_restore.planning.forecast.course import (
    CALL,
    Operations,
    gb_seconds,
    vcpu_seconds,
)
from oss_restore.planning.forecast.model import DeploymentSettings, Forecast, forecast
from oss_restore.planning.forecast.workload import Quotas, Workload
from tests.bench.figures import Source
from tests.bench.one_machine import POLL_SECONDS, SENDERS
from tests.bench.runs import OBJECT_BYTES, Case, Measured, days, run_input
from thaw.chosen_settings import Allowance
from thaw.own_work import Speeds
from thaw.prices import Prices
from thaw.run_input import RunInput
from thaw.run_input_parser import parse_run_input
from thaw.storage_classes import ARCHIVE, DEFAULT_TIER, THAW_SECONDS
from thaw.usage import GIB, Retrieval, Usage

# The settings of the measured deployment (oss_restore.cli.rehearsal.environment_file).
ALLOWANCE: Final = Allowance(objects_per_second=100_000, steps_per_second=10_000)
_RESTORE: Final = "RestoreObject"
_QUOTAS: Final = Quotas(instances=MachineLimits().processes_per_function)
_DEFAULT_SECONDS: Final = Speeds().read


@dataclass(frozen=True)
class Taken:
    """The figures of a case.

    Attributes:
        source: whether they were measured, or come from the model.
        cpu_seconds: CPU time of the functions' processes; None where nothing ran.
        peak_bytes: peak memory of all processes together; None where nothing ran.
    """

    case: Case
    source: Source
    cloud_seconds: float
    wall_seconds: float
    usage: Usage
    cpu_seconds: float | None = None
    peak_bytes: int | None = None

    def per_thousand(self, amount: float) -> float:
        """Return an amount per 1,000 objects."""
        return amount * 1000 / self.case.objects

    def money(self, prices: Prices) -> float:
        """Return the cost of 1,000 objects in CNY, as far as prices are known."""
        return self.per_thousand(self.usage.bill(prices).known)


def taken(measured: Measured) -> Taken:
    """Convert a measurement to these terms."""
    requests = {
        name.removeprefix(OSS_REQUESTS): amount
        for name, amount in measured.meters.items()
        if name.startswith(OSS_REQUESTS)
    }
    restores = requests.pop(_RESTORE)
    usage = Usage(
        retrievals=(_retrieval(measured.case, restores),),
        requests=requests,
        transitions=measured.transitions,
        invocations=measured.invocations,
        vcpu_seconds=0.0,
        gb_seconds=0.0,
    )
    counted = {name: {CALL: work.calls, **work.requests} for name, work in measured.work.items()}
    return Taken(
        measured.case,
        "measured",
        cloud_seconds=measured.cloud_seconds,
        wall_seconds=measured.wall_seconds,
        usage=_by_work(measured.case, usage, counted),
        cpu_seconds=sum(work.cpuSeconds for work in measured.work.values()),
        peak_bytes=measured.peak_bytes,
    )


def _by_work(case: Case, usage: Usage, counted: Mapping[str, Mapping[str, float]]) -> Usage:
    """Return the usage with the durations that its calls and requests have in the cloud.

    A call's duration here depends on what else this machine did. So measured and predicted calls
    and requests are only counted, and the model's duration is used for each.

    Args:
        case: the case.
        usage: its usage without durations.
        counted: the number of calls and requests of each function.
    """
    if case.contender == "machine":
        return usage
    predicted = expected(case, Speeds()).work
    seconds = {
        name: sum(
            count * _seconds_of(predicted[name].get(kind), kind)
            for kind, count in counted.get(name, {}).items()
        )
        for name in predicted
    }
    sizes = DeploymentSettings().functions
    return replace(
        usage, vcpu_seconds=vcpu_seconds(seconds, sizes), gb_seconds=gb_seconds(seconds, sizes)
    )


def _seconds_of(done: Operations | None, kind: str) -> float:
    """Return a call's or request's duration; one that the model does not know counts as a read."""
    return done.seconds / done.count if done and done.count else _DEFAULT_SECONDS


def _retrieval(case: Case, objects: float) -> Retrieval:
    tier = "" if case.storage_class == ARCHIVE else DEFAULT_TIER
    return Retrieval(case.storage_class, tier, objects, objects * OBJECT_BYTES / GIB, days(case))


def settings(case: Case) -> RunInput:
    """Return the settings of a case's run."""
    given = run_input(case, "oss-cn-hangzhou.aliyuncs.com")
    return parse_run_input(given, foreach_limit=100, allowance=ALLOWANCE)


def workload(case: Case) -> Workload:
    """Return a case's objects."""
    return Workload({case.storage_class: case.objects}, OBJECT_BYTES)


def expected(case: Case, speeds: Speeds) -> Forecast:
    """Return the model's forecast of a case where calls have these durations."""
    return forecast(
        workload(case),
        settings(case),
        quotas=_QUOTAS,
        speeds=speeds,
        deployment=DeploymentSettings(allowance=ALLOWANCE),
    )


class Machine:
    """The model with this machine's speed in place of the cloud's.

    The local cloud waits as long as the cloud does, but its functions and its OSS are only as fast
    as two processes of this machine, which a reference run shows. So a prediction for the reference
    itself compares work and waits, and one for other sizes assumes the same speed.

    Args:
        reference: the run that determines the speed.
    """

    def __init__(self, reference: Taken) -> None:
        case = reference.case
        if case.contender == "machine":
            self._call_seconds = reference.wall_seconds / reference.usage.all_requests
            return
        once = expected(case, Speeds())
        self._speeds = Speeds().scaled(reference.wall_seconds / once.busy_seconds)

    def predict(self, case: Case) -> Taken:
        """Predict a case of the same contender and class."""
        if case.contender == "machine":
            return one_machine(case, self._call_seconds)
        found = expected(case, self._speeds)
        counted: dict[str, Mapping[str, float]] = {
            name: {kind: operation.count for kind, operation in operations.items()}
            for name, operations in found.work.items()
        }
        return Taken(
            case,
            "model",
            cloud_seconds=found.total_seconds,
            wall_seconds=found.busy_seconds,
            usage=_by_work(case, found.usage, counted),
        )


def one_machine(case: Case, call_seconds: float) -> Taken:
    """Return the figures of the program on one machine for this duration of a request.

    It lists while it sends; then it lists everything until the last object is readable.
    """
    tier = "" if case.storage_class == ARCHIVE else DEFAULT_TIER
    listings = -(-case.objects // 1000)
    sending, listing = case.objects * call_seconds, listings * call_seconds
    size = workload(case).bytes_of(case.storage_class)
    queue = Quotas().thawing_seconds(case.storage_class, case.objects, size)
    thaw = THAW_SECONDS[case.storage_class, tier] + max(0.0, queue - sending)
    poll = POLL_SECONDS[case.storage_class]
    looks = 1 + math.ceil(max(0.0, thaw - listing) / (poll + listing))
    seconds = sending + looks * listing + (looks - 1) * poll
    return Taken(
        case,
        "model",
        cloud_seconds=seconds,
        wall_seconds=sending + looks * listing,
        usage=Usage(
            retrievals=(_retrieval(case, case.objects),),
            requests={"ListObjects": (1 + looks) * listings},
            transitions=0,
            invocations=0,
            vcpu_seconds=0,
            gb_seconds=0,
        ),
    )


def copying_forecast(objects: int, storage_class: str, object_bytes: int) -> Forecast:
    """Forecast a run that copies what it has thawed, with an account's own quotas."""
    given = {
        "endpoint": "oss-cn-hangzhou.aliyuncs.com",
        "bucketName": "my-archive",
        "storageClasses": [storage_class],
        "then": {"copy": {"bucketName": "my-copies"}},
    }
    run = parse_run_input(given, foreach_limit=100)
    return forecast(Workload({storage_class: objects}, object_bytes), run)


def machine_in_the_cloud(objects: int, latency: float) -> float:
    """Return the seconds until so many Archive objects are readable with the one program.

    This favours the program: only the network takes time. One lister returns 1,000 keys in 0.4 s.

    Args:
        objects: the number of objects.
        latency: seconds of a RestoreObject request.
    """
    a_second = min(SENDERS / latency, 1000 / Speeds().listing)
    looking = objects / 1000 * Speeds().listing
    return objects / a_second + max(THAW_SECONDS[ARCHIVE, ""], looking)


QUANTITIES: Final[Mapping[str, str]] = {
    "cloud_seconds": "cloud time",
    "requests": "OSS requests",
    "transitions": "step transitions",
    "invocations": "FC invocations",
    "gb_seconds": "GB-seconds",
    "money": "money",
}


def quantities(found: Taken, prices: Prices) -> Mapping[str, float]:
    """Return the quantities that the model is compared by."""
    return {
        "cloud_seconds": found.cloud_seconds,
        "requests": found.usage.all_requests,
        "transitions": found.usage.transitions,
        "invocations": found.usage.invocations,
        "gb_seconds": found.usage.gb_seconds,
        "money": found.usage.bill(prices).known,
    }


def deviations(
    pairs: Iterable[tuple[Taken, Taken]], prices: Prices
) -> Mapping[str, tuple[float, Case]]:
    """Return the largest deviation of each quantity, in percent of the measurement."""
    worst: dict[str, tuple[float, Case]] = {}
    for measured, predicted in pairs:
        predictions = quantities(predicted, prices)
        for name, value in quantities(measured, prices).items():
            off = abs(predictions[name] - value) / value * 100 if value else 0.0
            if name not in worst or off > worst[name][0]:
                worst[name] = (off, measured.case)
    return worst
