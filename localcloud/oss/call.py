"""One call of OSS's API, authenticated, on its way to its operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from localcloud.faults import FaultRule
from localcloud.http import Request, Response
from localcloud.oss.access import Access
from localcloud.oss.bucket import Bucket
from localcloud.oss.errors import invalid_argument, malformed_xml
from localcloud.oss.model import StoredObject
from localcloud.oss.store import MAX_KEY_BYTES, ObjectStore
from localcloud.oss.xml import MalformedXmlError, parse, render
from localcloud.whole_numbers import whole_number


@dataclass(frozen=True, slots=True)
class Call:
    """What an operation is given.

    Attributes:
        query: decoded; a flag has an empty value.
        bucket_name: empty for calls of the service itself.
        key: empty for calls of a bucket.
        access: what the caller may do, for operations that touch more than the call names.
        fault: the rule that applies to it, for operations that have faults of their own.
    """

    store: ObjectStore
    request: Request
    query: Mapping[str, str]
    bucket_name: str
    key: str
    access: Access
    fault: FaultRule | None = None

    @property
    def account_id(self) -> str:
        """The caller's account."""
        return self.access.principal.account_id

    @property
    def bucket(self) -> Bucket:
        """The bucket; ``NoSuchBucket`` if there is none."""
        return self.store.get_bucket(self.bucket_name)

    @property
    def object(self) -> StoredObject:
        """The version that the call names, or else the current one; see ``ObjectStore``."""
        return self.store.get_object(self.bucket_name, self.key, self.query.get("versionId"))

    @property
    def now(self) -> int:
        """Cloud time in whole seconds since 1970."""
        return int(self.store.now())

    def require(self, action: str) -> None:
        """Require another action on the object that the call names; see ``Access.require``."""
        self.access.require(action, self.bucket_name, self.key)

    def version_header(self) -> dict[str, str]:
        """The header with the version that the call is about, in a bucket that keeps versions."""
        version_id = self.query.get("versionId") or self.bucket.current_id(self.key)
        return {"x-oss-version-id": version_id} if version_id else {}

    @property
    def endpoint(self) -> str:
        """The URL under which the client reached this server, for answers that name an endpoint."""
        host = self.request.headers.get("host", "")
        return f"http://{host.removeprefix(f'{self.bucket_name}.') if self.bucket_name else host}"

    def header(self, name: str) -> str | None:
        """A request header, by its name in lower case."""
        return self.request.headers.get(name)

    def name(self, parameter: str) -> str:
        """A query parameter that is like a key: a prefix, a marker, a delimiter.

        Raises:
            CloudError: ``InvalidArgument``, it is longer than a key (seen in oss2's tests).
        """
        text = self.query.get(parameter, "")
        if len(text.encode()) > MAX_KEY_BYTES:
            raise invalid_argument(f"{parameter} has more than {MAX_KEY_BYTES} bytes.")
        return text

    def number(self, name: str, *, default: int, most: int) -> int:
        """A query parameter from 1 to ``most``; ``InvalidArgument`` for anything else."""
        text = self.query.get(name, "")
        if not text:
            return default
        number = whole_number(text)
        if number is None or not 1 <= number <= most:
            raise invalid_argument(f"{name} must be a number from 1 to {most}, not {text!r}.")
        return number

    def document(self, root: str) -> Element:
        """The body as XML; ``MalformedXML`` if it is another document, or none."""
        try:
            return parse(self.request.body, root=root)
        except MalformedXmlError as error:
            raise malformed_xml(str(error)) from error


Operation = Callable[[Call], Response]


def xml_response(root: Element, headers: Mapping[str, str] | None = None) -> Response:
    """200 with a document."""
    return Response(200, {"content-type": "application/xml", **(headers or {})}, render(root))
