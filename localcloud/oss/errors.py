"""OSS's errors, with the detailed codes (EC) of its documentation, and their XML."""

from __future__ import annotations

import base64
import re
from typing import Final

from localcloud.errors import CloudError
from localcloud.http import Response
from localcloud.oss.xml import element, render, text

_NO_XML_CHARACTER: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST: Final = 1024  # oss2 reads 4,096 bytes of an error


def no_such_bucket() -> CloudError:
    """404, as in a response of the service."""
    return CloudError(
        "NoSuchBucket", "The specified bucket does not exist.", 404, ec="0015-00000101"
    )


def no_such_key() -> CloudError:
    """404, as in the SDK's tests."""
    return CloudError("NoSuchKey", "The specified key does not exist.", 404, ec="0026-00000001")


def no_such_version() -> CloudError:
    """404: a well-formed version id that the key does not have; the code is assumed."""
    return CloudError("NoSuchVersion", "The specified version does not exist.", 404)


class HeadedError(CloudError):
    """An error whose response has additional headers."""

    headers: dict[str, str]


class NotModifiedError(HeadedError):
    """304: the object has not changed since the caller read it.

    Args:
        etag: the object's ETag, quoted.
        modified: when the object was written, as an HTTP date.
    """

    def __init__(self, etag: str, modified: str) -> None:
        super().__init__("NotModified", "The object has not changed.", 304)
        self.headers = {"etag": etag, "last-modified": modified}


class PositionNotEqualToLengthError(HeadedError):
    """409: the position to append at is wrong; the response contains the right one.

    Args:
        position: the requested position.
        length: the object's length in bytes.
    """

    def __init__(self, position: str, length: int) -> None:
        super().__init__(
            "PositionNotEqualToLength", f"Position {position!r} is not the length {length}.", 409
        )
        self.headers = {"x-oss-next-append-position": str(length)}


class DeleteMarkerError(HeadedError):
    """The requested version is a delete marker (docs headobject, delete marker).

    Args:
        version_id: id of the delete marker.
        requested: whether the request specified the version.
    """

    def __init__(self, version_id: str, *, requested: bool) -> None:
        if requested:
            message = "The specified version is a delete marker."
            super().__init__("MethodNotAllowed", message, 405)
        else:
            super().__init__(
                "NoSuchKey", "The specified key does not exist.", 404, ec="0026-00000001"
            )
        self.headers = {"x-oss-delete-marker": "true", "x-oss-version-id": version_id}


class WrongEndpointError(CloudError):
    """403: the bucket is in another region (docs http-status-code-403; the element is assumed).

    Args:
        location: the bucket's region in OSS's spelling, such as ``oss-cn-beijing``.
    """

    def __init__(self, location: str) -> None:
        super().__init__(
            "AccessDenied",
            "The bucket you are attempting to access must be addressed using the specified"
            " endpoint. Please send all future requests to this endpoint.",
            403,
        )
        self.endpoint = f"{location}.aliyuncs.com"


def invalid_object_name() -> CloudError:
    """400: a key is empty, too long, not UTF-8, or starts with a slash or backslash."""
    return CloudError("InvalidObjectName", "The specified object name is not valid.", 400)


def invalid_object_state(ec: str) -> CloudError:
    """403: the operation needs the data, which is frozen."""
    return CloudError(
        "InvalidObjectState",
        "The operation is not valid for the object's state: restore the object first.",
        403,
        ec=ec,
    )


def invalid_argument(message: str, *, ec: str = "") -> CloudError:
    """400: a parameter or header has an invalid value."""
    return CloudError("InvalidArgument", message, 400, ec=ec)


def malformed_xml(message: str, *, ec: str = "") -> CloudError:
    """400: the body is not XML, or not the expected document."""
    return CloudError("MalformedXML", message, 400, ec=ec)


def precondition_failed(name: str) -> CloudError:
    """412: the object does not meet a condition of the request."""
    return CloudError("PreconditionFailed", f"The object does not meet the condition {name}.", 412)


def missing_argument(name: str) -> CloudError:
    """400: a parameter or header is missing."""
    return CloudError("MissingArgument", f"{name} is missing.", 400)


def not_implemented(feature: str) -> CloudError:
    """400: supported by the service but not by the local cloud; SDKs would retry a 501."""
    return CloudError("NotImplemented", f"The local cloud's OSS does not support {feature}.", 400)


def error_response(error: CloudError, *, method: str, request_id: str, host: str) -> Response:
    """The response to a failed call: XML, for HEAD in ``x-oss-err`` (as in oss2 and its tests)."""
    root = element("Error")
    text(root, "Code", error.code)
    text(
        root,
        "Message",
        _NO_XML_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", error.message)[:_LONGEST],
    )
    text(root, "RequestId", request_id)
    text(root, "HostId", host)
    if isinstance(error, WrongEndpointError):
        text(root, "Endpoint", error.endpoint)
    headers = dict(error.headers) if isinstance(error, HeadedError) else {}
    if error.ec:
        text(root, "EC", error.ec)
        headers["x-oss-ec"] = error.ec
    body = render(root)
    if isinstance(error, NotModifiedError):  # cannot have a body
        body = b""
    elif method == "HEAD":
        headers["x-oss-err"] = base64.b64encode(body).decode()
        body = b""
    else:
        headers["content-type"] = "application/xml"
    return Response(error.status, headers, body)
