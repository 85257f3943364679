"""The flows of an account."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal

import fdl.parse
import fdl.tree
from fdl.errors import FlowSyntaxError
from fdl.semantics import Semantics
from localcloud.errors import CloudError
from localcloud.fnf.executions import Execution

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")  # docs 2849627
MAX_REQUEST_BYTES: Final = 1_024 * 1_024  # and so of a definition or an input (docs 2849627)
_MAX_FLOWS: Final = 10_000

FlowType = Literal["FDL", "DEFAULT"]


@dataclass(eq=False)
class FlowState:
    """The saved state of a flow.

    Attributes:
        created_at: cloud time, like ``modified_at``.
    """

    id: str
    name: str
    type: FlowType
    definition: str
    description: str
    role_arn: str
    created_at: float
    modified_at: float


@dataclass(eq=False)
class DeployedFlow(FlowState):
    """A flow, with its executions by name, in the order of their starts."""

    executions: dict[str, Execution] = field(default_factory=dict)


def check_name(name: str, kind: str) -> None:
    """Raise ``InvalidArgument`` if the name of a flow or an execution is invalid."""
    if not _NAME.fullmatch(name):
        raise CloudError(
            "InvalidArgument",
            f"{name!r} is not a valid name for {kind}: use up to 128 letters, digits, '_' and '-',"
            " starting with a letter or '_'.",
        )


@lru_cache(maxsize=256)
def _parse(definition: str, semantics: Semantics) -> fdl.tree.Flow:
    """Parse a definition, once for all of its executions; trees are immutable."""
    return fdl.parse.parse(definition, semantics)


class Flows:
    """Creates, finds, updates and lists flows.

    Args:
        now: cloud time in seconds.
        semantics: returns the current semantics of the flow language.
        changed: called with the name of every flow that changes.
    """

    def __init__(
        self,
        now: Callable[[], float],
        semantics: Callable[[], Semantics],
        changed: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._changed = changed
        self._now = now
        self._semantics = semantics
        self._by_name: dict[str, DeployedFlow] = {}

    def __iter__(self) -> Iterator[DeployedFlow]:
        return iter(self._by_name.values())

    def add(self, flow: DeployedFlow) -> None:
        """Add an existing flow (from saved state)."""
        self._by_name[flow.name] = flow

    def create(
        self,
        name: str,
        definition: str,
        *,
        description: str = "",
        role_arn: str = "",
        type: FlowType = "FDL",  # noqa: A002 - the API's word
    ) -> DeployedFlow:
        """Create a flow.

        Raises:
            CloudError: ``FlowAlreadyExists``, ``InvalidArgument`` for a bad name or definition.
        """
        check_name(name, "a flow")
        if name in self._by_name:
            raise CloudError("FlowAlreadyExists", f"There is already a flow {name!r}.", 409)
        if len(self._by_name) >= _MAX_FLOWS:
            raise CloudError(
                "FlowLimitExceeded", f"An account may have at most {_MAX_FLOWS} flows."
            )
        self.parse(definition)
        now = self._now()
        flow = DeployedFlow(
            id=str(uuid.uuid4()),
            name=name,
            type=type,
            definition=definition,
            description=description,
            role_arn=role_arn,
            created_at=now,
            modified_at=now,
        )
        self.add(flow)
        self._changed(name)
        return flow

    def update(
        self,
        name: str,
        *,
        definition: str | None = None,
        description: str | None = None,
        role_arn: str | None = None,
        type: FlowType | None = None,  # noqa: A002 - the API's word
    ) -> DeployedFlow:
        """Update the given properties. Running executions are not affected (docs 122488)."""
        flow = self.find(name)
        if definition is not None:
            self.parse(definition)
            flow.definition = definition
        if description is not None:
            flow.description = description
        if role_arn is not None:
            flow.role_arn = role_arn
        if type is not None:
            flow.type = type
        flow.modified_at = self._now()
        self._changed(name)
        return flow

    def remove(self, name: str) -> DeployedFlow:
        """Remove the flow with its executions, and return it."""
        flow = self.find(name)
        del self._by_name[name]
        self._changed(name)
        return flow

    def get(self, name: str) -> DeployedFlow | None:
        """Return a flow, or None if it does not exist."""
        return self._by_name.get(name)

    def find(self, name: str) -> DeployedFlow:
        """Return a flow; raise ``FlowNotExists`` if it does not exist."""
        try:
            return self._by_name[name]
        except KeyError:
            raise CloudError("FlowNotExists", f"There is no flow {name!r}.", 404) from None

    def page(self, *, limit: int, after: str) -> list[DeployedFlow]:
        """Return up to ``limit`` flows, sorted by name, that follow the given name."""
        names = sorted(name for name in self._by_name if name > after)
        return [self._by_name[name] for name in names[:limit]]

    def parse(self, definition: str) -> fdl.tree.Flow:
        """Parse a definition with the current semantics.

        Raises:
            CloudError: ``InvalidArgument``, with every problem, if it is not a valid flow;
                ``EntityTooLarge``.
        """
        if len(definition.encode()) > MAX_REQUEST_BYTES:
            raise CloudError("EntityTooLarge", f"Definition: at most {MAX_REQUEST_BYTES} bytes.")
        try:
            return _parse(definition, self._semantics())
        except FlowSyntaxError as error:
            raise CloudError(
                "InvalidArgument", f"The definition is not a valid flow:\n{error}"
            ) from error
