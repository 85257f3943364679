"""OSS over HTTP: from a request to an operation, and back."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final
from urllib.parse import parse_qsl, unquote

from localcloud.core import Core
from localcloud.errors import AccessDeniedError, CloudError
from localcloud.faults import FaultRule
from localcloud.http import UNSIGNED_BYTES, Request, Response
from localcloud.meters import OSS_REQUESTS
from localcloud.oss.call import Authorize, Call
from localcloud.oss.errors import (
    WrongEndpointError,
    error_response,
    invalid_argument,
    invalid_object_name,
)
from localcloud.oss.httptime import http_date
from localcloud.oss.routes import Level, Route, find_route
from localcloud.oss.signatures import Signed, authenticate
from localcloud.oss.store import Store
from localcloud.ram.credentials import Credentials, Principal

_LISTS: Final = frozenset({"oss:ListObjects", "oss:ListObjectVersions"})
_OBJECT_BYTES: Final = 5 * 2**30  # of one call (docs putobject, uploadpart)


class Api:
    """The HTTP side of a store. Buckets are named in the path."""

    def __init__(
        self, store: Store, core: Core, credentials: Credentials, authorize: Authorize
    ) -> None:
        self._store = store
        self._core = core
        self._credentials = credentials
        self._authorize = authorize

    async def handle(self, request: Request) -> Response:
        """Answers one request."""
        try:
            response = await self._answer(request)
        except CloudError as error:
            return self.refuse(request, error)
        return self._signed_off(response, secrets.token_hex(12).upper())

    def refuse(self, request: Request, error: CloudError) -> Response:
        """A refusal as OSS writes it."""
        request_id = secrets.token_hex(12).upper()
        response = error_response(
            error,
            method=request.method,
            request_id=request_id,
            host=request.headers.get("host", ""),
        )
        return self._signed_off(response, request_id)

    def admit(self, head: Request) -> int:
        """How many bytes of body a request may have, by whoever has signed it."""
        bucket_name, key = _read_path(head.raw_path)
        self._authenticate(head, _read_query(head.query), bucket_name, key)
        return _OBJECT_BYTES if key else UNSIGNED_BYTES

    def _signed_off(self, response: Response, request_id: str) -> Response:
        own = {"Date": http_date(int(self._store.now())), "x-oss-request-id": request_id}
        return replace(response, headers={**response.headers, **own})

    async def _answer(self, request: Request) -> Response:
        bucket_name, key = _read_path(request.raw_path)
        query = _read_query(request.query)
        level = Level.OBJECT if key else Level.BUCKET if bucket_name else Level.SERVICE
        route = find_route(level, request.method, query, request.headers)
        fault = self._core.faults.pick("oss", route.name, f"{bucket_name}/{key}")
        if fault is not None and fault.kind == "reset":
            return Response(reset=True)
        if fault is not None and fault.kind == "error":
            raise _error_of(fault)
        try:
            response = self._run(route, request, query, bucket_name, key)
            if fault is not None and fault.kind == "late_error":
                raise _error_of(fault)
            # Errors are not billed, docs request-fees.
            self._core.meters.add(OSS_REQUESTS + route.name)
        finally:
            if fault is not None and fault.kind == "delay":
                await asyncio.sleep(fault.seconds)
        return response

    def _run(
        self, route: Route, request: Request, query: Mapping[str, str], bucket_name: str, key: str
    ) -> Response:
        principal = self._authenticate(request, query, bucket_name, key)
        self._refuse_elsewhere(bucket_name)
        action = route.version_action if "versionId" in query else route.action
        if action:
            self._allow(principal, _conditions(action, query), action, bucket_name, key)
        _check_digest(request)
        allow = partial(self._allow, principal, {})
        return route.run(Call(self._store, request, query, principal, bucket_name, key, allow))

    def _authenticate(
        self, request: Request, query: Mapping[str, str], bucket_name: str, key: str
    ) -> Principal:
        resource = f"/{bucket_name}/{key}" if bucket_name else "/"
        credential = authenticate(
            Signed(request.method, resource, query, request.headers),
            credentials=self._credentials,
            region=self._core.settings.region,
        )
        return credential.principal

    def _refuse_elsewhere(self, bucket_name: str) -> None:
        """Refuses calls of a bucket in another region; of every kind, which is assumed."""
        bucket = self._store.find_bucket(bucket_name)
        if bucket is not None and bucket.location != self._store.location:
            raise WrongEndpointError(bucket.location)

    def _allow(
        self,
        principal: Principal,
        conditions: Mapping[str, str],
        action: str,
        bucket_name: str,
        key: str,
    ) -> None:
        """Refuses what RAM does not grant, and whatever is another account's."""
        own = not bucket_name or action == "oss:PutBucket"
        owner = principal.account_id if own else self._store.get_bucket(bucket_name).owner
        path = f"{bucket_name}/{key}" if key else bucket_name or "*"
        resource = f"acs:oss:*:{owner}:{path}"
        if owner != principal.account_id:
            raise AccessDeniedError(principal=principal.arn, action=action, resource=resource)
        self._authorize(principal, action, resource, conditions)


def _conditions(action: str, query: Mapping[str, str]) -> Mapping[str, str]:
    """What a policy's conditions can ask about; a list without a prefix has an empty one.

    Assumed for ListObjectVersions, from ListObjects.
    """
    if action not in _LISTS:
        return {}
    return {
        "oss:Prefix": query.get("prefix", ""),
        "oss:Delimiter": query.get("delimiter", ""),
    }


def _error_of(fault: FaultRule) -> CloudError:
    return CloudError(fault.code, "A fault rule says so.", fault.status)


def _check_digest(request: Request) -> None:
    """Refuses a body that is not the one that was sent (Content-MD5)."""
    expected = request.headers.get("content-md5")
    if expected is None:
        return
    digest = hashlib.md5(request.body, usedforsecurity=False).digest()
    if base64.b64encode(digest).decode() != expected:
        raise CloudError("InvalidDigest", "The Content-MD5 you specified is not valid.", 400)


def _read_path(raw_path: str) -> tuple[str, str]:
    """Bucket and key; split before the one decoding, so that ``%2F`` and ``//`` stay data."""
    bucket_name, _, raw_key = raw_path.removeprefix("/").partition("/")
    try:
        return bucket_name, unquote(raw_key, errors="strict")
    except UnicodeDecodeError:
        raise invalid_object_name() from None


def _read_query(query: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(query, keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError:
        raise invalid_argument("The query is not UTF-8.") from None
