"""One call of OSS's API, authenticated, on its way to its operation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from localcloud.http import Request, Response
from localcloud.oss.bucket import Bucket
from localcloud.oss.errors import invalid_argument
from localcloud.oss.model import StoredObject
from localcloud.oss.store import Store
from localcloud.ram.credentials import Principal

_NUMBER: Final = re.compile(r"[0-9]{1,9}")

Authorize = Callable[[Principal, str, str, Mapping[str, str]], None]


@dataclass(frozen=True, slots=True)
class Call:
    """What an operation is given.

    Attributes:
        query: decoded; a flag has an empty value.
        bucket_name: empty for calls of the service itself.
        key: empty for calls of a bucket.
        allow: refuses an action on a bucket and key (empty for the bucket itself) that the caller
            may not do; for operations that touch more than the call names.
    """

    store: Store
    request: Request
    query: Mapping[str, str]
    principal: Principal
    bucket_name: str
    key: str
    allow: Callable[[str, str, str], None]

    @property
    def bucket(self) -> Bucket:
        """The bucket; ``NoSuchBucket`` if there is none."""
        return self.store.get_bucket(self.bucket_name)

    @property
    def object(self) -> StoredObject:
        """The version that the call names, or else the current one; see ``Store.get_object``."""
        return self.store.get_object(self.bucket_name, self.key, self.query.get("versionId"))

    def version_header(self) -> dict[str, str]:
        """Names the version that the call is about, in a bucket that keeps versions."""
        version_id = self.query.get("versionId") or self.bucket.current_id(self.key)
        return {"x-oss-version-id": version_id} if version_id else {}

    @property
    def endpoint(self) -> str:
        """Where the client reached this server, so that what it is told is reachable for it."""
        return f"http://{self.request.headers.get('host', '')}"

    def header(self, name: str) -> str | None:
        """A request header, by its name in lower case."""
        return self.request.headers.get(name)

    def number(self, name: str, *, default: int, most: int) -> int:
        """A query parameter from 1 to ``most``; ``InvalidArgument`` for anything else."""
        text = self.query.get(name, "")
        if not text:
            return default
        if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= most:
            raise invalid_argument(f"{name} must be a number from 1 to {most}, not {text!r}.")
        return int(text)


Operation = Callable[[Call], Response]


def xml_response(body: bytes) -> Response:
    """200 with a document."""
    return Response(200, {"content-type": "application/xml"}, body)
