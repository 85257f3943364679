"""Services, functions, and the validation of their settings.

In FC 2.0, functions belong to services; in FC 3.0, a function has the settings of a service itself.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from localcloud.errors import CloudError

RUNTIMES: Final = ("python3", "python3.9", "python3.10")  # FC 2.0's; docs 158208
FC3_RUNTIMES: Final = (*RUNTIMES, "python3.12")  # FC 3.0's; docs 2512973
MEMORY_MB: Final = (128, 32_768)
TIMEOUT_SECONDS: Final = (1, 86_400)
INITIALIZATION_SECONDS: Final = (1, 300)
INSTANCE_CONCURRENCY: Final = (1, 200)
ENVIRONMENT_BYTES: Final = 4_096

# Additional limits of FC 3.0 (CreateFunction of API version 2023-03-30).
_FC3_NAME_LENGTH: Final = 64
_MEMORY_STEP_MB: Final = 64
_CPU: Final = (0.05, 16)
_CPU_STEP: Final = 0.05
_GB_PER_CPU: Final = (1, 4)
_FC2_CPU_PER_GB: Final = 2 / 3
_DISK_MB: Final = (512, 10_240)

# Older pages reserve these in addition to the prefix FC_; refusing both is safest.
_RESERVED_VARIABLES: Final = frozenset(("accessKeyID", "accessKeySecret", "securityToken", "topic"))
_VARIABLE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")
_ENTRY_POINT: Final = re.compile(r"[A-Za-z_][\w/-]*(\.\w+)+")


@dataclass(frozen=True)
class LogConfig:
    """The logstore that a service's functions log to."""

    project: str
    logstore: str
    enable_request_metrics: bool = False
    enable_instance_metrics: bool = False


@dataclass(frozen=True)
class ServiceConfig:
    """The settings of a service.

    Attributes:
        role: ARN of the role that its functions run under, or empty.
    """

    description: str = ""
    role: str = ""
    internet_access: bool = True
    log_config: LogConfig | None = None


@dataclass(frozen=True)
class FunctionSettings:
    """The settings of a function, without its code. Memory in MB, times in seconds.

    ``instance_concurrency`` is stored, but instances here handle one invocation at a time.
    """

    handler: str
    runtime: str
    description: str = ""
    memory_size: int = 128
    timeout: int = 3
    initializer: str = ""
    initialization_timeout: int = 3
    environment: Mapping[str, str] = field(default_factory=dict)
    instance_concurrency: int = 1


@dataclass(frozen=True)
class Fc3Config(FunctionSettings):
    """The settings of a function of FC 3.0, without its code.

    Attributes:
        role: ARN of the role that it runs under, or empty.
        cpu: vCPUs; 0 for the service's choice.
        disk_size: size in MB.
    """

    role: str = ""
    internet_access: bool = True
    log_config: LogConfig | None = None
    cpu: float = 0
    disk_size: int = 512


@dataclass
class Function:
    """A function. Times are cloud time, in seconds since 1970."""

    name: str
    function_id: str
    config: FunctionSettings
    code_checksum: str
    code_size: int
    created_at: float
    modified_at: float


@dataclass
class Fc3Function(Function):
    """A function of FC 3.0."""

    config: Fc3Config
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class Service:
    """A service and its functions. Times are cloud time, in seconds since 1970."""

    name: str
    service_id: str
    config: ServiceConfig
    created_at: float
    modified_at: float
    functions: dict[str, Function] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


def check_name(kind: str, name: str) -> None:
    """Raise ``InvalidArgument`` for a name that a service or function cannot have."""
    if not _NAME.fullmatch(name):
        raise _invalid(
            f"{name!r} is not a valid {kind} name: at most 128 letters, digits, - and _,"
            " starting with a letter or _"
        )


def with_cpu(config: Fc3Config) -> Fc3Config:
    """Return the configuration with the vCPUs that the service chooses: the minimum (assumed)."""
    least = config.memory_size / 1024 / _GB_PER_CPU[1]
    steps = math.ceil(round(least / _CPU_STEP, 6))
    return config if config.cpu else replace(config, cpu=round(steps * _CPU_STEP, 2))


def vcpu_of(config: FunctionSettings) -> float:
    """Return a function's vCPUs; FC 2.0 has no setting, but 2/3 vCPU per GB (assumed)."""
    if isinstance(config, Fc3Config):
        return config.cpu
    steps = math.ceil(round(config.memory_size / 1024 * _FC2_CPU_PER_GB / _CPU_STEP, 6))
    return round(steps * _CPU_STEP, 2)


def check_fc3_name(name: str) -> None:
    """Raise ``InvalidArgument`` for a name that a function of FC 3.0 cannot have."""
    check_name("function", name)
    if len(name) > _FC3_NAME_LENGTH:
        raise _invalid(f"{name!r} is longer than {_FC3_NAME_LENGTH} characters")


def check_fc3_function(config: Fc3Config) -> None:
    """Validate a configuration like :func:`check_function`, with the rules of FC 3.0."""
    check_function(config, FC3_RUNTIMES)
    if config.memory_size % _MEMORY_STEP_MB:
        raise _invalid(
            f"memorySize is {config.memory_size}; it must be a multiple of {_MEMORY_STEP_MB}"
        )
    if config.disk_size not in _DISK_MB:
        raise _invalid(f"diskSize is {config.disk_size}; it must be one of {_DISK_MB}")
    _check_cpu(config.cpu, config.memory_size / 1024)


def _check_cpu(cpu: float, gigabytes: float) -> None:
    low, high = _CPU
    steps = cpu / _CPU_STEP
    if not low <= cpu <= high or not math.isclose(steps, round(steps)):
        raise _invalid(f"cpu is {cpu}; it must be a multiple of {_CPU_STEP}, {low} to {high}")
    least, most = _GB_PER_CPU
    if not least <= gigabytes / cpu <= most:
        raise _invalid(
            f"cpu is {cpu} with {gigabytes:g} GB; each vCPU must have {least} to {most} GB"
        )


def check_function(config: FunctionSettings, runtimes: Collection[str] = RUNTIMES) -> None:
    """Validate a configuration as FC does; ``InvalidArgument`` names the field."""
    if config.runtime not in runtimes:
        raise _invalid(
            f"runtime {config.runtime!r} is not offered; use one of {', '.join(runtimes)}"
        )
    _check_entry_point("handler", config.handler)
    if config.initializer:
        _check_entry_point("initializer", config.initializer)
    for name, value, (low, high) in (
        ("memorySize", config.memory_size, MEMORY_MB),
        ("timeout", config.timeout, TIMEOUT_SECONDS),
        ("initializationTimeout", config.initialization_timeout, INITIALIZATION_SECONDS),
        ("instanceConcurrency", config.instance_concurrency, INSTANCE_CONCURRENCY),
    ):
        if not low <= value <= high:
            raise _invalid(f"{name} is {value}; it must be {low} to {high}")
    _check_environment(config.environment)


def _check_entry_point(field_name: str, text: str) -> None:
    if not _ENTRY_POINT.fullmatch(text):
        raise _invalid(f"{field_name} {text!r} does not have the form file.function")


def _check_environment(environment: Mapping[str, str]) -> None:
    for name in environment:
        if not _VARIABLE.fullmatch(name):
            raise _invalid(
                f"environment variable {name!r}: use letters, digits and _, starting with a letter"
            )
        if name.startswith("FC_") or name in _RESERVED_VARIABLES:
            raise _invalid(f"environment variable {name!r} is reserved by the platform")
    # How the 4 KB are counted is not documented; assumed: names and values as UTF-8.
    size = sum(len(name.encode()) + len(value.encode()) for name, value in environment.items())
    if size > ENVIRONMENT_BYTES:
        raise _invalid(
            f"the environment variables have {size} bytes; the limit is {ENVIRONMENT_BYTES}"
        )


def _invalid(message: str) -> CloudError:
    return CloudError("InvalidArgument", message)
