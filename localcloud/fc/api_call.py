"""Shared by the operations of both API versions: calls, pages, responses, ETags."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import orjson

from localcloud.errors import CloudError
from localcloud.fc.compute import FunctionCompute
from localcloud.fc.platform import SERVICE_HOST
from localcloud.http import Response
from localcloud.ram.credentials import Principal
from localcloud.whole_numbers import whole_number

Json = dict[str, object]

_PAGE: Final = 20
_PAGE_LIMIT: Final = 100


class CodeLocation(Protocol):
    """The location of the code in a request."""

    @property
    def oss_bucket_name(self) -> str | None: ...

    @property
    def oss_object_name(self) -> str | None: ...

    @property
    def empty(self) -> bool:
        """Whether no code is given."""

    def decoded(self) -> bytes:
        """Return the zip in the body; raise ``InvalidArgument`` if it is malformed."""


ReadObject = Callable[[Principal, str, str], bytes]


@dataclass(frozen=True)
class ApiCall:
    """An authenticated request.

    Attributes:
        fc: Function Compute of the caller's account.
        service: service name in the path, without the qualifier; empty in FC 3.0.
        qualifier: version or alias.
        function: function name in the path.
        read_object: reads an object in OSS with the caller's permissions.
        download_url: returns the URL of the zip with a checksum.
    """

    fc: FunctionCompute
    caller: Principal
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    read_object: ReadObject
    download_url: Callable[[str], str]
    service: str = ""
    qualifier: str = ""
    function: str = ""

    def authorize(
        self, action: str, resource: str, context: Mapping[str, str] | None = None
    ) -> None:
        """Refuse the request unless the caller is authorized."""
        self.fc.ram.authorize(self.caller, action, resource, context)

    def authorize_here(self, action: str, resource: str) -> None:
        """Refuse the request unless the caller is authorized on this account's resource."""
        self.authorize(action, self.fc.arn(resource))

    def authorize_pass_role(self, role: str) -> None:
        """Refuse the request unless the caller may pass this role, if any, to functions."""
        if role:
            self.authorize("ram:PassRole", role, {"acs:Service": SERVICE_HOST})

    def code(self, location: CodeLocation | None) -> bytes | None:
        """Return the zip in the body or in OSS; None if the request has no code."""
        if location is None or location.empty:
            return None
        if location.oss_bucket_name:
            return self.read_object(
                self.caller, location.oss_bucket_name, location.oss_object_name or ""
            )
        return location.decoded()

    def resource_of(self, arn: str) -> str:
        """Return the last part of an ARN, or the text itself if it is not an ARN.

        Raises:
            CloudError: ``InvalidArgument``, it belongs to another service, region or account.
        """
        resource = arn.removeprefix(self.fc.arn(""))
        if resource.startswith("acs:"):
            raise CloudError("InvalidArgument", f"{arn} is not in {self.fc.arn('')}")
        return resource

    def choice(self, header: str, default: str, other: str) -> str:
        """Return a header with one of two values; raise ``InvalidArgument`` for others."""
        value = self.headers.get(header, default)
        if value not in (default, other):
            raise CloudError(
                "InvalidArgument", f"{header} is {value!r}, but must be {default} or {other}"
            )
        return value

    def check_etag(self, body: Json) -> None:
        """Refuse to update a resource that has changed since the caller read it."""
        etag = self.headers.get("if-match", "")
        if etag and etag != _etag(body):
            message = "the object does not match if-match; read it again"
            raise CloudError("PreconditionFailed", message, 412)

    async def invoke(self) -> Response:
        """Invoke the function in the path."""
        target = (self.caller, self.service, self.qualifier, self.function, self.body)
        if self.choice("x-fc-invocation-type", "Sync", "Async") == "Async":
            request_id = self.fc.invoke_later(*target)
            return Response(202, {"x-fc-request-id": request_id})
        with_log = self.choice("x-fc-log-type", "None", "Tail") == "Tail"
        invocation = await self.fc.invoke(*target)
        headers = {
            "content-type": "application/json",
            "x-fc-request-id": invocation.request_id,
            "x-fc-code-checksum": invocation.code_checksum,
        }
        if with_log:
            headers["x-fc-log-result"] = base64.b64encode(invocation.log.encode()).decode()
        if invocation.error_type:
            headers["x-fc-error-type"] = invocation.error_type
        return Response(200, headers, invocation.payload)

    def page(self, names: Iterable[str]) -> tuple[list[str], Json]:
        """Return the names on the requested page, and the token of the next page."""
        limit_text = self.query.get("limit", str(_PAGE))
        limit = whole_number(limit_text)
        if limit is None or not 1 <= limit <= _PAGE_LIMIT:
            message = f"limit is {limit_text!r}; it must be 1 to {_PAGE_LIMIT}"
            raise CloudError("InvalidArgument", message)
        start = max(self.query.get("startKey", ""), self.query.get("nextToken", ""))
        prefix = self.query.get("prefix", "")
        matching = sorted(name for name in names if name >= start and name.startswith(prefix))
        page, rest = matching[:limit], matching[limit:]
        return page, {"nextToken": rest[0]} if rest else {}


Operation = Callable[[ApiCall], Awaitable[Response]]


def object_response(body: Json) -> Response:
    """Make a response with a resource's state and ETag."""
    headers = {"content-type": "application/json", "etag": _etag(body)}
    return Response(200, headers, orjson.dumps(body))


def _etag(body: Json) -> str:
    text = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    return hashlib.md5(text, usedforsecurity=False).hexdigest()
