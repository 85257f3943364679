"""The local cloud's control API: what no real cloud offers."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
from pydantic import BaseModel

from oss_restore.clients.bucket_progress import BucketProgress, ClassState, WatchBucket
from oss_restore.clients.target import LocalEndpoints
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.language import gettext as _


class SeedObject(BaseModel):
    """An object that appears in a bucket without being uploaded; its body is made up on reading."""

    key: str
    size: int
    storage_class: str


class ControlClient:
    """Calls of the control API.

    Args:
        endpoints: of the cloud, with its token.
    """

    def __init__(self, endpoints: LocalEndpoints) -> None:
        self._url = endpoints.control
        self._holder = {"client": uuid.uuid4().hex}
        token = endpoints.control_token
        # A connection for each call, so that there is none to close.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._http = httpx.Client(
            base_url=endpoints.control,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=120,
            trust_env=False,
            limits=limits,
        )

    def _ask(self, method: str, path: str, **arguments: Any) -> Any:
        try:
            answer = self._http.request(method, path, **arguments)
        except httpx.HTTPError as error:
            raise OperatorError(
                _("cannot reach {service} at {endpoint}: {reason}").format(
                    service=_("the local cloud"), endpoint=self._url, reason=error
                ),
                status=ExitStatus.REFUSED,
            ) from error
        document = answer.json()
        if answer.is_error:
            raise OperatorError(
                _("the local cloud refused {method} {path}: {reason}").format(
                    method=method, path=path, reason=document["message"]
                ),
                status=ExitStatus.REFUSED,
            )
        return document

    def seed(self, bucket: str, objects: Iterable[SeedObject]) -> int:
        """Puts objects into a bucket at once; returns how many."""
        lines = "\n".join(o.model_dump_json() for o in objects)
        answer = self._ask(
            "POST",
            f"/buckets/{bucket}/objects",
            content=lines.encode(),
            headers={"Content-Type": "application/x-ndjson"},
        )
        return int(answer["objects"])

    def thaws(self, bucket: str) -> list[ClassState]:
        """How a bucket's objects stand, by storage class. Not billed, unlike a listing."""
        return [
            ClassState(
                storage_class,
                objects=counts["objects"],
                thawing=counts.get("thawing", 0),
                readable=counts.get("readable", 0),
            )
            for storage_class, counts in self._ask("GET", f"/buckets/{bucket}/thaws").items()
        ]

    def move_bucket(self, bucket: str, region: str) -> None:
        """Puts a bucket into another region, where it is out of reach, or back into this one."""
        self._ask("PUT", f"/buckets/{bucket}/region", json={"region": region})

    def watch(self, bucket: str) -> WatchBucket:
        """What a run's display looks at: the bucket, and the time since this call."""
        started = self.now()
        return lambda: BucketProgress(self.thaws(bucket), self.now() - started)

    def meters(self) -> dict[str, float]:
        """Everything billable so far, by name."""
        return dict(self._ask("GET", "/meters"))

    def now(self) -> float:
        """Cloud time, in seconds since 1970."""
        return float(self._ask("GET", "/clock")["now"])

    def advance(self, seconds: float) -> None:
        """Moves cloud time forward."""
        self._ask("POST", "/clock/advance", json={"seconds": seconds})

    def hold_clock(self) -> None:
        """Keeps the clock from jumping: what waits goes on waiting."""
        self._ask("POST", "/clock/hold", json=self._holder)

    @contextmanager
    def held_clock(self) -> Iterator[None]:
        """Holds the clock while the block runs."""
        self.hold_clock()
        try:
            yield
        finally:
            self._ask("POST", "/clock/release", json=self._holder)

    def set(self, changes: Mapping[str, str | float | None]) -> None:
        """Sets switches and limits, for what starts from now on."""
        self._ask("PUT", "/settings", json=dict(changes))

    def add_fault(self, **rule: object) -> None:
        """Puts a fault rule in force."""
        self._ask("POST", "/faults", json=rule)

    def clear_faults(self) -> None:
        """Takes every fault rule out of force."""
        self._ask("DELETE", "/faults", json={})

    def processes(self, account_id: str) -> dict[int, str]:
        """The processes of an account's functions: ``service/function`` by process id."""
        found = self._ask("GET", "/processes")[account_id]
        return {process["pid"]: process["function"] for process in found}

    def warnings(self) -> list[str]:
        """What went wrong beside the functions, such as log lines that were lost."""
        return [text for texts in self._ask("GET", "/warnings").values() for text in texts]

    def resources(self) -> dict[str, list[str]]:
        """Names of everything that exists, by kind; kinds without any are left out."""
        return dict(self._ask("GET", "/resources"))
