"""What no real cloud offers: its clock, meters, faults and contents, for tests and rehearsals.

Unsigned, on the loopback interface only.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Awaitable, Callable, Mapping

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from localcloud.cloud import LocalCloud
from localcloud.errors import CloudError
from localcloud.faults import FaultRule
from localcloud.http import Request, Response
from localcloud.oss import SeedObject
from localcloud.oss.model import StorageClass
from localcloud.settings import override


class SeedLine(BaseModel):
    """One line of a bulk upload: an object whose body is made up when it is read."""

    model_config = ConfigDict(extra="forbid")

    key: str
    size: int = Field(ge=0)
    storage_class: StorageClass


class _Seconds(BaseModel):
    seconds: float = Field(ge=0)


class _Region(BaseModel):
    region: str


_CHANGES = TypeAdapter(dict[str, str | float | None])
Answer = Mapping[str, object]
_Route = Callable[[Request, re.Match[str]], Awaitable[Answer]]


class Control:
    """The control API of one cloud."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud
        self._core = cloud.core
        self._routes: list[tuple[str, re.Pattern[str], _Route]] = [
            ("GET", re.compile(r"/meters"), self._meters),
            ("POST", re.compile(r"/meters/reset"), self._reset_meters),
            ("GET", re.compile(r"/clock"), self._clock),
            ("POST", re.compile(r"/clock/advance"), self._advance),
            ("POST", re.compile(r"/clock/hold"), self._hold),
            ("POST", re.compile(r"/clock/release"), self._release),
            ("POST", re.compile(r"/faults"), self._add_fault),
            ("DELETE", re.compile(r"/faults"), self._clear_faults),
            ("PUT", re.compile(r"/settings"), self._settings),
            ("POST", re.compile(r"/buckets/([^/]+)/objects"), self._seed),
            ("POST", re.compile(r"/accounts/(\d{16})"), self._account),
            ("GET", re.compile(r"/buckets/([^/]+)/thaws"), self._thaws),
            ("PUT", re.compile(r"/buckets/([^/]+)/region"), self._region),
            ("GET", re.compile(r"/resources"), self._resources),
            ("GET", re.compile(r"/processes"), self._processes),
            ("GET", re.compile(r"/logs"), self._logs),
            ("GET", re.compile(r"/warnings"), self._warnings),
        ]

    async def handle(self, request: Request) -> Response:
        """Routes one call."""
        try:
            answer, status = await self._route(request), 200
        except CloudError as error:
            answer, status = {"error": error.code, "message": error.message}, error.status
        except ValidationError as error:
            answer, status = {"error": "InvalidArgument", "message": str(error)}, 400
        return Response(status, {"content-type": "application/json"}, orjson.dumps(answer))

    async def _route(self, request: Request) -> Answer:
        for method, pattern, route in self._routes:
            match = pattern.fullmatch(request.raw_path)
            if match and method == request.method:
                return await route(request, match)
        raise CloudError("NotFound", f"no {request.method} {request.raw_path} here", 404)

    async def _meters(self, _request: Request, _match: re.Match[str]) -> Answer:
        return self._core.meters.read()

    async def _reset_meters(self, _request: Request, _match: re.Match[str]) -> Answer:
        self._core.meters.reset()
        return {}

    async def _clock(self, _request: Request, _match: re.Match[str]) -> Answer:
        return {"now": self._core.clock.now(), "time_lapse": self._core.clock.time_lapse}

    async def _advance(self, request: Request, match: re.Match[str]) -> Answer:
        self._core.clock.advance(_Seconds.model_validate_json(request.body).seconds)
        return await self._clock(request, match)

    async def _hold(self, request: Request, match: re.Match[str]) -> Answer:
        self._core.clock.hold()
        return await self._clock(request, match)

    async def _release(self, request: Request, match: re.Match[str]) -> Answer:
        self._core.clock.release()
        return await self._clock(request, match)

    async def _add_fault(self, request: Request, _match: re.Match[str]) -> Answer:
        self._core.faults.add(FaultRule.model_validate_json(request.body))
        return {}

    async def _clear_faults(self, _request: Request, _match: re.Match[str]) -> Answer:
        self._core.faults.clear()
        return {}

    async def _settings(self, request: Request, _match: re.Match[str]) -> Answer:
        """Sets switches and limits, by name, for executions that start from now on."""
        try:
            changes = _CHANGES.validate_json(request.body)
            self._core.settings = override(self._core.settings, changes)
        except ValueError as error:
            raise CloudError("InvalidArgument", str(error)) from error
        settings = self._core.settings
        return {
            **dataclasses.asdict(settings.switches),
            **dataclasses.asdict(settings.semantics),
            **dataclasses.asdict(settings.limits),
        }

    async def _seed(self, request: Request, match: re.Match[str]) -> Answer:
        seeds = map(SeedLine.model_validate_json, request.body.splitlines())
        objects = (SeedObject(seed.key, seed.size, seed.storage_class) for seed in seeds)
        return {"objects": self._cloud.oss.seed(match.group(1), objects)}

    async def _thaws(self, _request: Request, match: re.Match[str]) -> Answer:
        """How many objects a bucket has by class, and how many of them are in which state."""
        return {
            storage_class: {"objects": counts.total(), **counts}
            for storage_class, counts in self._cloud.oss.thaws(match.group(1)).items()
        }

    async def _region(self, request: Request, match: re.Match[str]) -> Answer:
        """Puts a bucket into another region, or back."""
        region = _Region.model_validate_json(request.body).region
        self._cloud.oss.move_bucket(match.group(1), region)
        return {"bucket": match.group(1), "region": region}

    async def _account(self, _request: Request, match: re.Match[str]) -> Answer:
        credential = self._cloud.open_account(match.group(1))
        return {
            "account_id": match.group(1),
            "access_key_id": credential.access_key_id,
            "access_key_secret": credential.secret,
        }

    async def _resources(self, _request: Request, _match: re.Match[str]) -> Answer:
        return self._cloud.resources()

    async def _processes(self, _request: Request, _match: re.Match[str]) -> Answer:
        return {
            account_id: [{"function": name, "pid": pid} for name, pid in account.fc.instances()]
            for account_id, account in self._cloud.accounts.items()
        }

    async def _warnings(self, _request: Request, _match: re.Match[str]) -> Answer:
        """What went wrong beside the functions and told nobody, by account."""
        return {a: account.fc.warnings() for a, account in self._cloud.accounts.items()}

    async def _logs(self, _request: Request, _match: re.Match[str]) -> Answer:
        """The last lines of every logstore."""
        return {
            f"{account_id}/{project.name}/{logstore}": [
                dataclasses.asdict(line)
                for line in account.sls.query(project.name, logstore, limit=1000)
            ]
            for account_id, account in self._cloud.accounts.items()
            for project in account.sls.projects.values()
            for logstore in project.logstores
        }
