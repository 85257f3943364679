"""A workflow service with plain Python functions in place of Function Compute."""

from __future__ import annotations

import asyncio
import inspect
import textwrap
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson

from localcloud.core import Core
from localcloud.errors import CloudError
from localcloud.fnf.executions import Execution
from localcloud.fnf.history import Event
from localcloud.fnf.model import Workflow
from localcloud.ram.credentials import CredentialStore, Principal
from localcloud.ram.model import Ram
from localcloud.settings import Limits, Settings, Switches

ACCOUNT = "1234567890123456"
ROLE = f"acs:ram::{ACCOUNT}:role/flows"
TRUST = (
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"Service":["fnf.aliyuncs.com"]}}]}'
)
POLICY = (
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":["fnf:StartExecution",'
    '"fnf:DescribeExecution","fnf:StopExecution"],"Resource":["*"]}]}'
)

Json = Any
Function = Callable[[Json], Json | Awaitable[Json]]
T = TypeVar("T")

# Flows that several tests run.
ECHO = "resourceArn: acs:fc:::services/s/functions/echo"
EACH = """
steps:
  - type: foreach
    name: each
    iterationMapping: {collection: $.xs, item: x}
    steps:
      - {type: pass, name: p, outputMappings: [{target: y, source: $input.x}]}
    outputMappings: [{target: ys, source: "$local[*].y"}]
"""


@dataclass(frozen=True)
class Answer:
    """The result of a function call."""

    payload: bytes
    error_type: str = ""


@dataclass
class PlainFunctions:
    """Functions of any service as Python functions, sync or async, by name.

    ``calls`` lists every call: caller, function's name, event.
    """

    functions: dict[str, Function]
    calls: list[tuple[Principal, str, Json]] = field(default_factory=list)
    _broken: dict[str, bytes] = field(default_factory=dict)

    async def invoke(
        self, caller: Principal, service: str, qualifier: str, function: str, payload: bytes
    ) -> Answer:
        event = orjson.loads(payload)
        self.calls.append((caller, function, event))
        if function not in self.functions:
            raise CloudError("FunctionNotFound", f"no function {service}/{function}", 404)
        if function in self._broken:
            return Answer(self._broken.pop(function), "UnhandledInvocationError")
        try:
            result = self.functions[function](event)
            if inspect.isawaitable(result):
                result = await result
        except CloudError:
            raise
        except Exception as error:  # noqa: BLE001 - a function may raise anything; it is reported
            body = {"errorMessage": str(error), "errorType": type(error).__name__}
            return Answer(orjson.dumps(body), "UnhandledInvocationError")
        return Answer(result if isinstance(result, bytes) else orjson.dumps(result))

    def invoke_later(
        self, caller: Principal, service: str, qualifier: str, function: str, payload: bytes
    ) -> str:
        """Accept an asynchronous call, whose result is discarded."""
        if function not in self.functions:
            raise CloudError("FunctionNotFound", f"no function {service}/{function}", 404)
        self.calls.append((caller, function, orjson.loads(payload)))
        return "later"

    def break_once(self, function: str, payload: bytes) -> None:
        """Make a function's next call fail without an exception."""
        self._broken[function] = payload

    def events(self, function: str) -> list[Json]:
        """Return the events that a function was called with."""
        return [event for _, name, event in self.calls if name == function]


class Cloud:
    """A core, an account with a role for flows, and its workflow service."""

    def __init__(self, settings: Settings, functions: dict[str, Function]) -> None:
        self.core = Core(settings)
        self.credentials = CredentialStore()
        self.ram = Ram(ACCOUNT, self.credentials)
        self.ram.create_role("flows", TRUST, "", 0)
        self.ram.create_policy("children", POLICY, "", 0)
        self.ram.attach("children", "flows")
        self.functions = PlainFunctions(functions)
        self.workflow = Workflow(self.core, self.ram, self.functions)

    def flow(self, text: str, name: str = "flow") -> None:
        """Create a flow; the text may be indented, and its head may be omitted."""
        text = textwrap.dedent(text)
        head = "" if "version" in text else "version: v1\ntype: flow\n"
        self.workflow.flows.create(name, head + text, role_arn=ROLE)

    async def run(self, given: Json = None, *, flow: str = "flow", name: str = "") -> Execution:
        """Run a flow to its end."""
        execution = self.workflow.start_execution(
            flow, name=name, input=orjson.dumps(given or {}).decode()
        )
        await execution.poll(30)
        assert execution.ended, "the execution hangs"
        return execution


async def until(condition: Callable[[], object]) -> None:
    """Run the event loop until a condition holds."""
    while not condition():  # noqa: ASYNC110 - what happens in the cloud sets no event for tests
        await asyncio.sleep(0)


def scenario(
    play: Callable[[Cloud], Coroutine[Any, Any, T]],
    *,
    functions: dict[str, Function] | None = None,
    switches: Switches | None = None,
    limits: Limits | None = None,
    settings: Settings | None = None,
) -> T:
    """Play a scenario on a fresh cloud, and check that nothing holds its clock at the end."""
    chosen = settings or Settings(switches=switches or Switches(), limits=limits or Limits())

    async def main() -> T:
        cloud = Cloud(chosen, functions or {})
        result = await play(cloud)
        for _ in range(100):  # what the scenario did not wait for
            await asyncio.sleep(0)
        assert cloud.core.clock._held == 0
        return result

    return asyncio.run(main())


def run_flow(
    text: str,
    given: Json = None,
    *,
    functions: dict[str, Function] | None = None,
    switches: Switches | None = None,
    limits: Limits | None = None,
    settings: Settings | None = None,
) -> Execution:
    """Run one flow on a fresh cloud."""

    async def play(cloud: Cloud) -> Execution:
        cloud.flow(text)
        return await cloud.run(given)

    return scenario(play, functions=functions, switches=switches, limits=limits, settings=settings)


def output(execution: Execution) -> Json:
    """Return the output of an execution, which must have succeeded."""
    assert execution.status == "Succeeded", (execution.error, execution.cause)
    return orjson.loads(execution.output)


def events(execution: Execution) -> list[Event]:
    """Return all events of an execution."""
    return execution.history.page(0, 100_000)
