"""The two generations of Function Compute, and what each offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from infra.model.field_types import fault

Generation = Literal[2, 3]

# The bundle's requirements are locked for these; older runtimes (Python 3.9 on Debian 9, Python
# 3.6) cannot load them.
Runtime = Literal["python3.10", "python3.12"]

# How a flow refers to a function of generation 3; which form FDL v1 accepts is undocumented.
FunctionArnForm = Literal["full", "short", "latest"]

RUNTIMES: Final[Mapping[Generation, tuple[Runtime, ...]]] = {
    2: ("python3.10",),
    3: ("python3.10", "python3.12"),
}

# In public preview; docs 2512973.
PYTHON_3_12_REGIONS: Final = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-southeast-7",
        "cn-beijing",
        "cn-chengdu",
        "cn-hangzhou",
        "cn-hongkong",
        "cn-huhehaote",
        "cn-qingdao",
        "cn-shanghai",
        "cn-shenzhen",
        "cn-zhangjiakou",
        "eu-central-1",
        "eu-west-1",
        "us-east-1",
        "us-west-1",
    }
)

_MEMORY_STEP: Final[Mapping[Generation, int]] = {2: 1, 3: 64}  # MiB; CreateFunction of 2023-03-30


def check_runtime(runtime: Runtime, generation: Generation, region: str) -> None:
    """Raise a validation error for a runtime that is not offered."""
    if runtime not in RUNTIMES[generation]:
        raise fault(f"{runtime} needs generation 3", "runtime")
    if runtime == "python3.12" and region not in PYTHON_3_12_REGIONS:
        raise fault(f"{runtime} is not offered in {region}; use python3.10", "runtime")


def check_memory(memory: int, generation: Generation, function: str) -> None:
    """Raise a validation error for a memory size, in MiB, that is not offered."""
    step = _MEMORY_STEP[generation]
    if memory % step:
        message = f"{memory} is not a multiple of {step}, which generation {generation} requires"
        raise fault(message, f"functions.{function}.memory")
