"""A client of the local cloud's control API, which Alibaba Cloud does not have."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import requests
from pydantic import BaseModel

from oss_restore.clients.target import LocalEndpoints
from oss_restore.clients.unreachable import cannot_reach
from oss_restore.errors import RefusedError
from oss_restore.language import gettext as _
from oss_restore.redaction import remember

Setting = str | float | None

_RESPONSE_SECONDS: Final = 120


class SeedObject(BaseModel):
    """An object that appears in a bucket without an upload; its body is generated when read."""

    key: str
    size: int
    storage_class: str


class CloudClock(BaseModel):
    """A local cloud's clock.

    Attributes:
        now: seconds since 1970.
        time_lapse: whether it jumps to the next deadline when nothing runs.
        holds: number of holds by client.
    """

    now: float
    time_lapse: bool
    holds: dict[str, int]


class ObjectRow(BaseModel):
    """An object in a local cloud.

    Attributes:
        size: size in bytes.
        state: frozen, thawing or readable.
        readable_until: expiry in seconds since 1970; None if there is none.
    """

    key: str
    size: int
    storage_class: str
    state: str
    readable_until: int | None


class ObjectPage(BaseModel):
    """A page of a bucket's objects.

    Attributes:
        after: key after which the next page starts; None on the last page.
    """

    objects: list[ObjectRow]
    after: str | None


class FlowContent(BaseModel):
    """The definition and the role of a flow."""

    definition: str
    role_arn: str


class Configuration(BaseModel):
    """What stays the same in a local cloud until someone changes it.

    Attributes:
        resources: names of everything that exists, by kind.
        flows: flows by account and name.
        policies: documents of policies by account and name.
    """

    settings: dict[str, Setting]
    resources: dict[str, list[str]]
    flows: dict[str, dict[str, FlowContent]]
    policies: dict[str, dict[str, dict[str, object]]]


class RunningExecution(BaseModel):
    """An execution that has not ended."""

    flow: str
    name: str


@dataclass(frozen=True)
class ClassState:
    """The restore state of the objects of one storage class."""

    storage_class: str
    objects: int
    thawing: int
    readable: int

    @property
    def requested(self) -> int:
        """The number of objects that are thawing or thawed."""
        return self.thawing + self.readable


class FunctionWork(BaseModel):
    """The work of a function in a local cloud.

    Attributes:
        calls: number of calls.
        seconds: billed seconds of these calls.
        cpuSeconds: CPU time of its processes during the calls.
        requests: number of billed requests to OSS, by operation.
    """

    calls: int = 0
    seconds: float = 0.0
    cpuSeconds: float = 0.0  # noqa: N815 - its JSON name
    requests: dict[str, int] = {}

    def since(self, earlier: FunctionWork) -> FunctionWork:
        """Return the difference to an earlier moment."""
        return FunctionWork(
            calls=self.calls - earlier.calls,
            seconds=self.seconds - earlier.seconds,
            cpuSeconds=self.cpuSeconds - earlier.cpuSeconds,
            requests={
                name: count - earlier.requests.get(name, 0) for name, count in self.requests.items()
            },
        )


class ControlClient:
    """A client of the control API.

    Args:
        endpoints: endpoints of the cloud, with its token.
    """

    def __init__(self, endpoints: LocalEndpoints) -> None:
        self._url = endpoints.control
        self._holder = {"client": uuid.uuid4().hex}
        token = endpoints.control_token
        remember(token)
        self._http = requests.Session()
        self._http.trust_env = False
        # Each call has its own connection, so that none must be closed.
        self._http.headers["Connection"] = "close"
        if token:
            self._http.headers["Authorization"] = f"Bearer {token}"

    def _call(self, method: str, path: str, **arguments: Any) -> Any:
        try:
            response = self._http.request(
                method, self._url + path, timeout=_RESPONSE_SECONDS, **arguments
            )
        except requests.RequestException as error:
            raise RefusedError(cannot_reach(_("the local cloud"), self._url, error)) from error
        document = response.json()
        if not response.ok:
            raise RefusedError(
                _("the local cloud refused {method} {path}: {reason}").format(
                    method=method, path=path, reason=document["message"]
                )
            )
        return document

    def seed(self, bucket: str, objects: Iterable[SeedObject]) -> int:
        """Create objects in a bucket at once, and return their number."""
        lines = "\n".join(o.model_dump_json() for o in objects)
        response = self._call(
            "POST",
            f"/buckets/{bucket}/objects",
            data=lines.encode(),
            headers={"Content-Type": "application/x-ndjson"},
        )
        return int(response["objects"])

    def thaws(self, bucket: str) -> list[ClassState]:
        """Return the restore state of a bucket by storage class; not billed, unlike a listing."""
        return [
            ClassState(
                storage_class,
                objects=counts["objects"],
                thawing=counts.get("thawing", 0),
                readable=counts.get("readable", 0),
            )
            for storage_class, counts in self._call("GET", f"/buckets/{bucket}/thaws").items()
        ]

    def objects(self, bucket: str, after: str = "", limit: int = 100) -> ObjectPage:
        """Return the objects of a bucket after a key; not billed, unlike a listing."""
        parameters = {"after": after, "limit": limit}
        return ObjectPage.model_validate(
            self._call("GET", f"/buckets/{bucket}/objects", params=parameters)
        )

    def move_bucket(self, bucket: str, region: str) -> None:
        """Move a bucket to another region, where it is unreachable, or back."""
        self._call("PUT", f"/buckets/{bucket}/region", json={"region": region})

    def remove_bucket(self, bucket: str) -> None:
        """Delete a bucket with everything in it, even if that must be retained."""
        self._call("DELETE", f"/buckets/{bucket}", json={})

    def meters(self) -> dict[str, float]:
        """Return the billable amounts so far, by meter."""
        return dict(self._call("GET", "/meters"))

    def work(self) -> dict[str, FunctionWork]:
        """Return the work of each function since the cloud's start, by the function's name."""
        return {
            name: FunctionWork.model_validate(work)
            for name, work in self._call("GET", "/work").items()
        }

    def now(self) -> float:
        """Return the cloud time, in seconds since 1970."""
        return float(self._call("GET", "/clock")["now"])

    def clock(self) -> CloudClock:
        """Return the clock."""
        return CloudClock.model_validate(self._call("GET", "/clock"))

    def advance(self, seconds: float) -> None:
        """Move the cloud time forward."""
        self._call("POST", "/clock/advance", json={"seconds": seconds})

    def hold_clock(self) -> None:
        """Keep the clock from jumping to the next deadline."""
        self._call("POST", "/clock/hold", json=self._holder)

    def release_clock(self) -> None:
        """Release this client's hold on the clock."""
        self._call("POST", "/clock/release", json=self._holder)

    @property
    def holder(self) -> str:
        """The name by which this client holds the clock."""
        return self._holder["client"]

    @contextmanager
    def held_clock(self) -> Iterator[None]:
        """Hold the clock while the block runs."""
        self.hold_clock()
        try:
            yield
        finally:
            self.release_clock()

    def set(self, changes: Mapping[str, Setting]) -> dict[str, Setting]:
        """Set switches and limits for new executions, and return all of them."""
        return dict(self._call("PUT", "/settings", json=dict(changes)))

    def add_fault(self, **rule: object) -> None:
        """Add a fault rule."""
        self._call("POST", "/faults", json=rule)

    def faults(self) -> dict[int, dict[str, object]]:
        """Return the fault rules in force, by number."""
        return {int(number): rule for number, rule in self._call("GET", "/faults").items()}

    def remove_fault(self, number: int) -> None:
        """Remove one fault rule."""
        self._call("DELETE", f"/faults/{number}", json={})

    def clear_faults(self) -> None:
        """Remove every fault rule."""
        self._call("DELETE", "/faults", json={})

    def processes(self, account_id: str) -> dict[int, str]:
        """Return the processes of functions: ``service/function`` by process ID."""
        processes = self._call("GET", "/processes")[account_id]
        return {process["pid"]: process["function"] for process in processes}

    def runtime_warnings(self) -> list[str]:
        """Return a warning for each runtime whose functions run on another version of Python."""
        runtimes = self._call("GET", "/runtimes").values()
        return [
            runtime["warning"]
            for runtime in runtimes
            if runtime["functions"] and runtime["warning"]
        ]

    def warnings(self) -> list[str]:
        """Return problems outside the functions, such as lost log lines."""
        return [text for texts in self._call("GET", "/warnings").values() for text in texts]

    def resources(self) -> dict[str, list[str]]:
        """Return the names of everything that exists, by kind."""
        return dict(self._call("GET", "/resources"))

    def configuration(self) -> Configuration:
        """Return the settings, and what has been deployed."""
        return Configuration.model_validate(self._call("GET", "/configuration"))

    def executions(self, account_id: str) -> list[RunningExecution]:
        """Return the executions that have not ended."""
        executions = self._call("GET", "/executions")[account_id]
        return [RunningExecution.model_validate(execution) for execution in executions]
