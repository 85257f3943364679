"""The parse tree of a flow in the flow language (FDL v1).

Everything here is immutable and has passed the parser: names are resolved, paths are compiled, and
every ``goto`` names a sibling. The fields come from the FDL documentation (122492 to 122501) and
from the schema of the vendor's editor plug-in.
"""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from fdl import values
from fdl.expressions import Condition
from fdl.paths import Path

Json: TypeAlias = values.Json

ALL_ERRORS = "FnF.ALL"


@dataclass(frozen=True, slots=True)
class Constant:
    """A mapping source that is not a path, but a literal value."""

    value: Json


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """An entry of inputMappings, outputMappings or errorMappings.

    ``source`` is None if the flow omits it (an open question, see ``Semantics``).
    """

    target: str
    source: Path | Constant | None


@dataclass(frozen=True, slots=True)
class Retry:
    """A retry policy of a task. Times are in seconds; ``max_attempts`` counts only retries."""

    errors: tuple[str, ...]
    interval_seconds: float = 1
    max_interval_seconds: float = 86_400
    max_attempts: int = 3
    multiplier: float = 2


@dataclass(frozen=True, slots=True)
class Catch:
    """Where a task continues after an error that retries did not resolve."""

    errors: tuple[str, ...]
    goto: str


@dataclass(frozen=True, slots=True)
class FunctionTarget:
    """A function of Function Compute.

    ``service`` is empty for FC 3.0; an empty region or account means the flow's own.
    """

    service: str
    qualifier: str
    function: str
    region: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class FlowTarget:
    """A child flow."""

    flow: str
    region: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class MessageTarget:
    """A topic or queue of Message Service."""

    kind: Literal["topics", "queues"]
    name: str
    region: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class ApiTarget:
    """Any other service: an ARN or an ``action`` such as ``fnf:StartExecution``."""

    name: str


Target: TypeAlias = FunctionTarget | FlowTarget | MessageTarget | ApiTarget
Pattern: TypeAlias = Literal["requestResponse", "sync", "waitForCallback"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _StepBase:
    """The fields of every step. Mappings are None if omitted (the default applies)."""

    name: str
    line: int  # line number in the definition, from 1
    input_mappings: tuple[FieldMapping, ...] | None = None
    output_mappings: tuple[FieldMapping, ...] | None = None
    end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(_StepBase):
    """Calls a function, a child flow or another service.

    ``service_params`` values are paths on the step's own input, or constants; None if omitted.
    """

    target: Target
    pattern: Pattern = "requestResponse"
    service_params: AbstractMapping[str, Path | Constant] | None = None
    timeout_seconds: int | None = None
    retry: tuple[Retry, ...] = ()
    catch: tuple[Catch, ...] = ()
    error_mappings: tuple[FieldMapping, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass(_StepBase):
    """Only applies its mappings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(_StepBase):
    """Waits for a duration or until a time: one is set. A path reads the step's own input."""

    duration: int | float | Path | None = None  # seconds
    timestamp: str | Path | None = None  # RFC 3339


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeed(_StepBase):
    """Ends the series that contains it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail(_StepBase):
    """Fails its parent, and so on up to the flow."""

    error: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """A branch of a choice. ``condition`` is None for the default."""

    condition: Condition | None
    steps: Series | None
    goto: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(_StepBase):
    """Takes the first option whose condition holds, else the default."""

    options: tuple[Option, ...]
    default: Option | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel(_StepBase):
    """Runs its branches in parallel."""

    branches: tuple[Series, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreach(_StepBase):
    """Runs its steps for each item of a list, in parallel."""

    collection: Path
    item: str
    index: str | None
    steps: Series


Step: TypeAlias = Task | Pass | Wait | Succeed | Fail | Choice | Parallel | Foreach


@dataclass(frozen=True, slots=True)
class Series:
    """Steps that run one after another; ``goto`` moves within one series."""

    steps: tuple[Step, ...]
    position: AbstractMapping[str, int]  # index of each step, by name


@dataclass(frozen=True, slots=True)
class Flow:
    """A whole definition."""

    version: str
    steps: Series
    input_mappings: tuple[FieldMapping, ...] | None = None
    output_mappings: tuple[FieldMapping, ...] | None = None
    timeout_seconds: int | None = None
