"""The flows of an environment in the real engine, with the functions' logic where FC would be.

What decides sizes and turns is the functions' own code: how inputs are read, pages are filled and
ranges are checked. Only OSS is simple: a dictionary of keys, and when each is readable.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import cache
from typing import Any

import orjson

from functions.contract import Run
from functions.listing import list_page
from functions.run_input import parse_run, parse_run_input, start_run
from functions.status import range_status
from functions.store import ListedObject, Listing, Store
from infra.flows import FlowDefinition, render_flows
from infra.model import Environment
from infra.names import FLOWS, FlowKind, Names
from infra.policies import flows_policy, trust
from localcloud.core import Core
from localcloud.errors import CloudError
from localcloud.fnf.executions import Execution
from localcloud.fnf.history import Event
from localcloud.fnf.model import Workflow
from localcloud.ram.credentials import Credentials, Principal
from localcloud.ram.model import Ram
from localcloud.settings import Settings
from tests.infra.environments import ACCOUNT, environment

Json = Any
Fault = Callable[[str, Json], Exception | dict[str, Json] | None]
THAW_SECONDS = 60
ARTICLE = {"endpoint": "oss-cn-hangzhou.aliyuncs.com", "bucketName": "my-archive"}


class NamelessError(Exception):
    """The function ended without raising: it timed out, or its process exited."""


@dataclass(frozen=True)
class Answer:
    """What a function call came to."""

    payload: bytes
    error_type: str = ""


class MemoryStore(Store):
    """A bucket of objects whose keys and classes are known, in place of one in OSS."""

    def __init__(self, objects: Mapping[str, str], now: Callable[[], float]) -> None:
        self.readable_at: dict[str, float] = {}
        self._objects = dict(sorted(objects.items()))
        self._now = now

    def listings(self, prefix: str, marker: str) -> Iterator[Listing]:
        now = self._now()
        objects = tuple(
            ListedObject(key, 1, storage_class, 0, restore_info=self._restore_info(key, now))
            for key, storage_class in self._objects.items()
            if key.startswith(prefix) and key > marker
        )
        yield Listing(objects, truncated=False, now=now)

    def _restore_info(self, key: str, now: float) -> str:
        readable_at = self.readable_at.get(key)
        if readable_at is None:
            return ""
        if readable_at > now:
            return 'ongoing-request="true"'
        expiry = formatdate(readable_at + 86_400, usegmt=True)
        return f'ongoing-request="false", expiry-date="{expiry}"'


@dataclass
class Functions:
    """The functions of one deployment.

    Attributes:
        calls: of each function.
        thawed: how many requests were sent, by key.
        failed: why a group was given up, by key.
        fault: what a call raises, or returns, in place of its work; None for its work.
    """

    core: Core
    ram: Ram
    environment: Environment
    store: MemoryStore
    fault: Fault
    calls: Counter[str] = field(default_factory=Counter)
    thawed: Counter[str] = field(default_factory=Counter)
    failed: dict[str, str] = field(default_factory=dict)

    async def invoke(
        self, caller: Principal, service: str, qualifier: str, function: str, payload: bytes
    ) -> Answer:
        """As Function Compute does, RAM included."""
        assert service == Names(self.environment).service
        resource = f"acs:fc:cn-hangzhou:{ACCOUNT}:services/{service}/functions/{function}"
        self.ram.authorize(caller, "fc:InvokeFunction", resource, {})
        event = orjson.loads(payload)
        self.calls[function] += 1
        await asyncio.sleep(0)  # the others of a foreach come in between
        error = self.fault(function, event)
        if isinstance(error, dict):
            return Answer(orjson.dumps(error))
        if isinstance(error, CloudError):
            raise error
        if error is not None:
            body = {"errorMessage": str(error), "errorType": type(error).__name__}
            if isinstance(error, NamelessError):
                del body["errorType"]
            return Answer(orjson.dumps(body), "UnhandledInvocationError")
        return Answer(orjson.dumps(getattr(self, f"_{function}")(event)))

    def _run(self, event: Json) -> Run:
        limit = self.environment.limits.max_groups_per_page
        return parse_run(event["run"], foreach_limit=limit)

    def _prepareRun(self, event: Json) -> Json:  # noqa: N802 - the function's name
        given = event["input"]
        if "relay" in given:
            leg = {**given["relay"], "leg": "relay", "awaits": "false"}
            assert leg.keys() == {"run", "marker", "page", "leg", "awaits"}
            return leg
        limit = self.environment.limits.max_groups_per_page
        run = start_run(parse_run_input(given, foreach_limit=limit), event["executionName"])
        awaits = "true" if run.wait_for == "run" and not run.dry_run else "false"
        return {
            "run": run.to_json(),
            "marker": run.marker,
            "page": 0,
            "leg": "root",
            "awaits": awaits,
        }

    def _listArchiveFiles(self, event: Json) -> Json:  # noqa: N802 - the function's name
        return list_page(
            self.store,
            self._run(event),
            marker=event["marker"],
            page=event["page"],
            foreach_limit=self.environment.limits.max_groups_per_page,
        ).answer()

    def _restore(self, event: Json) -> Json:
        keys = event["files"]["keys"]
        if "failure" in event:
            assert event["failure"].keys() == {"error", "cause"}
            self.failed.update(dict.fromkeys(keys, event["failure"]["error"]))
            return {"outcomes": {"failed": len(keys)}}
        for key in keys:
            self.thawed[key] += 1
            self.store.readable_at[key] = self.core.clock.now() + THAW_SECONDS
        return {"outcomes": {"requested": len(keys)}}

    def _restoreStatus(self, event: Json) -> Json:  # noqa: N802 - the function's name
        run, after, until = self._run(event), event["after"], event["until"]
        return range_status(self.store, run, after=after, until=until).to_json()

    def _summarizeRun(self, event: Json) -> Json:  # noqa: N802 - the function's name
        outcomes = {"requested": len(self.thawed), "failed": len(self.failed)}
        return {
            "runId": event["run"]["runId"],
            "dryRun": event["run"]["dryRun"],
            "pages": 1,
            "scanned": 0,
            "listed": 0,
            "archived": 0,
            "planned": {},
            "outcomes": outcomes,
            "byClass": {},
            "bytes": {},
            "failed": len(self.failed),
            "unaccounted": 0,
            "report": "oss://reports/",
        }


@dataclass
class Played:
    """A run that has ended."""

    root: Execution
    functions: Functions
    executions: dict[FlowKind, list[Execution]]

    @property
    def output(self) -> Json:
        """The output of the root, which must have succeeded."""
        assert self.root.status == "Succeeded", (self.root.error, self.root.cause)
        return orjson.loads(self.root.output)

    @property
    def seconds(self) -> float:
        """Cloud time from beginning to end."""
        assert self.root.stopped_at is not None
        return self.root.stopped_at - self.root.started_at

    def readable(self) -> set[str]:
        """Keys that are readable by now."""
        store, now = self.functions.store, self.functions.core.clock.now()
        return {key for key, moment in store.readable_at.items() if moment <= now}

    def histories(self) -> list[list[Event]]:
        """The events of every execution."""
        ended = [execution for kind in FLOWS for execution in self.executions[kind]]
        return [execution.history.page(0, 100_000) for execution in ended]


def no_fault(function: str, event: Json) -> None:
    """Every call works."""


def play(
    objects: Mapping[str, str],
    *,
    fault: Fault = no_fault,
    settings: Settings | None = None,
    prepare: Callable[[Core], None] = lambda core: None,
    env: Environment | None = None,
    **run_input: Json,
) -> Played:
    """Runs the environment's flows over a bucket, to the end.

    Args:
        objects: storage classes by key.
        fault: makes calls of functions fail.
        settings: of the cloud.
        prepare: changes the cloud before the start.
        env: what is deployed.
        run_input: fields of the run's input, beside endpoint and bucket.
    """

    async def main() -> Played:
        core = Core(settings or Settings())
        prepare(core)
        deployed = env or environment()
        ram = _ram(deployed)
        store = MemoryStore(objects, core.clock.now)
        functions = Functions(core, ram, deployed, store, fault)
        workflow = Workflow(core, ram, functions)
        names = Names(deployed)
        role = f"acs:ram::{ACCOUNT}:role/{names.flows_role}"
        for flow in _flows(deployed.model_dump_json()):
            workflow.flows.create(flow.name, flow.text, role_arn=role)
        root = workflow.start_execution(
            names.flow("mainRestoreFlow"),
            name="run-1",
            input=orjson.dumps({**ARTICLE, **run_input}).decode(),
        )
        await root.poll(60)
        assert root.ended, "the run hangs"
        executions = {
            kind: [*workflow.flows.find(names.flow(kind)).executions.values()] for kind in FLOWS
        }
        assert all(execution.ended for ended in executions.values() for execution in ended)
        return Played(root, functions, executions)

    return asyncio.run(main())


@cache
def _flows(env: str) -> tuple[FlowDefinition, ...]:
    """Rendering takes longer than most runs."""
    return render_flows(Environment.model_validate_json(env))


def _ram(env: Environment) -> Ram:
    """An account with the flows' role, as the stack makes it."""
    ram = Ram(ACCOUNT, Credentials())
    name = Names(env).flows_role
    ram.create_role(name, trust("fnf.aliyuncs.com"), "", 0)
    ram.create_policy(name, flows_policy(env), "", 0)
    ram.attach(name, name)
    return ram


def archive(count: int, storage_class: str = "Archive", length: int = 0) -> dict[str, str]:
    """So many objects of one class, with keys of at least that length."""
    digits = math.ceil(math.log10(count + 1))
    return {f"{n:0{digits}}".ljust(length, "x"): storage_class for n in range(count)}
