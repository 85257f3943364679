"""The calls that read and change the clock, meters, faults, settings, buckets and accounts."""

from __future__ import annotations

from typing import Annotated, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from localcloud.cloud import LocalCloud
from localcloud.control.responses import json_response
from localcloud.errors import CloudError
from localcloud.faults import FaultRule
from localcloud.oss import GeneratedObject
from localcloud.oss.model import StorageClass

_CENTURY: Final = 100 * 365 * 86_400
_LARGEST_OBJECT: Final = 48_800 * 2**30  # bytes; docs limits: 48.8 TB


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class SeedLine(_Document):
    """One line of a bulk upload: an object whose body is generated when it is read."""

    key: str
    size: int = Field(ge=0, le=_LARGEST_OBJECT)
    storage_class: StorageClass


class EmptyBody(_Document):
    """The body of a request without parameters: ``{}``."""


class Advance(_Document):
    """The number of seconds to move the clock by."""

    seconds: float = Field(ge=0, le=_CENTURY)


class Holder(_Document):
    """The holder of the clock: any name that the client chooses."""

    client: str = Field(min_length=1, max_length=128)


class Region(_Document):
    """The region to move a bucket to."""

    region: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")


class ListingRange(BaseModel):
    """The requested part of a listing."""

    model_config = ConfigDict(extra="forbid")

    after: str = ""
    limit: int = Field(default=100, ge=1, le=1000)


_CHANGES: Final = TypeAdapter(dict[str, str | Annotated[float, Field(allow_inf_nan=False)] | None])
_ACCOUNT_ID: Final = TypeAdapter(Annotated[str, Field(pattern=r"^[0-9]{16}$")])
B = TypeVar("B", bound=BaseModel)


class Actions:
    """The calls, for one cloud."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud
        self._core = cloud.core

    async def meters(self, _: Request) -> Response:
        return json_response(self._core.meters.read())

    async def reset_meters(self, request: Request) -> Response:
        await _read(request, EmptyBody)
        self._core.meters.reset()
        self._core.function_work.reset()
        self._core.journal.touch("meters")
        return json_response({})

    async def work(self, _: Request) -> Response:
        return json_response(
            {name: work.to_json() for name, work in self._core.function_work.read().items()}
        )

    async def clock(self, _: Request) -> Response:
        clock = self._core.clock
        return json_response(
            {"now": clock.now(), "time_lapse": clock.time_lapse, "holds": clock.client_holds()}
        )

    async def advance(self, request: Request) -> Response:
        self._core.clock.advance((await _read(request, Advance)).seconds)
        return await self.clock(request)

    async def hold(self, request: Request) -> Response:
        self._core.clock.hold_for((await _read(request, Holder)).client)
        return await self.clock(request)

    async def release(self, request: Request) -> Response:
        self._core.clock.release_for((await _read(request, Holder)).client)
        return await self.clock(request)

    async def faults(self, _: Request) -> Response:
        """List the active fault rules, by number."""
        rules = self._core.faults.rules().items()
        return json_response({str(number): rule.model_dump() for number, rule in rules})

    async def add_fault(self, request: Request) -> Response:
        number = self._core.faults.add(await _read(request, FaultRule))
        self._core.journal.touch("faults")
        return json_response({"number": number})

    async def remove_fault(self, request: Request) -> Response:
        await _read(request, EmptyBody)
        number: int = request.path_params["number"]
        if not self._core.faults.remove(number):
            raise CloudError("NoSuchFault", f"there is no fault rule {number}", 404)
        self._core.journal.touch("faults")
        return json_response({})

    async def clear_faults(self, request: Request) -> Response:
        await _read(request, EmptyBody)
        self._core.faults.clear()
        self._core.journal.touch("faults")
        return json_response({})

    async def settings(self, request: Request) -> Response:
        """Set switches and limits by name, for executions that start later."""
        changes = _CHANGES.validate_json(await request.body())
        try:
            self._core.change_settings(changes)
        except ValueError as error:
            raise CloudError("InvalidArgument", str(error)) from error
        return json_response(self._core.settings.by_name())

    async def seed(self, request: Request) -> Response:
        """Fill a bucket from one line of JSON per object; add none if any line is invalid."""
        lines = (await request.body()).splitlines()
        seeds = map(SeedLine.model_validate_json, lines)
        objects = (GeneratedObject(seed.key, seed.size, seed.storage_class) for seed in seeds)
        return json_response({"objects": self._cloud.oss.seed(_bucket(request), objects)})

    async def objects(self, request: Request) -> Response:
        """List a page of a bucket's objects after a key, with their state; not billed."""
        page = ListingRange.model_validate(dict(request.query_params))
        objects = [*self._cloud.oss.states(_bucket(request), page.after, page.limit)]
        after = objects[-1].key if len(objects) == page.limit else None
        return json_response({"objects": [state._asdict() for state in objects], "after": after})

    async def thaws(self, request: Request) -> Response:
        """Count a bucket's objects by class and state."""
        states = self._cloud.oss.thaws(_bucket(request))
        return json_response(
            {
                storage_class: {"objects": counts.total(), **counts}
                for storage_class, counts in states.items()
            }
        )

    async def region(self, request: Request) -> Response:
        """Move a bucket to another region, or back."""
        region = (await _read(request, Region)).region
        self._cloud.oss.move_bucket(_bucket(request), region)
        return json_response({"bucket": _bucket(request), "region": region})

    async def remove_bucket(self, request: Request) -> Response:
        """Delete a bucket with everything in it."""
        await _read(request, EmptyBody)
        self._cloud.oss.remove_bucket(_bucket(request))
        return json_response({})

    async def account(self, request: Request) -> Response:
        await _read(request, EmptyBody)
        account_id = _ACCOUNT_ID.validate_python(request.path_params["account_id"])
        credential = self._cloud.open_account(account_id)
        return json_response(
            {
                "account_id": account_id,
                "access_key_id": credential.access_key_id,
                "access_key_secret": credential.secret,
            }
        )


async def _read(request: Request, kind: type[B]) -> B:
    return kind.model_validate_json(await request.body())


def _bucket(request: Request) -> str:
    name: str = request.path_params["bucket"]
    return name
