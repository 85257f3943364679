"""OSS over HTTP: from requests to operations, and back."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl

from localcloud.core import Core
from localcloud.errors import CloudError
from localcloud.faults import FaultRule
from localcloud.http import UNSIGNED_BYTES, HttpService, Request, Response
from localcloud.meters import OSS_REQUESTS
from localcloud.oss.access import ANONYMOUS, Access
from localcloud.oss.addressing import Address, read_address
from localcloud.oss.call import Call
from localcloud.oss.checksums import content_md5, md5
from localcloud.oss.errors import WrongEndpointError, error_response, invalid_argument
from localcloud.oss.httptime import http_date
from localcloud.oss.route import Level, Route
from localcloud.oss.routes import ROUTER
from localcloud.oss.signatures import Signed, authenticate
from localcloud.oss.store import ObjectStore, check_key
from localcloud.ram.credentials import CredentialStore, Principal
from localcloud.ram.model import RamLookup

_LISTS: Final = frozenset({"oss:ListObjects", "oss:ListObjectVersions"})
_OF_NO_BUCKET_YET: Final = frozenset({"PutBucket", "PutBucketAcl"})
_OBJECT_BYTES: Final = 5 * 2**30  # maximum per request (docs putobject, uploadpart)


class Api:
    """The HTTP interface of a store."""

    def __init__(
        self, store: ObjectStore, core: Core, credentials: CredentialStore, ram_of: RamLookup
    ) -> None:
        self._store = store
        self._core = core
        self._credentials = credentials
        self._ram_of = ram_of

    async def handle(self, request: Request) -> Response:
        """Answer one request."""
        try:
            response = await self._respond(request)
        except CloudError as error:
            return self.refuse(request, error)
        return self._signed_off(response, secrets.token_hex(12).upper())

    def refuse(self, request: Request, error: CloudError) -> Response:
        """Make an error response in OSS's format."""
        request_id = secrets.token_hex(12).upper()
        response = error_response(
            error,
            method=request.method,
            request_id=request_id,
            host=request.headers.get("host", ""),
        )
        return self._signed_off(response, request_id)

    def admit(self, head: Request) -> int:
        """Return the maximum size of a request's body in bytes, which depends on its signature."""
        address = _address_of(head)
        principal = self._authenticate(head, _read_query(head.query), address)
        return _OBJECT_BYTES if address.key and principal is not ANONYMOUS else UNSIGNED_BYTES

    def _signed_off(self, response: Response, request_id: str) -> Response:
        own = {"Date": http_date(int(self._store.now())), "x-oss-request-id": request_id}
        return replace(response, headers={**response.headers, **own})

    async def _respond(self, request: Request) -> Response:
        address = _address_of(request)
        query = _read_query(request.query)
        level = Level.OBJECT if address.key else Level.BUCKET if address.bucket else Level.SERVICE
        route = ROUTER.find(level, request.method, query, request.headers)
        fault = self._core.faults.pick("oss", route.name, f"{address.bucket}/{address.key}")
        if fault is not None and fault.kind == "reset":
            return Response(reset=True)
        if fault is not None and fault.kind == "error":
            raise _error_of(fault)
        try:
            principal, response = self._run(route, request, query, address, fault)
            if fault is not None and fault.kind == "late_error":
                raise _error_of(fault)
            # Errors are not billed (docs request-fees).
            self._core.meters.add(OSS_REQUESTS + route.name)
            if principal.function:
                self._core.function_work.requested(principal.function, route.name)
        finally:
            if fault is not None and fault.kind == "delay":
                await asyncio.sleep(fault.seconds)
        return response

    def _run(
        self,
        route: Route,
        request: Request,
        query: Mapping[str, str],
        address: Address,
        fault: FaultRule | None,
    ) -> tuple[Principal, Response]:
        """Run an operation; return the caller and the response.

        Checks are in the service's order: bucket, signature, permissions, key, body. The tests of
        alibabacloud_oss_v2 show that a missing bucket comes first, and the exceptions.
        """
        bucket_name, key = address.bucket, address.key
        if bucket_name and route.name not in _OF_NO_BUCKET_YET:
            self._store.get_bucket(bucket_name)
        principal = self._authenticate(request, query, address)
        ROUTER.check(route, query, request.headers)
        self._refuse_elsewhere(address)
        access = Access(self._store, principal, self._ram_of)
        action = (route.version_action if "versionId" in query else "") or route.action
        if action:
            access.require(action, bucket_name, key, _conditions(action, query))
        if key:
            check_key(key)
        _check_digest(request)
        if request.method not in ("GET", "HEAD"):
            self._note_change(address, query)
        call = Call(self._store, request, query, bucket_name, key, access, fault)
        return principal, route.run(call)

    def _note_change(self, address: Address, query: Mapping[str, str]) -> None:
        """Record the bucket or object that an operation is about to change.

        The bucket's indexes record whatever else it writes or deletes.
        """
        journal, bucket_name, key = self._core.journal, address.bucket, address.key
        if key:
            journal.touch("object", bucket_name, key)
            journal.touch("restore_queues")
        else:
            journal.touch("bucket", bucket_name)
        if "uploads" in query or "uploadId" in query:
            self._note_upload(bucket_name, query.get("uploadId", ""), query.get("partNumber", ""))

    def _note_upload(self, bucket_name: str, upload_id: str, part: str) -> None:
        """Record an upload's parts: one may be added, or all removed with the upload."""
        journal, bucket = self._core.journal, self._store.find_bucket(bucket_name)
        upload = bucket.uploads.get(upload_id) if bucket else None
        journal.touch("uploads", bucket_name)
        parts = [part] if part else upload.parts if upload else []
        for number in parts:
            journal.touch("part", bucket_name, upload_id, str(number))

    def _authenticate(
        self, request: Request, query: Mapping[str, str], address: Address
    ) -> Principal:
        resource = f"/{address.bucket}/{address.key}" if address.bucket else "/"
        credential = authenticate(
            Signed(request.method, resource, query, request.headers),
            credentials=self._credentials,
            region=self._region_of(address),
        )
        return credential.principal if credential else ANONYMOUS

    def _region_of(self, address: Address) -> str:
        return address.region or self._core.settings.region

    def _refuse_elsewhere(self, address: Address) -> None:
        """Refuse requests to a bucket in another region (assumed to apply to every request)."""
        bucket = self._store.find_bucket(address.bucket)
        if bucket is not None and bucket.location != f"oss-{self._region_of(address)}":
            raise WrongEndpointError(bucket.location)


def _address_of(request: Request) -> Address:
    return read_address(request.headers.get("host", ""), request.raw_path)


def _conditions(action: str, query: Mapping[str, str]) -> Mapping[str, str]:
    """Return condition keys for RAM policies; a listing without a prefix has an empty one.

    Assumed for ListObjectVersions, by analogy with ListObjects.
    """
    if action not in _LISTS:
        return {}
    return {
        "oss:Prefix": query.get("prefix", ""),
        "oss:Delimiter": query.get("delimiter", ""),
    }


def _error_of(fault: FaultRule) -> CloudError:
    return CloudError(fault.code, "A fault rule refuses this request.", fault.status)


def _check_digest(request: Request) -> None:
    """Refuse a body that does not match its Content-MD5."""
    expected = request.headers.get("content-md5")
    if expected is not None and content_md5(md5(request.body)) != expected:
        raise CloudError("InvalidDigest", "The Content-MD5 you specified is not valid.", 400)


def _read_query(query: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(query, keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError:
        raise invalid_argument("The query is not UTF-8.") from None


class ObjectStorage(ObjectStore):
    """The buckets of all accounts, and their HTTP API.

    Args:
        core: the cloud's shared state.
        credentials: the keys that requests may be signed with.
        ram_of: see ``RamLookup``.
    """

    def __init__(self, core: Core, credentials: CredentialStore, ram_of: RamLookup) -> None:
        super().__init__(core)
        api = Api(self, core, credentials, ram_of)
        self.service = HttpService(api.handle, api.refuse, api.admit)
