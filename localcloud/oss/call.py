"""An authenticated request to OSS's API."""

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
    """The context of an operation.

    Attributes:
        query: the decoded query; a flag has an empty value.
        bucket_name: the bucket's name; empty for requests to the service itself.
        key: the object's key; empty for requests to a bucket.
        access: the caller's permissions, for operations on more than the addressed object.
        fault: the fault rule that applies, for operations with their own kinds of faults.
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
        """The bucket; raises ``NoSuchBucket`` if it does not exist."""
        return self.store.get_bucket(self.bucket_name)

    @property
    def object(self) -> StoredObject:
        """The requested version, or else the current one; see ``ObjectStore``."""
        return self.store.get_object(self.bucket_name, self.key, self.query.get("versionId"))

    @property
    def now(self) -> int:
        """Cloud time in whole seconds since 1970."""
        return int(self.store.now())

    def require(self, action: str) -> None:
        """Require an additional action on the object; see ``Access.require``."""
        self.access.require(action, self.bucket_name, self.key)

    def version_header(self) -> dict[str, str]:
        """Return the header with the object's version id, in a bucket that keeps versions."""
        version_id = self.query.get("versionId") or self.bucket.current_id(self.key)
        return {"x-oss-version-id": version_id} if version_id else {}

    @property
    def endpoint(self) -> str:
        """The URL that the client used for this server, for responses that contain an endpoint."""
        host = self.request.headers.get("host", "")
        return f"http://{host.removeprefix(f'{self.bucket_name}.') if self.bucket_name else host}"

    def header(self, name: str) -> str | None:
        """Return a request header, by its lower-case name."""
        return self.request.headers.get(name)

    def name(self, parameter: str) -> str:
        """Return a query parameter that is like a key: a prefix, marker or delimiter.

        Raises:
            CloudError: ``InvalidArgument``, it is longer than a key may be (as in oss2's tests).
        """
        text = self.query.get(parameter, "")
        if len(text.encode()) > MAX_KEY_BYTES:
            raise invalid_argument(f"{parameter} has more than {MAX_KEY_BYTES} bytes.")
        return text

    def number(self, name: str, *, default: int, most: int) -> int:
        """Return a number from 1 to ``most``; raise ``InvalidArgument`` for anything else."""
        text = self.query.get(name, "")
        if not text:
            return default
        number = whole_number(text)
        if number is None or not 1 <= number <= most:
            raise invalid_argument(f"{name} must be a number from 1 to {most}, not {text!r}.")
        return number

    def document(self, root: str) -> Element:
        """Parse the body as XML; raise ``MalformedXML`` if it has another root, or is not XML."""
        try:
            return parse(self.request.body, root=root)
        except MalformedXmlError as error:
            raise malformed_xml(str(error)) from error


Operation = Callable[[Call], Response]


def xml_response(root: Element, headers: Mapping[str, str] | None = None) -> Response:
    """Make a 200 response with an XML document."""
    return Response(200, {"content-type": "application/xml", **(headers or {})}, render(root))
