"""The settings of a local cloud: identity, limits and switches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from typing import Annotated, Any, Final, Literal, TypeAlias, get_args, get_origin, get_type_hints

from pydantic import Field, TypeAdapter, ValidationError

from fdl.semantics import Semantics

Bytes: TypeAlias = Annotated[int, Field(ge=2, le=2**30)]
Count: TypeAlias = Annotated[int, Field(ge=1, le=10**6)]
Rate: TypeAlias = Annotated[float, Field(gt=0, le=10**9, allow_inf_nan=False)]


@dataclass(frozen=True)
class Limits:
    """The documented limits of the services (limits pages of Serverless Workflow, FC and OSS).

    A rate of None means no limit.
    """

    step_bytes: Bytes = 32_768  # input + output + local of a step
    event_bytes: Bytes = 32_768
    events_per_execution: Count = 5_000
    foreach_iterations: Count = 100
    parallel_branches: Count = 100
    step_entries_per_second: Rate | None = None  # the service's bucket: 100, refilled at 100/s
    wait_seconds: Annotated[int, Field(ge=1, le=366 * 86_400)] = 172_800
    api_calls_per_second: Rate | None = None
    running_executions: Count = 10_000
    child_depth: Count | None = None
    fc_instances: Count = 300
    cold_archive_restores_per_second: Rate | None = None  # documented reference value: 500
    deep_cold_archive_restores_per_second: Rate | None = None  # 100


@dataclass(frozen=True)
class MachineLimits:
    """How much of this machine functions may use.

    Attributes:
        processes_per_function: maximum number of processes per function. Unlike in the cloud,
            further calls queue.
        idle_seconds: seconds of wall time after which an idle process ends. The cloud keeps idle
            instances for some minutes; on this machine they would use memory.
    """

    processes_per_function: Count = 2
    idle_seconds: Annotated[float, Field(ge=0, le=86_400)] = 15


@dataclass(frozen=True)
class ThawTimes:
    """Minimum and maximum duration of a thaw in seconds, by class and tier.

    The maximums are documented (docs 52930), and so are the minimums of ColdArchive's Standard and
    Bulk; the other minimums are assumed.

    Attributes:
        spread: with 0 every thaw takes the maximum; with 1 durations are spread evenly.
    """

    archive: tuple[float, float] = (60, 60)
    cold_archive_expedited: tuple[float, float] = (600, 3_600)
    cold_archive_standard: tuple[float, float] = (7_200, 18_000)
    cold_archive_bulk: tuple[float, float] = (18_000, 43_200)
    deep_cold_archive_expedited: tuple[float, float] = (3_600, 43_200)
    deep_cold_archive_standard: tuple[float, float] = (43_200, 172_800)
    spread: float = 0


@dataclass(frozen=True)
class Switches:
    """Undocumented behaviour of the real services, except the language; safest value first.

    Attributes:
        foreach_over_limit: more items than may run at once: an error, or they queue.
        foreach_over_empty: an empty list is allowed, or an error.
        failing_iteration: the others run to completion, or are cancelled.
        size_measure: JSON text as UTF-8, or with non-ASCII characters escaped.
        event_counts: events of a task, choice, branch and iteration: the upper or lower estimate.
        exception_name: a function's exception reaches the flow as its bare class name, with the
            prefix ``FC.``, or matches both.
        default_task_timeout: seconds after which a task without ``timeoutSeconds`` times out.
        timeout_scope: ``timeoutSeconds`` applies to each attempt, or to all of them together.
        retry_counter: attempts are counted per policy, or per step.
        retry_jitter: retry delays as documented, or a random part of them.
        retries_are_transitions: whether a retry is billed as a step transition.
        nameless_child_error: error name of a child that failed without one.
        nameless_function_error: error name of a function that ended without raising: it timed
            out, ran out of memory, or its process exited.
        second_report: the second report on a callback token.
        stop_ended_execution: StopExecution of an execution that has already ended.
        lower_tier_error: OSS's response to a slower tier while an object is thawing.
        faster_tier: OSS's response to a faster tier while an object is thawing: according to the
            documentation since May 2025 it is accepted, before that every repeat was refused with
            409.
        bad_days_error: OSS's response to days that are not a number or out of range.
        clean_restored_status: OSS's status for a cleaned replica.
    """

    foreach_over_limit: Literal["error", "queue"] = "error"
    foreach_over_empty: Literal["ok", "error"] = "ok"
    failing_iteration: Literal["fail_after_all", "cancel_others"] = "fail_after_all"
    size_measure: Literal["compact", "escaped"] = "compact"
    event_counts: Literal["upper", "lower"] = "upper"
    exception_name: Literal["bare", "fc_prefixed", "both"] = "bare"
    default_task_timeout: Literal["none", "600"] = "none"
    timeout_scope: Literal["per_attempt", "total"] = "per_attempt"
    retry_counter: Literal["per_policy", "per_step"] = "per_policy"
    retry_jitter: Literal["none", "full"] = "none"
    retries_are_transitions: Literal["no", "yes"] = "no"
    nameless_child_error: Literal["FnF.RuntimeError", "FnF.TaskTimeout"] = "FnF.RuntimeError"
    nameless_function_error: Literal["FC.Unknown", "FC.InternalServerError"] = "FC.Unknown"
    second_report: Literal["error", "ignore"] = "error"
    stop_ended_execution: Literal["error", "ignore"] = "error"
    lower_tier_error: Literal["409 RestoreAlreadyInProgress", "400 InvalidArgument"] = (
        "409 RestoreAlreadyInProgress"
    )
    faster_tier: Literal["202", "200", "409"] = "202"
    bad_days_error: Literal["MalformedXML", "InvalidArgument"] = "MalformedXML"
    clean_restored_status: Literal["200", "204"] = "200"


@dataclass(frozen=True)
class Settings:
    """The settings of a local cloud.

    Attributes:
        account_id: the account that the root key belongs to.
        region: the only region.
        time_lapse: whether waits take no wall time.
        offline: whether functions are refused connections to other hosts.
        seed: seed of faults and jitter, which makes them repeatable.
        builtin_packages: whether functions have their runtime's built-in packages.
    """

    account_id: str = "1234567890123456"
    region: str = "cn-hangzhou"
    time_lapse: bool = True
    offline: bool = False
    seed: int = 0
    builtin_packages: Literal["absent", "present"] = "absent"
    machine: MachineLimits = field(default_factory=MachineLimits)
    limits: Limits = field(default_factory=Limits)
    thaw_times: ThawTimes = field(default_factory=ThawTimes)
    semantics: Semantics = field(default_factory=Semantics)
    switches: Switches = field(default_factory=Switches)

    def by_name(self) -> dict[str, object]:
        """Return the settings that can be changed while the cloud runs."""
        parts = (self.switches, self.semantics, self.limits, self.machine)
        named = {name: value for part in parts for name, value in asdict(part).items()}
        return {**named, _PACKAGES: self.builtin_packages}


@cache
def _choices(kind: type[Switches | Semantics | Settings]) -> dict[str, tuple[str, ...]]:
    """Return the values of each field that is a choice; cached, since type hints are slow."""
    hints = get_type_hints(kind)
    return {name: get_args(hint) for name, hint in hints.items() if get_origin(hint) is Literal}


def switches() -> dict[str, tuple[str, ...]]:
    """Return every switch by name, with its values; the first is the default."""
    return _choices(Semantics) | _choices(Switches)


def _limit(limits: type[Limits | MachineLimits], name: str, value: str | float | None) -> Any:
    try:
        kind = get_type_hints(limits, include_extras=True)[name]
        return TypeAdapter(kind).validate_python(None if value == "none" else value)
    except ValidationError as error:
        raise ValueError(f"{name}: {error.errors()[0]['msg']}, not {value!r}") from error


_PACKAGES: Final = "builtin_packages"


def override(settings: Settings, changes: Mapping[str, str | float | None]) -> Settings:
    """Return the settings with some switches and limits changed, by name.

    Args:
        settings: the original settings.
        changes: the new values, as numbers or text; ``none`` or None disables a limit.

    Raises:
        ValueError: the switch, limit or value does not exist.
    """
    semantics, chosen = settings.semantics, settings.switches
    limits, machine = settings.limits, settings.machine
    choices = switches() | _choices(Settings)
    for name, value in changes.items():
        change: dict[str, Any] = {name: str(value)}
        if name in choices and str(value) not in choices[name]:
            raise ValueError(f"{name} must be one of {', '.join(choices[name])}, not {value!r}")
        if hasattr(semantics, name):
            semantics = replace(semantics, **change)
        elif hasattr(chosen, name):
            chosen = replace(chosen, **change)
        elif name == _PACKAGES:
            settings = replace(settings, **change)
        elif hasattr(limits, name):
            limits = replace(limits, **{name: _limit(Limits, name, value)})
        elif hasattr(machine, name):
            machine = replace(machine, **{name: _limit(MachineLimits, name, value)})
        else:
            raise ValueError(f"there is no switch or limit named {name!r}")
    return replace(settings, semantics=semantics, switches=chosen, limits=limits, machine=machine)
